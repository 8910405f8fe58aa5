import Domain

/// How many rows of a list there are, exactly, and in which of its blocks they stand: what has been added to the counts, and what has only been written down.
///
/// Everything is of one snapshot: the connection's.
struct ListLength {
    let connection: any SQLConnection

    init(_ connection: any SQLConnection) {
        self.connection = connection
    }

    /// The start that stands for the whole list.
    static let everything: Int64 = -1

    /// The whole list.
    func count(_ selection: ListSelection) throws -> Int {
        try counted(selection, "start = ?", [.integer(Self.everything)]) + written(selection, slots: 0..<Int64.max)
    }

    /// The rows with these keys: whole blocks by their counts, and what is left at the two ends, at most a block each, by the rows themselves.
    ///
    /// - Parameter rows: counts rows in the table.
    func count(_ selection: ListSelection, keys: Range<Int64>, rows: (Range<Int64>) throws -> Int) throws -> Int {
        if keys.lowerBound <= 0, keys.upperBound == .max { return try count(selection) }
        let whole = try ListBlocks.read(selection.list, connection).whole(within: keys)
        guard !whole.isEmpty else { return keys.isEmpty ? 0 : try rows(keys) }
        let slots = whole.lowerBound / CountedTable.slot..<(whole.upperBound == .max ? .max : whole.upperBound / CountedTable.slot)
        let inner =
            try counted(selection, "start >= ? AND start < ?", [.integer(slots.lowerBound), .integer(slots.upperBound)])
            + written(selection, slots: slots)
        let ends = [keys.lowerBound..<whole.lowerBound, whole.upperBound..<keys.upperBound].filter { !$0.isEmpty }
        return try ends.reduce(inner) { try $0 + rows($1) }
    }

    /// By how much the key of a row of this list may be later than its moment.
    func ahead(of list: String) throws -> Duration {
        var ahead: Int64 = 0
        try connection.query(
            """
            SELECT coalesce((SELECT max(ahead) FROM list_blocks WHERE list = ?), 0), coalesce((SELECT max(ahead) FROM list_changes WHERE list = ?), 0)
            """, [.text(list), .text(list)]
        ) { ahead = max($0.integer(0) ?? 0, $0.integer(1) ?? 0) }
        return .microseconds(ahead)
    }

    /// The newest rows of a selection with keys in a span, found where the counts say that there are any: a few rows among millions cost a look into
    /// their blocks, not a search.
    ///
    /// - Parameter certain: of the span, the keys whose rows are all meant; a block within it is skipped by its count.
    /// - Parameter fetch: gives the newest rows with these keys, at most so many.
    func newest<Row>(
        _ selection: ListSelection, keys: Range<Int64>, certain: Range<Int64>, skipping: Int, limit: Int,
        fetch: (_ keys: Range<Int64>, _ limit: Int) throws -> [Row]
    ) throws -> [Row] {
        guard !keys.isEmpty else { return [] }
        let blocks = try ListBlocks.read(selection.list, connection)
        var skipping = skipping
        var found: [Row] = []
        var index = blocks.index(of: (keys.upperBound - 1) / CountedTable.slot)
        func take(_ index: Int) throws {
            let rows = try fetch(blocks.keys(index).clamped(to: keys), skipping + limit - found.count)
            found += rows.dropFirst(skipping)
            skipping -= min(skipping, rows.count)
        }
        // Mostly the page is full after a block or two, and the counts need not be asked for.
        for _ in 0..<2 where index >= 0 && skipping == 0 && found.count < limit {
            try take(index)
            index -= 1
        }
        guard index >= 0, found.count < limit else { return found }
        let counts = try self.counts(selection, in: blocks, through: index)
        while index >= 0, found.count < limit, blocks.keys(index).upperBound > keys.lowerBound {
            let count = counts[index]
            let span = blocks.keys(index)
            if count > 0, count <= skipping, span.clamped(to: certain) == span {
                skipping -= count
            } else if count > 0 {
                try take(index)
            }
            index -= 1
        }
        return found
    }

