public import Domain

/// A mail address that a relay has called dead.
public struct Suppression: Sendable, Hashable {
    public var orgID: String
    /// In lower case.
    public var address: String
    /// The relay's word for it: `5.1.1` …
    public var reason: String
    public var since: Timestamp

    public init(orgID: String, address: String, reason: String, since: Timestamp) {
        self.orgID = orgID
        self.address = address
        self.reason = reason
        self.since = since
    }
}

/// Addresses that no mail is sent to any more, until somebody takes them off. Settlements put them on.
public struct SuppressionStore: Sendable {
    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// Addresses are compared without regard to case: mailboxes that differ in it alone are unknown in practice.
    static func normalised(_ address: String) -> String { address.lowercased() }

    /// Those of `addresses` that are suppressed, as they were given: one query per 512.
    public func suppressed(_ addresses: [String], orgID: String) async throws -> Set<String> {
        guard !addresses.isEmpty else { return [] }
        let found = try await committer.database.read { connection in
            var found: Set<String> = []
            for addresses in addresses.chunks(of: SQLList.limit) {
                let list = SQLList(addresses.map { .text(Self.normalised($0)) })
                try connection.query(
                    "SELECT address FROM suppressions WHERE org_id = ? AND address IN (\(list.placeholders))", [.text(orgID)] + list.arguments
                ) { found.insert($0.text(0) ?? "") }
            }
            return found
        }
        return Set(addresses.filter { found.contains(Self.normalised($0)) })
    }

    /// By org and address. `page.after` is the last entry's address, and needs a scope of one org.
    public func list(page: Page, scope: OrgScope) async throws -> Listing<Suppression> {
        let condition = scope.condition(on: "org_id")
        return try await committer.database.read { connection in
            var total = 0
            try connection.query("SELECT count(*) FROM suppressions WHERE \(condition.sql)", condition.arguments) { total = $0.count(0) }
            var sql = "SELECT org_id, address, reason, since FROM suppressions WHERE \(condition.sql)"
            var arguments = condition.arguments
            if let after = page.after {
                sql += " AND address > ? ORDER BY org_id, address LIMIT ?"
                arguments += [.text(Self.normalised(after)), SQLValue(page.limit + 1)]
            } else {
                sql += " ORDER BY org_id, address LIMIT ? OFFSET ?"
                arguments += [SQLValue(page.limit + 1), SQLValue((page.number - 1) * page.limit)]
            }
            var found: [Suppression] = []
            try connection.query(sql, arguments) { row in
                found.append(
                    Suppression(
                        orgID: row.text(0) ?? "", address: row.text(1) ?? "", reason: row.text(2) ?? "",
                        since: row.time(3) ?? Timestamp(microseconds: 0)))
            }
            return Listing(elements: Array(found.prefix(page.limit)), total: total, hasMore: found.count > page.limit)
        }
    }

    /// Takes an address off, in every org of the scope. False when it was not on.
    public func remove(_ address: String, scope: OrgScope) async throws -> Bool {
        let condition = scope.condition(on: "org_id")
        return try await committer.write { connection in
            try connection.run(
                "DELETE FROM suppressions WHERE address = ? AND \(condition.sql)", [.text(Self.normalised(address))] + condition.arguments) > 0
        }
    }
}
