import Domain

/// One page of the delivery log, newest first by id, and the number of all that the filter lets through.
///
/// The table stands in the order of its ids. Totals, and where in it the rows of an org, a provider or a state are, are counted ahead.
struct DeliveryListing {
    var filter: DeliveryFilter
    var scope: OrgScope

    func page(_ page: Page, _ connection: any SQLConnection) throws -> Listing<Delivery> {
        let total = try total(connection)
        var upper = Identifier.greatest
        if let after = page.after {
            guard let id = Identifier(text: after, prefix: Delivery.idPrefix) else { return Listing(elements: [], total: total, hasMore: false) }
            upper = id
        }
        let offset = page.after == nil ? (page.number - 1) * page.limit : 0
        guard offset < total else { return Listing(elements: [], total: total, hasMore: false) }
        let deliveries = try newest(below: upper, skipping: offset, limit: page.limit + 1, connection)
        return Listing(elements: Array(deliveries.prefix(page.limit)), total: total, hasMore: deliveries.count > page.limit)
    }

    func step(after: Identifier?, limit: Int, _ connection: any SQLConnection) throws -> [Delivery] {
        if case .orgs(let orgs) = scope, orgs.isEmpty { return [] }
        return try newest(below: after ?? .greatest, skipping: 0, limit: limit, connection)
    }

    private func newest(below upper: Identifier, skipping: Int, limit: Int, _ connection: any SQLConnection) throws -> [Delivery] {
        guard isInBlocks, filter.state != .sending else { return try rows(keys, below: upper, skipping: skipping, limit: limit, connection) }
        return try ListLength(connection).newest(
            selection, keys: keys.clamped(to: 0..<Self.end(upper)), certain: certain, skipping: skipping, limit: limit
        ) { try rows($0, below: upper, skipping: 0, limit: $1, connection) }
    }

    func total(_ connection: any SQLConnection) throws -> Int {
        if case .orgs(let orgs) = scope, orgs.isEmpty { return 0 }
        let length = ListLength(connection)
        guard isCounted else { return try count(keys, of: filter.state.map(Self.condition), connection) }
        switch filter.state {
        case .sending: return try sending(connection)
        case .queued:
            let waiting = try length.count(selection, keys: keys) { try count($0, of: "state IN ('queued', 'sending')", connection) }
            return try waiting - sending(connection)
        case .sent, .delivered, .failed, .cancelled, nil:
            return try length.count(selection, keys: keys) { try count($0, of: filter.state.map(Self.condition), connection) }
        }
    }

    private var selection: ListSelection {
        let state = filter.state.map { $0 == .queued || $0 == .sending ? CountedTable.waiting : $0.rawValue }
        return ListSelection(
            list: CountedTable.deliveryList, scope: filter.orgID.map { scope.narrowed(to: $0) } ?? scope, category: filter.provider?.rawValue,
            statuses: state.map { [$0] } ?? [])
    }

    /// A notification's or a user's deliveries are few, and are looked for one by one.
    private var isInBlocks: Bool { filter.notificationID == nil && filter.userID == nil }

    /// Credentials and reasons are not counted ahead: the counts say where such rows may be, not how many there are.
    private var isCounted: Bool { isInBlocks && filter.credential == nil && filter.reason == nil }

    /// A delivery's key is its moment of creation.
    private var keys: Range<Int64> {
        let lower = max(filter.from?.microseconds ?? 0, 0)
        return lower..<max(filter.to?.microseconds ?? .max, lower)
    }

    /// All with these keys are meant, but what is being sent is counted among what is queued.
    private var certain: Range<Int64> { filter.state == .queued || !isCounted ? 0..<0 : keys }

    /// The key behind all that deliveries with smaller ids may have.
    private static func end(_ id: Identifier) -> Int64 { id == .greatest ? .max : (id.timestamp + .milliseconds(1)).microseconds }
}

extension DeliveryListing {
    /// Those being sent are few, and stand together in an index of what is not settled. The others are looked for in the order of the list: an index
    /// would have to be sorted.
    private static func condition(_ state: DeliveryState) -> String {
        "state = '\(state.rawValue)'" + (state == .sending ? " AND settled_at IS NULL" : "")
    }

    private func sending(_ connection: any SQLConnection) throws -> Int { try count(keys, of: Self.condition(.sending), connection) }

    private func rows(_ keys: Range<Int64>, below: Identifier, skipping: Int, limit: Int, _ connection: any SQLConnection) throws -> [Delivery] {
        let condition = condition(keys, of: filter.state.map(Self.condition), below: below)
        var deliveries: [Delivery] = []
        try connection.query(
            "SELECT \(Delivery.selection) FROM deliveries WHERE \(condition.sql) ORDER BY id DESC LIMIT ? OFFSET ?",
            condition.arguments + [SQLValue(limit), SQLValue(skipping)]
        ) { deliveries.append(try Delivery($0)) }
        return deliveries
    }

    private func count(_ keys: Range<Int64>, of state: String?, _ connection: any SQLConnection) throws -> Int {
        let condition = condition(keys, of: state, below: .greatest)
        var count = 0
        try connection.query("SELECT count(*) FROM deliveries WHERE \(condition.sql)", condition.arguments) { count = $0.count(0) }
        return count
    }

    /// Keys as a range of ids, which the table is in the order of, and of times, where an end is no whole millisecond.
    private func condition(_ keys: Range<Int64>, of state: String?, below: Identifier) -> (sql: String, arguments: [SQLValue]) {
        let lower = Identifier.lowest(notBefore: Timestamp(milliseconds: Timestamp(microseconds: keys.lowerBound).milliseconds))
        let upper = keys.upperBound == .max ? .greatest : Identifier.lowest(notBefore: Timestamp(microseconds: keys.upperBound))
        let visible = scope.condition(on: "org_id")
        var sql = "id >= ? AND id < ? AND created_at >= ? AND created_at < ? AND \(visible.sql)"
        var arguments =
            [SQLValue(lower), SQLValue(min(upper, below)), .integer(keys.lowerBound), .integer(keys.upperBound)] + visible.arguments
        if let state { sql += " AND \(state)" }
        func add(_ part: String, _ value: String?) {
            guard let value else { return }
            sql += " AND \(part)"
            arguments.append(.text(value))
        }
        add("notification_id = ?", filter.notificationID)
        // By way of the notifications, which have an index by user: one more on deliveries would cost every insert.
        add("notification_id IN (SELECT id FROM notifications WHERE user_id = ?)", filter.userID)
        add("org_id = ?", filter.orgID)
        add("provider = ?", filter.provider?.rawValue)
        add("reason = ?", filter.reason)
        // What stands behind the last slash: a lane is ORG/PROVIDER/NAME.
        if let name = filter.credential {
            sql += " AND length(lane) > ? AND substr(lane, length(lane) - ?) = ?"
            arguments += [SQLValue(name.unicodeScalars.count), SQLValue(name.unicodeScalars.count), .text("/" + name)]
        }
        return (sql, arguments)
    }
}