    /// By the number of the block.
    private func counts(_ selection: ListSelection, in blocks: ListBlocks, through last: Int) throws -> [Int] {
        var counts = Array(repeating: 0, count: last + 1)
        let end = last + 1 < blocks.starts.count ? blocks.starts[last + 1] : .max
        try eachCounted(selection, "start, sum(count)", "start >= 0 AND start < ? GROUP BY start", [.integer(end)]) { row in
            counts[blocks.index(of: row.integer(0) ?? 0)] += row.count(1)
        }
        try eachWritten(selection, slots: 0..<end, "slot, ", " GROUP BY slot") { row in
            counts[blocks.index(of: row.integer(0) ?? 0)] += row.count(1)
        }
        return counts
    }

    private func counted(_ selection: ListSelection, _ condition: String, _ arguments: [SQLValue]) throws -> Int {
        var sum = 0
        try eachCounted(selection, "coalesce(sum(count), 0)", condition, arguments) { sum += $0.count(0) }
        return sum
    }

    private func written(_ selection: ListSelection, slots: Range<Int64>) throws -> Int {
        var sum = 0
        try eachWritten(selection, slots: slots, "", "") { sum += $0.count(0) }
        return sum
    }

    private func eachCounted(
        _ selection: ListSelection, _ columns: String, _ condition: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void
    ) throws {
        let status = selection.status("status") ?? ("1 = 1", [])
        for org in selection.orgs(allAs: "org_id = ''") {
            try connection.query(
                "SELECT \(columns) FROM list_counts WHERE list = ? AND \(org.sql) AND category = ? AND \(status.sql) AND \(condition)",
                [.text(selection.list)] + org.arguments + [.text(selection.category ?? "")] + status.arguments + arguments, each)
        }
    }

    private func eachWritten(
        _ selection: ListSelection, slots: Range<Int64>, _ columns: String, _ grouping: String, _ each: (any SQLRow) throws -> Void
    ) throws {
        let entered = selection.status("entered_status") ?? ("entered_status IS NOT NULL", [])
        let left = selection.status("left_status") ?? ("left_status IS NOT NULL", [])
        let category: (sql: String, arguments: [SQLValue]) = selection.category.map { ("category = ?", [.text($0)]) } ?? ("1 = 1", [])
        for org in selection.orgs(allAs: "1 = 1") {
            try connection.query(
                """
                SELECT \(columns)coalesce(sum(count * (CASE WHEN \(entered.sql) THEN 1 ELSE 0 END - CASE WHEN \(left.sql) THEN 1 ELSE 0 END)), 0)
                FROM list_changes WHERE list = ? AND \(category.sql) AND slot >= ? AND slot < ? AND \(org.sql)\(grouping)
                """,
                entered.arguments + left.arguments + [.text(selection.list)] + category.arguments
                    + [.integer(slots.lowerBound), .integer(slots.upperBound)] + org.arguments, each)
        }
    }
}

extension ListSelection {
    /// The orgs as conditions, one query each: more than one only for scopes wider than a statement takes.
    fileprivate func orgs(allAs all: String) -> [(sql: String, arguments: [SQLValue])] {
        guard case .orgs(let orgs) = scope else { return [(all, [])] }
        return orgs.sorted().chunks(of: SQLList.limit).map { orgs in
            let list = SQLList(orgs.map { .text($0) })
            return ("org_id IN (\(list.placeholders))", list.arguments)
        }
    }

    /// Nil for every status.
    fileprivate func status(_ column: String) -> (sql: String, arguments: [SQLValue])? {
        guard !statuses.isEmpty else { return nil }
        let list = SQLList(statuses.map { .text($0) })
        return ("\(column) IN (\(list.placeholders))", list.arguments)
    }
}
