public import Domain
import Synchronization

/// Gathers pending writes into one transaction; while it commits, the next gathers.
///
/// Each operation of a group stands or falls alone: when one throws, the group is undone and run again without it. An operation may therefore run
/// more than once, and must do nothing but write through the connection that it is given.
///
/// Once taken in, an operation completes whether or not its caller's task is cancelled meanwhile.
public final class GroupCommit: Sendable {
    public let database: any SQLDatabase
    private let maxGroup: Int
    private let maxWaiting: Int
    private let time: any TimeSource
    private let state = Mutex(State())

    private struct State {
        var waiting = WaitingWrites<any PendingWrite>()
        var isDraining = false
        /// A drain is to begin when the bulk has rested.
        var isResting = false
        var ending: (@Sendable (any SQLConnection) throws -> Void)?
    }

    /// - Parameter maxGroup: operations in one transaction at most.
    /// - Parameter maxWaiting: operations that may wait; beyond that `StorageError.overloaded`.
    /// - Parameter time: what a bulk's rests are measured by.
    public init(database: any SQLDatabase, maxGroup: Int = 500, maxWaiting: Int = 20_000, time: any TimeSource = SystemTime()) {
        precondition(maxGroup > 1 && maxWaiting > 0)
        self.database = database
        self.maxGroup = maxGroup
        self.maxWaiting = maxWaiting
        self.time = time
    }

    /// Runs `operation` in a transaction shared with others; returns when that is on disk.
    ///
    /// Operations may overtake each other while they wait: who writes few rows, who writes many.
    ///
    /// - Parameter rows: about how many it writes.
    @discardableResult
    public func write<T: Sendable>(
        rows: Int = 1, asker: WriteAsker = .caller, _ operation: @Sendable @escaping (any SQLConnection) throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            submit(rows: rows, asker: asker, operation) { continuation.resume(with: $0) }
        }
    }

    /// Runs `ending` at the end of every later transaction, and as a part of it.
    func endEachGroup(with ending: @Sendable @escaping (any SQLConnection) throws -> Void) {
        state.withLock { $0.ending = ending }
    }

    /// Takes the operation in before it returns; `done` is called with the result, wherever the commit happens to run.
    func submit<T: Sendable>(
        rows: Int = 1, asker: WriteAsker = .caller, _ operation: @Sendable @escaping (any SQLConnection) throws -> T,
        done: @Sendable @escaping (Result<T, any Error>) -> Void
    ) {
        let pending = Pending(operation, done)
        let admission = state.withLock { state -> Admission in
            guard state.waiting.count < maxWaiting else { return .refused }
            state.waiting.append(pending, rows: rows, asker: asker)
            // While the bulk rests, only a caller who writes little is not made to wait for the end of it.
            if state.isDraining || state.isResting && !state.waiting.hasLightCaller { return .joined }
            state.isDraining = true
            return .first
        }
        switch admission {
        case .joined: break
        case .first: startDraining()
        case .refused: pending.finish(.failure(StorageError.overloaded))
        }
    }

    private enum Admission {
        case joined
        case first
        case refused
    }

    /// The one unstructured task of the class: it lives as long as writes wait, outlives the caller that happened to come first,
    /// and must not end with that caller's cancellation.
    private func startDraining() {
        Task.detached(executorPreference: database.writer) { await self.drain() }
    }

    private func drain() async {
        while let transaction = begin() {
            await commit(transaction)
            guard let taken = transaction.taken else { continue }
            let now = time.elapsed
            state.withLock { $0.waiting.ended(taken, now: now) }
        }
    }

    private func begin() -> Transaction? {
        let now = time.elapsed
        let (transaction, rest) = state.withLock { state -> (Transaction?, Duration?) in
            switch state.waiting.begin(now: now) {
            case .begin(let transaction): return (Transaction(transaction), nil)
            case .rest(let end):
                state.isDraining = false
                defer { state.isResting = true }
                return (nil, state.isResting ? nil : end - now)
            case .end:
                state.isDraining = false
                return (nil, nil)
            }
        }
        if let rest { Task.detached { await self.goOn(after: rest) } }
        return transaction
    }

    /// Who may not wait for it starts a drain meanwhile.
    private func goOn(after rest: Duration) async {
        try? await time.sleep(for: rest)
        let isFirst = state.withLock { state in
            state.isResting = false
            guard !state.isDraining, !state.waiting.isEmpty else { return false }
            state.isDraining = true
            return true
        }
        if isFirst { startDraining() }
    }

    private func next(for taken: inout WaitingWrites<any PendingWrite>.Transaction) -> (any PendingWrite)? {
        state.withLock { $0.waiting.next(for: &taken, limit: maxGroup) }
    }

    /// Runs one transaction. An operation that throws is answered at once, and the rest runs again without it; when that has happened `patience` times, or
    /// when the disk refused the whole, each runs alone.
    private func commit(_ transaction: Transaction, patience: Int = 3) async {
        var patience = patience
        let ending = state.withLock { $0.ending }
        repeat {
            do {
                try await database.write { connection in
                    try transaction.run(connection, next: self.next)
                    try ending?(connection)
                }
                return transaction.finish(.success(()))
            } catch let thrown as Thrown where patience > 0 && !Self.concernsTheWhole(thrown.error) {
                patience -= 1
                transaction.writes.remove(at: thrown.index).finish(.failure(thrown.error))
            } catch {
                let error = (error as? Thrown)?.error ?? error
                // Where it could not even begin, nobody has been taken yet: those who wait are told, and not one after the other.
                if transaction.writes.isEmpty { transaction.fill(next: next) }
                guard transaction.writes.count > 1, !Self.concernsEveryWrite(error) else { return transaction.finish(.failure(error)) }
                for pending in transaction.writes { await commit(Transaction(pending)) }
                return
            }
        } while !transaction.writes.isEmpty
    }

    /// True for faults that are no single operation's: leaving one out would not help the rest.
    private static func concernsTheWhole(_ error: any Error) -> Bool {
        switch error as? StorageError {
        case .diskFull, .locked, .unavailable, .overloaded: true
        case .statement, nil: false
        }
    }

    /// True where running the operations one by one would fail in the same way, and take as long for each: a disk that is full for many may do for one,
    /// a locked or broken database will not.
    private static func concernsEveryWrite(_ error: any Error) -> Bool {
        switch error as? StorageError {
        case .locked, .unavailable, .overloaded: true
        case .diskFull, .statement, nil: false
        }
    }
}

