/// Adds what has been written down to the counts: runs at the end of a transaction when some thousands have gathered.
///
/// So a count that every notification changes is written once for thousands of them, and several gateways never wait for each other over it but here.
struct ListFold: Sendable {
    /// What may gather before it is added. A list that is read looks through it, so it costs reading time; adding seldom saves writing.
    static let due = 8_192
    /// What is added at once: a bound for memory where far more has gathered.
    static let piece: Int64 = 16_384

    let dialect: SQLDialect
    /// Rows in a block.
    var full = ListBlocks.full

    /// - Returns: true when it did something, and more may be waiting.
    func runIfDue(_ connection: any SQLConnection) throws -> Bool {
        var first: Int64?
        var last: Int64?
        try connection.query("SELECT (SELECT min(number) FROM list_changes), (SELECT max(number) FROM list_changes)", []) { row in
            first = row.integer(0)
            last = row.integer(1)
        }
        guard let first, let last, last - first >= Self.due else { return false }
        try run(below: first + Self.piece, connection)
        return true
    }

    func run(below number: Int64, _ connection: any SQLConnection) throws {
        if let lock = dialect.lockingCounts { try connection.run(lock, []) }
        let changes = try Changes(below: number, connection)
        var sums: [Cell: Int] = [:]
        for list in changes.lists {
            let blocks = try extend(list, by: changes, connection)
            for (change, count) in changes.counts where change.list == list {
                let start = blocks.start(of: change.slot)
                for cell in change.cells(start: start) {
                    if let left = change.left { sums[cell.of(left), default: 0] -= count }
                    if let entered = change.entered { sums[cell.of(entered), default: 0] += count }
                }
            }
        }
        // In the order of the table's own tree.
        for (cell, count) in sums.filter({ $0.value != 0 }).sorted(by: { $0.key < $1.key }) { try add(count, to: cell, connection) }
    }

    /// The list's blocks, with those that the changes make necessary.
    private func extend(_ list: String, by changes: Changes, _ connection: any SQLConnection) throws -> ListBlocks {
        var blocks = try ListBlocks.read(list, connection)
        let known = blocks.starts.count
        for (slot, count) in changes.arrivals(in: list) { blocks.add(count, at: slot, full: full) }
        let ahead = SQLValue.integer(changes.ahead[list] ?? 0)
        for start in blocks.starts[(known - 1)...] {
            try connection.run(
                """
                INSERT INTO list_blocks (list, start, last, size, ahead) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (list, start) DO UPDATE SET last = excluded.last, size = excluded.size,
                    ahead = CASE WHEN list_blocks.ahead < excluded.ahead THEN excluded.ahead ELSE list_blocks.ahead END
                """, [.text(list), .integer(start), .integer(blocks.last), SQLValue(blocks.size), ahead])
        }
        return blocks
    }

    private func add(_ count: Int, to cell: Cell, _ connection: any SQLConnection) throws {
        let key: [SQLValue] = [.text(cell.list), .text(cell.org), .text(cell.category), .integer(cell.start), .text(cell.status)]
        var sum = 0
        try connection.query(
            """
            INSERT INTO list_counts (list, org_id, category, start, status, count) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (list, org_id, category, start, status) DO UPDATE SET count = list_counts.count + excluded.count
            RETURNING count
            """, key + [SQLValue(count)]
        ) { sum = $0.count(0) }
        // Old blocks would else keep a row for every status that their rows have passed through.
        if sum == 0 {
            try connection.run("DELETE FROM list_counts WHERE list = ? AND org_id = ? AND category = ? AND start = ? AND status = ?", key)
        }
    }
}

/// One count: so many rows of an org or all, of a category or all, with this status, in this block or the whole list.
private struct Cell: Hashable, Comparable {
    var list: String
    /// Empty for all.
    var org: String
    /// Empty for all.
    var category: String
    var start: Int64
    var status = ""

    func of(_ status: String) -> Cell {
        var cell = self
        cell.status = status
        return cell
    }

    static func < (a: Cell, b: Cell) -> Bool {
        (a.list, a.org, a.category, a.start, a.status) < (b.list, b.org, b.category, b.start, b.status)
    }
}

private struct Change: Hashable {
    var list: String
    var org: String
    var category: String
    var slot: Int64
    var left: String?
    var entered: String?

    /// The cells that it counts in, but for the status.
    func cells(start: Int64) -> [Cell] {
        [ListLength.everything, start].flatMap { start in
            let ofAll = [Cell(list: list, org: "", category: "", start: start), Cell(list: list, org: org, category: "", start: start)]
            if category.isEmpty { return ofAll }
            return ofAll + [
                Cell(list: list, org: "", category: category, start: start), Cell(list: list, org: org, category: category, start: start),
            ]
        }
    }
}

/// What was written down, taken off its table, alike with alike.
private struct Changes {
    private(set) var counts: [Change: Int] = [:]
    private(set) var ahead: [String: Int64] = [:]

    /// The database adds alike rows up: thousands are a few dozen kinds.
    init(below number: Int64, _ connection: any SQLConnection) throws {
        try connection.query(
            """
            SELECT list, org_id, category, slot, left_status, entered_status, sum(count), max(ahead) FROM list_changes WHERE number < ?
            GROUP BY list, org_id, category, slot, left_status, entered_status
            """, [.integer(number)]
        ) { row in
            let change = Change(
                list: row.text(0) ?? "", org: row.text(1) ?? "", category: row.text(2) ?? "", slot: row.integer(3) ?? 0, left: row.text(4),
                entered: row.text(5))
            counts[change] = row.count(6)
            ahead[change.list] = max(ahead[change.list] ?? 0, row.integer(7) ?? 0)
        }
        try connection.run("DELETE FROM list_changes WHERE number < ?", [.integer(number)])
    }

    var lists: [String] { ahead.keys.sorted() }

    /// Rows that are new in the list, by slot.
    func arrivals(in list: String) -> [(slot: Int64, count: Int)] {
        var arrivals: [Int64: Int] = [:]
        for (change, count) in counts where change.list == list && change.left == nil { arrivals[change.slot, default: 0] += count }
        return arrivals.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension ListBlocks {
    static func read(_ list: String, _ connection: any SQLConnection) throws -> ListBlocks {
        var starts: [Int64] = []
        var last: Int64 = 0
        var size = 0
        try connection.query("SELECT start, last, size FROM list_blocks WHERE list = ? ORDER BY start", [.text(list)]) { row in
            starts.append(row.integer(0) ?? 0)
            last = row.integer(1) ?? 0
            size = row.count(2)
        }
        return starts.isEmpty ? ListBlocks() : ListBlocks(starts: starts, last: last, size: size)
    }
}
