public import Domain

/// Deliveries as operators see them.
public struct DeliveryLog: Sendable {
    private let database: any SQLDatabase

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
        let condition = filter.condition(scope)
        return try await database.read { connection in
            var total = 0
            try connection.query("SELECT count(*) FROM deliveries WHERE \(condition.sql)", condition.arguments) { total = $0.count(0) }
            var sql = "SELECT \(Delivery.selection) FROM deliveries WHERE \(condition.sql)"
            var arguments = condition.arguments
            if let after = page.after {
                guard let after = Identifier(text: after, prefix: Delivery.idPrefix) else {
                    return Listing(elements: [], total: total, hasMore: false)
                }
                sql += " AND id < ? ORDER BY id DESC LIMIT ?"
                arguments += [SQLValue(after), SQLValue(page.limit + 1)]
            } else {
                sql += " ORDER BY id DESC LIMIT ? OFFSET ?"
                arguments += [SQLValue(page.limit + 1), SQLValue((page.number - 1) * page.limit)]
            }
            var deliveries: [Delivery] = []
            try connection.query(sql, arguments) { deliveries.append(try Delivery($0)) }
            return Listing(elements: Array(deliveries.prefix(page.limit)), total: total, hasMore: deliveries.count > page.limit)
        }
    }

    /// How many deliveries stand in each state; for readiness and metrics. Delivered ones, the many, are what is left of all.
    public func counts() async throws -> [DeliveryState: Int] {
        try await database.read { connection in
            var counts: [DeliveryState: Int] = [:]
            var others = 0
            for state in DeliveryState.allCases where state != .delivered {
                counts[state] = try Self.count("WHERE \(state.condition)", connection)
                others += counts[state] ?? 0
            }
            counts[.delivered] = try Self.count("", connection) - others
            return counts
        }
    }

    private static func count(_ condition: String, _ connection: any SQLConnection) throws -> Int {
        var count = 0
        try connection.query("SELECT count(*) FROM deliveries \(condition)", []) { count = $0.count(0) }
        return count
    }
}

extension DeliveryState {
    /// The state in words that let the database see that a partial index holds all such rows.
    fileprivate var condition: String {
        switch self {
        case .queued, .sending, .sent: "state = '\(rawValue)' AND settled_at IS NULL"
        case .delivered, .failed, .cancelled: "state = '\(rawValue)'"
        }
    }
}

extension DeliveryFilter {
    fileprivate func condition(_ scope: OrgScope) -> (sql: String, arguments: [SQLValue]) {
        let scope = scope.condition(on: "org_id")
        var parts = [scope.sql]
        var arguments = scope.arguments
        func add(_ part: String, _ value: SQLValue) {
            parts.append(part)
            arguments.append(value)
        }
        if let notificationID { add("notification_id = ?", .text(notificationID)) }
        // By way of the notifications, which have an index by user: one more on deliveries would cost every insert.
        if let userID { add("notification_id IN (SELECT id FROM notifications WHERE user_id = ?)", .text(userID)) }
        if let orgID { add("org_id = ?", .text(orgID)) }
        if let provider { add("provider = ?", .text(provider.rawValue)) }
        if let state { parts.append(state.condition) }
        if let from { add("created_at >= ?", SQLValue(from)) }
        if let to { add("created_at < ?", SQLValue(to)) }
        return (parts.joined(separator: " AND "), arguments)
    }
}

extension Attempt {
    fileprivate static let selection = "number, started_at, ended_at, outcome, rule, status, reason, detail, next_attempt_at"

    fileprivate init(_ row: any SQLRow) {
        self.init(
            number: row.count(0),
            startedAt: row.time(1) ?? Timestamp(microseconds: 0),
            endedAt: row.time(2) ?? Timestamp(microseconds: 0),
            outcome: row.text(3) ?? "",
            rule: row.text(4) ?? "",
            status: row.integer(5).map { Int($0) },
            reason: row.text(6),
            detail: row.text(7),
            nextAttemptAt: row.time(8))
    }
}
