import Domain

/// One page of notifications and the number of all that the filter lets through, as queries.
///
/// A list is the merger of its contracts' lists, and each of those the merger of strands: ranges of one index that are in list order already. Keys are
/// found in the indexes alone where these hold all that the filter asks for; rows are read for the page only. Totals are counted ahead.
struct NotificationListing {
    var filter: NotificationFilter
    var scope: OrgScope
    var dialect: SQLDialect

    func page(_ page: Page, _ connection: any SQLConnection) throws -> Listing<Notification> {
        let parts = try contracts.map { try ContractListing($0, of: self, connection) }
        let totals = try parts.map { try $0.total() }
        let total = totals.reduce(0, +)
        var before: Int64?
        if let after = page.after {
            try connection.query("SELECT abs(sort_key) FROM notifications WHERE id = ?", [.text(after)]) { before = $0.integer(0) }
            guard before != nil else { return Listing(elements: [], total: total, hasMore: false) }
        }
        let offset = page.after == nil ? (page.number - 1) * page.limit : 0
        guard offset < total else { return Listing(elements: [], total: total, hasMore: false) }
        let filled = zip(parts, totals).filter { $0.1 > 0 }.map(\.0)
        var keys: [Int64]
        if filled.count == 1 {
            keys = try filled[0].keys(below: before ?? .max, skipping: offset, limit: page.limit + 1)
        } else {
            // Each may have all of the page: its first entries are the candidates.
            keys = try filled.flatMap { try $0.keys(below: before ?? .max, skipping: 0, limit: offset + page.limit + 1) }
            keys.sort(by: >)
            keys = Array(keys.dropFirst(offset).prefix(page.limit + 1))
        }
        let notifications = try rows(Array(keys.prefix(page.limit)), connection)
        return Listing(elements: notifications, total: total, hasMore: keys.count > page.limit)
    }

    private func rows(_ keys: [Int64], _ connection: any SQLConnection) throws -> [Notification] {
        guard !keys.isEmpty else { return [] }
        let list = SQLList(keys.map { .integer($0) })
        var notifications: [Notification] = []
        try connection.query(
            "SELECT \(Notification.selection) FROM notifications WHERE sort_key IN (\(list.placeholders)) ORDER BY sort_key DESC", list.arguments
        ) { notifications.append(try Notification($0)) }
        return notifications
    }

    private var contracts: [Contract] { filter.contracts.isEmpty ? Contract.allCases : filter.contracts }

    var visible: OrgScope { filter.orgID.map { scope.narrowed(to: $0) } ?? scope }
}
