public import Domain

/// The copy of other services' directory: who is who, who belongs where, what expires when.
///
/// Every write is an upsert; what is of another org than the scope allows is neither seen nor touched.
public struct DirectoryStore: Sendable {
    let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// Orgs of users, by user id; unknown users are left out.
    public func orgs(ofUsers ids: [String]) async throws -> [String: String] {
        guard !ids.isEmpty else { return [:] }
        return try await committer.database.read { connection in try Self.orgs(of: ids, in: "users", connection) }
    }

    /// By user id; unknown ones and those out of scope are left out.
    public func users(_ ids: [String], scope: OrgScope) async throws -> [String: User] {
        guard !ids.isEmpty else { return [:] }
        let visible = scope.condition(on: "u.org_id")
        return try await committer.database.read { connection in
            var users: [String: User] = [:]
            for ids in Array(Set(ids)).chunks(of: SQLList.limit) {
                let list = SQLList(ids.map { .text($0) })
                try connection.query(
                    "SELECT \(User.selection) FROM users u WHERE u.id IN (\(list.placeholders)) AND \(visible.sql)",
                    list.arguments + visible.arguments
                ) { row in
                    let user = User(row)
                    users[user.id] = user
                }
            }
            return users
        }
    }

    public func user(_ id: String, scope: OrgScope) async throws -> User? {
        try await users([id], scope: scope)[id]
    }

    /// Nil when there is none, or its user is out of scope.
    public func certification(_ id: String, of userID: String, scope: OrgScope) async throws -> Certification? {
        let visible = scope.condition(on: "u.org_id")
        return try await committer.database.read { connection in
            var found: Certification?
            try connection.query(
                """
                SELECT \(Certification.selection) FROM certifications c JOIN users u ON u.id = c.user_id
                WHERE c.user_id = ? AND c.id = ? AND \(visible.sql)
                """, [.text(userID), .text(id)] + visible.arguments
            ) { found = Certification($0) }
            return found
        }
    }

    /// The certification that expires soonest at or after `now`; expired ones are ignored.
    public func soonestCertification(of userID: String, notBefore now: Timestamp) async throws -> Certification? {
        try await committer.database.read { connection in
            var found: Certification?
            try connection.query(
                """
                SELECT \(Certification.selection) FROM certifications c
                WHERE c.user_id = ? AND c.expires_at >= ? ORDER BY c.expires_at, c.id LIMIT 1
                """, [.text(userID), SQLValue(now)]
            ) { found = Certification($0) }
            return found
        }
    }

    /// Users of one org whose soonest certification at or after `from` expires no later than `until`, in the order of their ids.
    ///
    /// - Parameter after: the last user id of the page before; nil begins.
    public func expiring(
        in orgID: String, after userID: String?, from: Timestamp, until: Timestamp, limit: Int
    ) async throws -> [(user: User, certification: Certification)] {
        let users = "users u \(committer.database.dialect.going(by: "users_by_org"))"
        return try await committer.database.read { connection in
            var found: [(user: User, certification: Certification)] = []
            // Along the org's users, and for each one look into the index: neither a sort nor the certifications of others.
            try connection.query(
                """
                SELECT \(User.selection), \(Certification.selection) FROM \(users) CROSS JOIN certifications c
                WHERE u.org_id = ? AND u.id > ? AND c.user_id = u.id AND c.expires_at <= ? AND c.id = (
                    SELECT n.id FROM certifications n WHERE n.user_id = u.id AND n.expires_at >= ? ORDER BY n.expires_at, n.id LIMIT 1)
                ORDER BY u.id LIMIT ?
                """, [.text(orgID), .text(userID ?? ""), SQLValue(until), SQLValue(from), SQLValue(limit)]
            ) { found.append((User($0), Certification($0, at: 8))) }
            return found
        }
    }

    public func mentor(_ id: String, scope: OrgScope) async throws -> Mentor? {
        try await mentors([id], scope: scope)[id]
    }

    /// By mentor id; unknown ones and those out of scope are left out.
    public func mentors(_ ids: [String], scope: OrgScope) async throws -> [String: Mentor] {
        guard !ids.isEmpty else { return [:] }
        let visible = scope.condition(on: "m.org_id")
        return try await committer.database.read { connection in
            var mentors: [String: Mentor] = [:]
            for ids in Array(Set(ids)).chunks(of: SQLList.limit) {
                let list = SQLList(ids.map { .text($0) })
                var found: [Mentor] = []
                try connection.query(
                    "SELECT \(Mentor.selection) FROM mentors m WHERE m.id IN (\(list.placeholders)) AND \(visible.sql)",
                    list.arguments + visible.arguments
                ) { found.append(Mentor($0)) }
                for mentor in try Self.withCoordinators(found, connection) { mentors[mentor.id] = mentor }
            }
            return mentors
        }
    }

    /// The orgs of what stands in a table under these ids.
    static func orgs(of ids: [String], in table: String, _ connection: any SQLConnection) throws -> [String: String] {
        var orgs: [String: String] = [:]
        for ids in ids.chunks(of: SQLList.limit) {
            let list = SQLList(ids.map { .text($0) })
            try connection.query("SELECT id, org_id FROM \(table) WHERE id IN (\(list.placeholders))", list.arguments) { row in
                orgs[row.text(0) ?? ""] = row.text(1) ?? ""
            }
        }
        return orgs
    }

    /// - Parameter mentors: 512 at most.
    static func withCoordinators(_ mentors: [Mentor], _ connection: any SQLConnection) throws -> [Mentor] {
        guard !mentors.isEmpty else { return [] }
        let list = SQLList(mentors.map { .text($0.id) })
        var coordinators: [String: [String]] = [:]
        try connection.query(
            "SELECT mentor_id, user_id FROM mentor_coordinators WHERE mentor_id IN (\(list.placeholders)) ORDER BY mentor_id, position",
            list.arguments
        ) { row in coordinators[row.text(0) ?? "", default: []].append(row.text(1) ?? "") }
        return mentors.map { mentor in
            var mentor = mentor
            mentor.coordinatorIDs = coordinators[mentor.id] ?? []
            return mentor
        }
    }
}
