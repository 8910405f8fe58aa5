public import Domain

/// Deliveries as operators see them.
public struct DeliveryLog: Sendable {
    let database: any SQLDatabase

    public init(_ committer: GroupCommit) {
        database = committer.database
    }

    public func get(_ id: Identifier, scope: OrgScope) async throws -> Delivery? {
        let condition = scope.condition(on: "org_id")
        return try await database.read { connection in
            var delivery: Delivery?
            try connection.query(
                "SELECT \(Delivery.selection) FROM deliveries WHERE id = ? AND \(condition.sql)", [SQLValue(id)] + condition.arguments
            ) { delivery = try Delivery($0) }
            return delivery
        }
    }

    /// Queued or being sent, by provider. Counted ahead: no delivery is looked at.
    public func open() async throws -> [ProviderName: Int] {
        try await database.read { connection in
            var open: [ProviderName: Int] = [:]
            for provider in ProviderName.allCases {
                open[provider] = try ListLength(connection).count(
                    ListSelection(
                        list: CountedTable.deliveryList, scope: .all, category: provider.rawValue, statuses: [CountedTable.waiting]))
            }
            return open
        }
    }

    public func attempts(of id: Identifier) async throws -> [Attempt] {
        try await database.read { connection in
            var attempts: [Attempt] = []
            try connection.query(
                "SELECT \(Attempt.selection) FROM attempts WHERE delivery_id = ? ORDER BY number", [SQLValue(id)]
            ) { attempts.append(Attempt($0)) }
            return attempts
        }
    }

    /// All deliveries of these notifications, oldest first.
    public func deliveries(of notificationIDs: [String], scope: OrgScope) async throws -> [Delivery] {
        guard !notificationIDs.isEmpty else { return [] }
        let condition = scope.condition(on: "org_id")
        return try await database.read { connection in
            var deliveries: [Delivery] = []
            for ids in notificationIDs.chunks(of: SQLList.limit) {
                let list = SQLList(ids.map { .text($0) })
                try connection.query(
                    "SELECT \(Delivery.selection) FROM deliveries WHERE notification_id IN (\(list.placeholders)) AND \(condition.sql)",
                    list.arguments + condition.arguments
                ) { deliveries.append(try Delivery($0)) }
            }
            return deliveries.sorted { $0.id < $1.id }
        }
    }

    /// Newest first, by id; a cursor that is no delivery's id gives an empty page.
    public func list(_ filter: DeliveryFilter, page: Page, scope: OrgScope) async throws -> Listing<Delivery> {
        let listing = DeliveryListing(filter: filter, scope: scope)
        return try await database.read { connection in try listing.page(page, connection) }
    }

    /// So many of them, newest first by id, behind the one that is named; nothing is counted. For whoever goes through all of them in steps: the next step is
    /// found where this one ended, whatever has become of its rows.
    public func step(_ filter: DeliveryFilter, after: Identifier?, limit: Int, scope: OrgScope) async throws -> [Delivery] {
        let listing = DeliveryListing(filter: filter, scope: scope)
        return try await database.read { connection in try listing.step(after: after, limit: limit, connection) }
    }

    /// How many deliveries stand in each state; for readiness and metrics.
    public func counts() async throws -> [DeliveryState: Int] {
        try await database.read { connection in
            var counts: [DeliveryState: Int] = [:]
            for state in DeliveryState.allCases {
                var filter = DeliveryFilter()
                filter.state = state
                counts[state] = try DeliveryListing(filter: filter, scope: .all).total(connection)
            }
            return counts
        }
    }
}

extension Attempt {
    static let selection = "number, started_at, ended_at, outcome, rule, status, reason, detail, next_attempt_at, next_reason"

    init(_ row: any SQLRow) {
        self.init(
            number: row.count(0),
            startedAt: row.time(1) ?? Timestamp(microseconds: 0),
            endedAt: row.time(2) ?? Timestamp(microseconds: 0),
            outcome: row.text(3) ?? "",
            rule: row.text(4) ?? "",
            status: row.integer(5).map { Int($0) },
            reason: row.text(6),
            detail: row.text(7),
            nextAttemptAt: row.time(8),
            waitCause: row.text(9).flatMap(WaitCause.init))
    }
}
