import Domain

/// One contract's part of a list.
struct ContractListing {
    let contract: Contract
    let filter: NotificationFilter
    let scope: OrgScope
    let dialect: SQLDialect
    let span: NotificationSpan
    let length: ListLength
    let strands: NotificationStrands

    init(_ contract: Contract, of listing: NotificationListing, _ connection: any SQLConnection) throws {
        self.contract = contract
        filter = listing.filter
        scope = listing.visible
        dialect = listing.dialect
        let length = ListLength(connection)
        let isBounded = filter.from != nil || filter.to != nil
        span = NotificationSpan(from: filter.from, to: filter.to, ahead: isBounded ? try length.ahead(of: contract.rawValue) : .zero)
        strands = try NotificationStrands(filter, contract, scope) { try length.count($0) }
        self.length = length
    }

    private var selection: ListSelection {
        ListSelection(list: contract.rawValue, scope: scope, category: filter.category, statuses: filter.statuses.map(\.column))
    }

    /// A user's or a prompt's notifications are few, and are counted one by one.
    private var isCounted: Bool { filter.userID == nil && filter.promptID == nil && filter.category != "" }

    func total() throws -> Int {
        if case .orgs(let orgs) = scope, orgs.isEmpty { return 0 }
        let inKeys = isCounted ? try length.count(selection, keys: span.keys) { try count($0) } : try count(span.keys)
        return try span.corrections.reduce(inKeys) { try $0 + $1.sign * count($1.condition, $1.arguments) }
    }

    /// With one lower bound and no more: SQLite goes by the first that it meets. Keys of deleted rows are negative.
    private func count(_ keys: Range<Int64>) throws -> Int {
        try count("sort_key >= ? AND sort_key < ?", [.integer(max(keys.lowerBound, 1)), .integer(keys.upperBound)])
    }

    private func count(_ condition: String, _ arguments: [SQLValue]) throws -> Int {
        var sum = 0
        for strand in strands.strands {
            try length.connection.query(
                "SELECT count(*) FROM \(strand.table(dialect)) WHERE \(strand.condition) AND \(condition)",
                strand.arguments + arguments
            ) { sum += $0.count(0) }
        }
        return sum
    }

    /// The newest sort keys below one, at most so many after skipping some.
    func keys(below: Int64, skipping: Int, limit: Int) throws -> [Int64] {
        let searched = span.searched.clamped(to: 1..<below)
        guard isCounted, !strands.areExact else { return try keys(searched, skipping: skipping, limit: limit) }
        return try length.newest(selection, keys: searched, certain: span.certain.clamped(to: searched), skipping: skipping, limit: limit) {
            try keys($0, skipping: 0, limit: $1)
        }
    }

    private func keys(_ range: Range<Int64>, skipping: Int, limit: Int) throws -> [Int64] {
        if strands.strands.count == 1 { return try keys(strands.strands[0], range, skipping: skipping, limit: limit) }
        let candidates = try strands.strands.flatMap { try keys($0, range, skipping: 0, limit: skipping + limit) }
        return Array(candidates.sorted(by: >).dropFirst(skipping).prefix(limit))
    }

    private func keys(_ strand: NotificationStrands.Strand, _ range: Range<Int64>, skipping: Int, limit: Int) throws -> [Int64] {
        guard !range.isEmpty else { return [] }
        let created = span.created
        var keys: [Int64] = []
        try length.connection.query(
            """
            SELECT sort_key FROM \(strand.table(dialect)) WHERE \(strand.condition) AND sort_key >= ? AND sort_key < ? AND \(created.sql)
            ORDER BY sort_key DESC LIMIT ? OFFSET ?
            """,
            strand.arguments + [.integer(range.lowerBound), .integer(range.upperBound)] + created.arguments + [SQLValue(limit), SQLValue(skipping)]
        ) { if let key = $0.integer(0) { keys.append(key) } }
        return keys
    }
}
