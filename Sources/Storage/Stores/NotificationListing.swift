import Domain

/// One page of notifications and the number of all that the filter lets through, as queries.
///
/// A list is the merger of strands: each a range of one index that is in list order already, one per contract and, where that narrows it, per org.
/// Keys are found in the indexes alone; rows are read for the page only.
struct NotificationListing {
    var filter: NotificationFilter
    var scope: OrgScope
    var dialect: SQLDialect

    func page(_ page: Page, _ connection: any SQLConnection) throws -> Listing<Notification> {
        let strands = strands
        let total = try strands.reduce(0) { try $0 + count($1, connection) }
        var before: Int64?
        if let after = page.after {
            try connection.query("SELECT abs(sort_key) FROM notifications WHERE id = ?", [.text(after)]) { before = $0.integer(0) }
            guard before != nil else { return Listing(elements: [], total: total, hasMore: false) }
        }
        let offset = page.after == nil ? (page.number - 1) * page.limit : 0
        guard offset < total else { return Listing(elements: [], total: total, hasMore: false) }
        var keys: [Int64]
        if strands.count == 1 {
            keys = try self.keys(strands[0], before: before, limit: page.limit + 1, offset: offset, connection)
        } else {
            keys = try strands.flatMap { try self.keys($0, before: before, limit: offset + page.limit + 1, offset: 0, connection) }
            keys.sort(by: >)
            keys = Array(keys.dropFirst(offset).prefix(page.limit + 1))
        }
        let notifications = try rows(Array(keys.prefix(page.limit)), connection)
        return Listing(elements: notifications, total: total, hasMore: keys.count > page.limit)
    }

    private func count(_ strand: Strand, _ connection: any SQLConnection) throws -> Int {
        try NotificationSpan(from: filter.from, to: filter.to).countingParts.reduce(0) { sum, part in
            var count = 0
            try connection.query(
                "SELECT count(*) FROM \(strand.table(dialect)) WHERE \(strand.condition) AND \(part.condition)", strand.arguments + part.arguments
            ) { count = $0.count(0) }
            return sum + part.sign * count
        }
    }

    private func keys(
        _ strand: Strand, before: Int64?, limit: Int, offset: Int, _ connection: any SQLConnection
    ) throws -> [Int64] {
        let part = NotificationSpan(from: filter.from, to: filter.to).searchingPart
        var keys: [Int64] = []
        try connection.query(
            """
            SELECT sort_key FROM \(strand.table(dialect)) WHERE \(strand.condition) AND \(part.condition) AND sort_key < ?
            ORDER BY sort_key DESC LIMIT ? OFFSET ?
            """, strand.arguments + part.arguments + [.integer(before ?? .max), SQLValue(limit), SQLValue(offset)]
        ) { if let key = $0.integer(0) { keys.append(key) } }
        return keys
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
}

/// A range of one index, in list order.
private struct Strand {
    var index: String
    var condition: String
    var arguments: [SQLValue]

    init(_ index: String, _ conditions: (sql: String, arguments: [SQLValue])...) {
        self.index = index
        condition = conditions.map(\.sql).joined(separator: " AND ")
        arguments = conditions.flatMap(\.arguments)
    }

    func table(_ dialect: SQLDialect) -> String { "notifications \(dialect.going(by: index))" }
}

extension NotificationListing {
    /// Up to so many orgs each has strands of its own; a wider scope is filtered out of all.
    private static let separateOrgs = 16

    private var contracts: [Contract] { filter.contracts.isEmpty ? Contract.allCases : filter.contracts }

    /// The narrowest index first: a prompt or user has fewer notifications than a category, that has fewer than a status.
    private var strands: [Strand] {
        let list = SQLList(contracts.map { .text($0.rawValue) })
        let contract = (
            sql: filter.contracts.isEmpty ? "1 = 1" : "contract IN (\(list.placeholders))", arguments: filter.contracts.isEmpty ? [] : list.arguments
        )
        let user = equality("user_id", filter.userID)
        let prompt = equality("prompt_id", filter.promptID)
        let category = equality("category", filter.category)
        let scope = filter.orgID.map { self.scope.narrowed(to: $0) } ?? self.scope
        let visible = scope.condition(on: "org_id")
        if filter.userID != nil { return [Strand("notifications_by_user", user, prompt, category, status, contract, visible)] }
        if filter.promptID != nil { return [Strand("notifications_by_prompt", prompt, category, status, contract, visible)] }
        if filter.category != nil { return [Strand("notifications_by_category", category, status, contract, visible)] }
        if !filter.statuses.isEmpty {
            return filter.statuses.flatMap { status in
                contracts.map { Strand("notifications_by_status", equality("status", status.column), equality("contract", $0.rawValue), visible) }
            }
        }
        if case .orgs(let orgs) = scope, orgs.count <= Self.separateOrgs {
            return orgs.sorted().flatMap { org in
                contracts.map { Strand("notifications_by_org", equality("org_id", org), equality("contract", $0.rawValue)) }
            }
        }
        return contracts.map { Strand("notifications_by_contract", equality("contract", $0.rawValue), visible) }
    }

    private func equality(_ column: String, _ value: String?) -> (sql: String, arguments: [SQLValue]) {
        value.map { ("\(column) = ?", [.text($0)]) } ?? ("1 = 1", [])
    }

    private var status: (sql: String, arguments: [SQLValue]) {
        if filter.statuses.isEmpty { return ("1 = 1", []) }
        let list = SQLList(filter.statuses.map { .text($0.column) })
        return ("status IN (\(list.placeholders))", list.arguments)
    }
}
