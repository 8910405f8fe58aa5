import Domain

/// What a route asks of its caller.
struct Access: Sendable, Hashable {
    /// Any of these; nil: no particular role.
    var roles: [Caller.Role]?
    /// Whether `auth.public: open` lets in who sends no credential.
    var isOpenToAnyone: Bool
    /// Whose route it is; empty: the gateway's own. A key that is bound to a contract opens that one's only.
    var contracts: [Contract] = []

    /// "Public" in the contracts' words.
    static let anyone = Access(roles: nil, isOpenToAnyone: true)

    /// The gateway's own endpoints: in open mode, on loopback, open too.
    static func role(_ roles: Caller.Role...) -> Access { Access(roles: roles, isOpenToAnyone: true) }

    /// A role in open mode too.
    static func always(_ roles: Caller.Role...) -> Access { Access(roles: roles, isOpenToAnyone: false) }

    /// Ends the request unless the caller has what the route asks for.
    func demand(of caller: Caller) throws(Problem) {
        if let bound = caller.contract, !contracts.contains(bound) {
            throw .forbidden("The key is bound to the contract \(bound.rawValue), and this is not one of its endpoints.")
        }
        switch caller.standing {
        case .open:
            guard isOpenToAnyone else { throw .unauthorized("This needs a credential in every mode: Authorization: Bearer …") }
        case .roles(let own):
            guard let roles, own.isDisjoint(with: roles) else { return }
            throw .forbidden("This needs the role \(roles.map(\.rawValue).joined(separator: " or ")).")
        }
    }
}
