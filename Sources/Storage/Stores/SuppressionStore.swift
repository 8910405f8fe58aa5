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

    /// By org, then by address. The page's cursor is an `OrgKey`'s text.
    ///
    /// - Parameter address: only this one; nil means every one.
    public func list(address: String? = nil, page: Page, scope: OrgScope) async throws -> Listing<Suppression> {
        var listing = OrgOrderedListing(
            selection: "org_id, address, reason, since", table: "suppressions", orgColumn: "org_id", keyColumn: "address"
        ) { row in
            Suppression(
                orgID: row.text(0) ?? "", address: row.text(1) ?? "", reason: row.text(2) ?? "", since: row.time(3) ?? Timestamp(microseconds: 0))
        }
        if let address {
            listing.condition = "address = ?"
            listing.arguments = [.text(Self.normalised(address))]
        }
        return try await committer.database.read { [listing] connection in try listing.page(page, scope: scope, connection) }
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
