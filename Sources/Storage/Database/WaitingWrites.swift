import DequeModule

/// Writes that wait for a transaction, and which one it takes next. Pure; time passes in transactions.
///
/// Everybody waits for what the writer is at and for the transaction that they are in. So a transaction takes its writes one after the other, and is bounded by
/// the rows that it writes; who writes few rows does not stand behind who writes many, joins the transaction under way, and ends it: a single message finds
/// a bulk of a hundred thousand one write long.
///
/// Large transactions are what makes a bulk cheap, and what makes everybody else wait. So they are large only while nobody else has come lately.
struct WaitingWrites<Write> {
    /// What a transaction writes, but for an operation that writes more by itself.
    static var rowLimit: Int { 1_024 }
    /// The same while callers with little to write come and go.
    static var crowdedRowLimit: Int { 128 }
    /// For so many transactions after one with such a caller in it the next one is expected: about a second beside a bulk.
    static var expectation: Int { 256 }
    /// Up to here an operation is a light one: a message to a user with several devices.
    static var lightRows: Int { 16 }
    /// After so many rows of light ones a heavy one that waits has its turn: no crowd of them holds it up for good.
    static var patience: Int { 64 }

    /// What a transaction has taken so far.
    struct Transaction {
        fileprivate var beginsHeavy: Bool
        fileprivate var heavyLimit: Int
        fileprivate var count = 0
        fileprivate var heavyRows = 0
        fileprivate var lightRows = 0
    }

    private struct Entry {
        var write: Write
        var rows: Int
        var asker: WriteAsker
    }

    private var light: Deque<Entry> = []
    private var heavy: Deque<Entry> = []
    /// What light ones have written while a heavy one waited for its turn.
    private var lightRowsOwed = 0
    /// Transactions for which small callers are still expected.
    private var expected = 0

    var count: Int { light.count + heavy.count }
    var isEmpty: Bool { light.isEmpty && heavy.isEmpty }

    mutating func append(_ write: Write, rows: Int, asker: WriteAsker = .caller) {
        let entry = Entry(write: write, rows: rows, asker: asker)
        if rows <= Self.lightRows { light.append(entry) } else { heavy.append(entry) }
    }

    mutating func begin() -> Transaction {
        defer { expected = max(expected - 1, 0) }
        return Transaction(
            beginsHeavy: lightRowsOwed >= Self.patience, heavyLimit: expected > 0 ? Self.crowdedRowLimit : Self.rowLimit)
    }

    /// The light ones first, each kind in its order.
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
            if !heavy.isEmpty { lightRowsOwed += first.rows }
            if first.asker == .caller { expected = Self.expectation }
            return first.write
        }
        // Whoever writes little and is in it waits for the commit.
        return transaction.lightRows == 0 ? takeHeavy(&transaction) : nil
    }

    private mutating func takeHeavy(_ transaction: inout Transaction) -> Write? {
        guard let first = heavy.first, transaction.count == 0 || transaction.heavyRows + first.rows <= transaction.heavyLimit else { return nil }
        heavy.removeFirst()
        lightRowsOwed = 0
        transaction.count += 1
        transaction.heavyRows += first.rows
        return first.write
    }
}
