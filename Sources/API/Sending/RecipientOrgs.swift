import Domain
import Storage

/// Which org each recipient of a call belongs to, and so which org's credentials reach them.
struct RecipientOrgs: Sendable {
    private let orgs: [String: String]
    private let caller: Caller

    init(_ orgs: [String: String], for caller: Caller) {
        self.orgs = orgs
        self.caller = caller
    }

    /// What a batch says of a recipient who is out of the caller's reach: the words of the 404 that a single call answers.
    static let unreachable = "There is no such user."

    /// The user's org by the directory, else the caller's. Nil: the user belongs to an org that the caller may not reach, which reads as "no such user".
    func org(of userID: String) -> String? {
        guard let org = orgs[userID] else { return caller.orgID }
        return caller.scope.contains(org) ? org : nil
    }
}

extension Dispatch {
    /// Looks up all recipients of a call at once.
    func orgs(of userIDs: [String], for caller: Caller) async throws -> RecipientOrgs {
        RecipientOrgs(try await directory.orgs(ofUsers: userIDs), for: caller)
    }

    /// The same for the one recipient of a call, which ends where the user is out of the caller's reach.
    func org(of userID: String, for caller: Caller) async throws -> String {
        guard let org = try await orgs(of: [userID], for: caller).org(of: userID) else { throw Problem.notFound("user") }
        return org
    }
}
