import Storage

/// Who calls, and what they may see: decided in one place, so that no contract knows how a caller proves who it is.
struct Caller: Sendable, Hashable {
    enum Role: String, Sendable, Hashable, CaseIterable {
        case coordinator
        case orgAdmin = "org_admin"
        case globalAdmin = "global_admin"
    }

    enum Standing: Sendable, Hashable {
        /// Nobody was asked for a credential (`auth.public: open`). Whatever is public or the gateway's own is open to it.
        case open
        case roles(Set<Role>)
    }

    /// Keeps idempotency keys of different callers apart.
    var id: String
    /// New notifications belong to it.
    var orgID: String
    /// Goes into every query.
    var scope: OrgScope
    var standing: Standing

    /// Ends the request unless the caller has one of these roles.
    func demand(_ roles: Role...) throws(Problem) {
        switch standing {
        case .open: return
        case .roles(let own):
            guard own.isDisjoint(with: roles) else { return }
            throw .forbidden("This needs the role \(roles.map(\.rawValue).joined(separator: " or ")).")
        }
    }
}
