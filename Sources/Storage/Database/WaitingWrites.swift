import DequeModule

/// Writes that wait for a transaction, and which one it takes next. Pure.
///
/// Everybody waits for what the writer is at and for the transaction that they are in. So a transaction takes its writes one after the other, and is bounded by
/// the rows that it writes; who writes few rows does not stand behind who writes many, joins the transaction under way, and ends it: a single message finds
/// a bulk of a hundred thousand one write long.
struct WaitingWrites<Write> {
    /// What a transaction writes, but for an operation that writes more by itself.
    static var rowLimit: Int { 512 }
    /// Up to here an operation is a light one: a message to a user with several devices.
    static var lightRows: Int { 16 }

    /// What a transaction has taken so far.
    struct Transaction {
        fileprivate var beginsHeavy: Bool
        fileprivate var count = 0
        fileprivate var heavyRows = 0
        fileprivate var lightRows = 0
    }

    private var light: Deque<(write: Write, rows: Int)> = []
    private var heavy: Deque<(write: Write, rows: Int)> = []
    /// The last transaction left a heavy one waiting and took none.
    private var isHeavyDue = false

    var count: Int { light.count + heavy.count }
    var isEmpty: Bool { light.isEmpty && heavy.isEmpty }

    mutating func append(_ write: Write, rows: Int) {
        if rows <= Self.lightRows { light.append((write, rows)) } else { heavy.append((write, rows)) }
    }

    mutating func begin() -> Transaction {
        defer { isHeavyDue = !heavy.isEmpty }
        return Transaction(beginsHeavy: isHeavyDue)
    }

    /// The light ones first, each kind in its order. Two transactions one after the other have a heavy one between them in any case, where one waits: no crowd
    /// of light ones holds it up for good.
    ///
    /// - Parameter limit: operations at most.
    /// - Returns: nil when the transaction is to be committed.
    mutating func next(for transaction: inout Transaction, limit: Int) -> Write? {
        guard transaction.count < limit else { return nil }
        if transaction.count == 0, transaction.beginsHeavy, let write = takeHeavy(&transaction) { return write }
        if let first = light.first, transaction.lightRows == 0 || transaction.lightRows + first.rows <= Self.rowLimit {
            light.removeFirst()
            transaction.count += 1
            transaction.lightRows += first.rows
            return first.write
        }
        // Whoever writes little and is in it waits for the commit.
        return transaction.lightRows == 0 ? takeHeavy(&transaction) : nil
    }

    private mutating func takeHeavy(_ transaction: inout Transaction) -> Write? {
        guard let first = heavy.first, transaction.count == 0 || transaction.heavyRows + first.rows <= Self.rowLimit else { return nil }
        heavy.removeFirst()
        isHeavyDue = false
        transaction.count += 1
        transaction.heavyRows += first.rows
        return first.write
    }
}