private struct Thrown: Error {
    var index: Int
    var error: any Error
}

/// One transaction and the operations that it has taken.
///
/// Unchecked: the drain hands it to the database's writer, and looks at it only when that has returned, never at the same time.
private final class Transaction: @unchecked Sendable {
    typealias Taken = WaitingWrites<any PendingWrite>.Transaction

    var writes: [any PendingWrite] = []
    /// Nil where it takes no more: one that runs alone.
    private(set) var taken: Taken?

    init(_ taken: Taken) {
        self.taken = taken
    }

    init(_ write: any PendingWrite) {
        writes = [write]
    }

    /// Takes the next operation when the one before has run, so that who comes meanwhile need not wait for the next transaction.
    func run(_ connection: any SQLConnection, next: (inout Taken) -> (any PendingWrite)?) throws {
        var index = 0
        while index < writes.count || take(next) {
            do {
                try writes[index].run(connection)
            } catch {
                throw Thrown(index: index, error: error)
            }
            index += 1
        }
    }

    /// Takes all that it may, without running it.
    func fill(next: (inout Taken) -> (any PendingWrite)?) {
        while take(next) {}
    }

    private func take(_ next: (inout Taken) -> (any PendingWrite)?) -> Bool {
        guard taken != nil, let write = next(&taken!) else { return false }
        writes.append(write)
        return true
    }

    func finish(_ result: Result<Void, any Error>) {
        for write in writes { write.finish(result) }
    }
}

private protocol PendingWrite: AnyObject, Sendable {
    func run(_ connection: any SQLConnection) throws
    func finish(_ result: Result<Void, any Error>)
}

/// An operation, its result and the caller that waits for it.
///
/// Unchecked: `result` is written by `run` inside the database's writer and read by `finish` after that write has returned, never at the same time.
private final class Pending<T: Sendable>: PendingWrite, @unchecked Sendable {
    private let operation: @Sendable (any SQLConnection) throws -> T
    private let done: @Sendable (Result<T, any Error>) -> Void
    private var result: T?

    init(_ operation: @Sendable @escaping (any SQLConnection) throws -> T, _ done: @Sendable @escaping (Result<T, any Error>) -> Void) {
        self.operation = operation
        self.done = done
    }

    func run(_ connection: any SQLConnection) throws {
        result = try operation(connection)
    }

    func finish(_ outcome: Result<Void, any Error>) {
        switch (outcome, result) {
        case (.success, .some(let result)): done(.success(result))
        case (.success, .none): done(.failure(StorageError.statement("the write was committed without having run")))
        case (.failure(let error), _): done(.failure(error))
        }
    }
}
