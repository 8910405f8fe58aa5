import Domain

/// One page of notifications and the number of all that the filter lets through, as queries.
struct NotificationListing {
    var filter: NotificationFilter
    var page: Page
    var scope: OrgScope

    func run(_ connection: any SQLConnection) throws -> Listing<Notification> {
        let condition = condition
        var total = 0
        try connection.query("SELECT count(*) FROM notifications WHERE \(condition.sql)", condition.arguments) { total = $0.count(0) }

        var sql = "SELECT \(Notification.selection) FROM notifications WHERE \(condition.sql)"
        var arguments = condition.arguments
        if let after = page.after {
            var sortKey: Int64?
            try connection.query("SELECT sort_key FROM notifications WHERE id = ?", [.text(after)]) { sortKey = $0.integer(0) }
            guard let sortKey else { return Listing(elements: [], total: total, hasMore: false) }
            sql += " AND sort_key < ? ORDER BY sort_key DESC LIMIT ?"
            arguments += [.integer(sortKey), SQLValue(page.limit + 1)]
        } else {
            sql += " ORDER BY sort_key DESC LIMIT ? OFFSET ?"
            arguments += [SQLValue(page.limit + 1), SQLValue((page.number - 1) * page.limit)]
        }
        var notifications: [Notification] = []
        try connection.query(sql, arguments) { notifications.append(try Notification($0)) }
        return Listing(elements: Array(notifications.prefix(page.limit)), total: total, hasMore: notifications.count > page.limit)
    }

    /// How far a sort key may lie behind the moment of creation: it counts up where many are created in one microsecond.
    private static let drift: Duration = .seconds(2)

    private var condition: (sql: String, arguments: [SQLValue]) {
        let visible = scope.condition(on: "org_id")
        var parts = ["deleted_at IS NULL", visible.sql]
        var arguments = visible.arguments
        func add(_ part: String, _ values: SQLValue...) {
            parts.append(part)
            arguments += values
        }
        if !filter.contracts.isEmpty {
            let list = SQLList(filter.contracts.map { .text($0.rawValue) })
            parts.append("contract IN (\(list.placeholders))")
            arguments += list.arguments
        }
        if let userID = filter.userID { add("user_id = ?", .text(userID)) }
        if let scenarioID = filter.scenarioID { add("scenario_id = ?", .text(scenarioID)) }
        if let promptID = filter.promptID { add("prompt_id = ?", .text(promptID)) }
        switch filter.status {
        case .folded(let status): add("status = ? AND stated_status IS NULL", .text(status.rawValue))
        case .stated(let status): add("status = ? AND stated_status = ?", .text(status), .text(status))
        case nil: break
        }
        // The sort key bounds the search, the moment of creation decides.
        if let from = filter.from { add("sort_key >= ? AND created_at >= ?", SQLValue(from), SQLValue(from)) }
        if let to = filter.to { add("sort_key < ? AND created_at < ?", SQLValue(to + Self.drift), SQLValue(to)) }
        return (parts.joined(separator: " AND "), arguments)
    }
}
