import DequeModule

/// Writes that wait for their transaction, and which of them the next one takes. Pure.
///
/// Everybody waits for the transaction under way and for their own, so one is bounded by the rows that it writes, and who writes few does not stand behind
/// who writes many: a single message finds a bulk of a hundred thousand a few milliseconds long.
struct WaitingWrites<Write> {
    /// What a transaction writes, but for an operation that writes more by itself.
    static var rowLimit: Int { 256 }
    /// Up to here an operation is a light one: a message to a user with several devices.
    static var lightRows: Int { 16 }

    private var light: Deque<(write: Write, rows: Int)> = []
    private var heavy: Deque<(write: Write, rows: Int)> = []

    var count: Int { light.count + heavy.count }
    var isEmpty: Bool { light.isEmpty && heavy.isEmpty }

    mutating func append(_ write: Write, rows: Int) {
        if rows <= Self.lightRows { light.append((write, rows)) } else { heavy.append((write, rows)) }
    }

    /// The light ones first, each kind in its order; with one of the heavy ones in any case, so that no crowd of light ones holds them up for good, and half
    /// of the rows for the light ones however much that one writes.
    ///
    /// - Parameter limit: operations at most, 2 or more.
    mutating func next(limit: Int) -> [Write] {
        var group: [Write] = []
        let one = heavy.popFirst()
        var rows = one?.rows ?? 0
        var lightRows = 0
        while group.count < (one == nil ? limit : limit - 1), let first = light.first,
            rows + first.rows <= Self.rowLimit || lightRows + first.rows <= Self.rowLimit / 2
        {
            group.append(first.write)
            rows += first.rows
            lightRows += first.rows
            light.removeFirst()
        }
        if let one { group.append(one.write) }
        while group.count < limit, let first = heavy.first, rows + first.rows <= Self.rowLimit {
            group.append(first.write)
            rows += first.rows
            heavy.removeFirst()
        }
        return group
    }
}
