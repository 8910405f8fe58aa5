import Domain

/// The body of `POST /api/v1/keys`.
struct KeyRequest: Sendable {
    let wish: KeyDesk.Wish

    init(_ reader: inout FieldReader, defaultOrg: String, now: Timestamp) {
        let name = reader.text("name", .id)
        let org = reader.text("org_id", .id)
        if org?.isEmpty == true { reader.fault("org_id", "must not be empty") }
        let roles = Self.roles(&reader)
        let contract = reader.word("contract", of: KeyDesk.contracts)
        let expiresAt = reader.time("expires_at")
        if let expiresAt, expiresAt <= now { reader.fault("expires_at", "must be in the future") }
        wish = KeyDesk.Wish(name: name, orgID: org ?? defaultOrg, roles: roles, contract: contract, expiresAt: expiresAt)
    }

    /// None at all is a role too: such a key opens what needs a credential and no role.
    private static func roles(_ reader: inout FieldReader) -> Set<Role> {
        var roles: Set<Role> = []
        for (index, value) in (reader.array("roles") ?? []).enumerated() {
            if let role = value.string.flatMap(Role.init) {
                roles.insert(role)
            } else {
                reader.fault("roles", below: [String(index)], "must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
            }
        }
        return roles
    }
}
