import DequeModule

/// Writes that wait for a transaction, and which one it takes next. Pure: every time comes in.
///
/// Everybody waits for what the writer is at and for the transaction that they are in. So a transaction takes its writes one after the other, and is bounded by
/// the rows that it writes; who writes few rows does not stand behind who writes many, joins the transaction under way, and ends it: a single message finds
/// a bulk of a hundred thousand one write long.
///
/// Large transactions are what makes a bulk cheap, and what makes everybody else wait. So they are large only while nobody else has sent anything lately.
///
/// A bulk goes as fast as the writer lets it, and would fill every processor; then a single message waits for one at each of its steps, wherever in the gateway
/// or beside it that is. So while both come, the bulk has a share of the writer's time and no more: after each transaction it rests, and with it what it
/// would have set in motion.
struct WaitingWrites<Write> {
    /// What a transaction writes, but for an operation that writes more by itself.
    static var rowLimit: Int { 1_024 }
    /// The same while small senders come and go.
    static var crowdedRowLimit: Int { 128 }
    /// For so long after a small sender the next one is expected, and more of a bulk after a part of it.
    static var expectation: Duration { .seconds(1) }
    /// Beside small senders a bulk rests so many times as long as it wrote: it has a quarter of the writer's time, and keeps more than a third of its rate.
    static var restFactor: Int { 3 }
    /// A disk that stalls must not make it rest for as long.
    static var longestRest: Duration { .milliseconds(50) }
    /// Up to here an operation is a light one: a message to a user with several devices.
    static var lightRows: Int { 16 }
    /// After so many rows of light ones a heavy one that waits has its turn: no crowd of them holds it up for good.
    static var patience: Int { 64 }

    /// What a transaction has taken so far.
    struct Transaction {
        fileprivate var began: Duration
        fileprivate var beginsHeavy: Bool
        /// Nil while the bulk rests.
        fileprivate var heavyLimit: Int?
        fileprivate var count = 0
        fileprivate var callers = 0
        fileprivate var heavyRows = 0
        fileprivate var lightRows = 0
    }

    enum Turn {
        case begin(Transaction)
        /// For nobody who waits is it time before then. Who comes meanwhile may change that.
        case rest(until: Duration)
        /// Nobody waits.
        case end
    }

    private struct Entry {
        var write: Write
        var rows: Int
        var asker: WriteAsker

        var isCallers: Bool { asker == .sender || asker == .caller }
    }

    private var light: Deque<Entry> = []
    private var heavy: Deque<Entry> = []
    /// Of the light ones, those that a caller waits for.
    private var lightCallers = 0
    /// What light ones have written while a heavy one waited for its turn.
    private var lightRowsOwed = 0
    /// Until then small senders are expected.
    private var crowdedUntil: Duration?
    /// Until then there is a bulk.
    private var bulkUntil: Duration?
    /// When the bulk has rested.
    private var restedAt: Duration?

    var count: Int { light.count + heavy.count }
    var isEmpty: Bool { light.isEmpty && heavy.isEmpty }
    /// True where somebody waits who does not wait for the end of the bulk's rest.
    var hasLightCaller: Bool { lightCallers > 0 }

    mutating func append(_ write: Write, rows: Int, asker: WriteAsker = .caller) {
        let entry = Entry(write: write, rows: rows, asker: asker)
        guard rows <= Self.lightRows else { return heavy.append(entry) }
        light.append(entry)
        if entry.isCallers { lightCallers += 1 }
    }

    /// - Parameter now: as of a clock that nobody sets.
    mutating func begin(now: Duration) -> Turn {
        guard !isEmpty else { return .end }
        let isCrowded = crowdedUntil.map { now < $0 } ?? false
        if isCrowded, let end = restsUntil, now < end {
            guard hasLightCaller else { return .rest(until: end) }
            return .begin(Transaction(began: now, beginsHeavy: false, heavyLimit: nil))
        }
        return .begin(
            Transaction(
                began: now, beginsHeavy: lightRowsOwed >= Self.patience, heavyLimit: isCrowded ? Self.crowdedRowLimit : Self.rowLimit))
    }

    private var restsUntil: Duration? {
        guard let restedAt, let crowdedUntil, let bulkUntil else { return nil }
        return min(restedAt, crowdedUntil, bulkUntil)
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
            if first.isCallers {
                lightCallers -= 1
                transaction.callers += 1
            }
            if first.asker == .sender { crowdedUntil = transaction.began + Self.expectation }
            return first.write
        }
        // Whoever writes little and is in it waits for the commit.
        return transaction.lightRows == 0 ? takeHeavy(&transaction) : nil
    }

    private mutating func takeHeavy(_ transaction: inout Transaction) -> Write? {
        guard let limit = transaction.heavyLimit, let first = heavy.first, transaction.count == 0 || transaction.heavyRows + first.rows <= limit
        else { return nil }
        heavy.removeFirst()
        lightRowsOwed = 0
        transaction.count += 1
        transaction.heavyRows += first.rows
        // Settlements gather beside many single messages, too.
        if first.asker == .sender || first.asker == .lane { bulkUntil = transaction.began + Self.expectation }
        return first.write
    }

    /// The transaction is over. Where it was a bulk's, or the engine's, which beside one has little to write for anybody else, it is time to rest.
    mutating func ended(_ transaction: Transaction, now: Duration) {
        guard transaction.heavyRows > 0 || transaction.callers == 0 else { return }
        restedAt = now + min((now - transaction.began) * Self.restFactor, Self.longestRest)
    }
}
