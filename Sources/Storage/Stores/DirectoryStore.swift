public import Domain

/// The copy of other services' directory: who is who, who belongs where, what expires when.
///
/// Every write is an upsert; what is of another org than the scope allows is neither seen nor touched.
public struct DirectoryStore: Sendable {
    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// Orgs of users, by user id; unknown users are left out.
    public func orgs(ofUsers ids: [String]) async throws -> [String: String] {
        [:]
    }

    /// By user id; unknown ones and those out of scope are left out.
    public func users(_ ids: [String], scope: OrgScope) async throws -> [String: User] {
        [:]
    }

    /// The certification that expires soonest at or after `now`; expired ones are ignored.
    public func soonestCertification(of userID: String, notBefore now: Timestamp) async throws -> Certification? {
        nil
    }

    /// Users of one org whose soonest certification at or after `from` expires no later than `until`, in the order of their ids.
    ///
    /// - Parameter after: the last user id of the page before; nil begins.
    public func expiring(
        in orgID: String, after userID: String?, from: Timestamp, until: Timestamp, limit: Int
    ) async throws -> [(user: User, certification: Certification)] {
        []
    }

    public func mentor(_ id: String, scope: OrgScope) async throws -> Mentor? {
        nil
    }

    /// By mentor id; unknown ones and those out of scope are left out.
    public func mentors(_ ids: [String], scope: OrgScope) async throws -> [String: Mentor] {
        [:]
    }
}
