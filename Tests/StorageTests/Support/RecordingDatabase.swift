import Storage
import Synchronization

/// A database that only remembers which statements were committed together, and lets a test hold its transactions.
final class RecordingDatabase: SQLDatabase {
    private struct State {
        var commits: [[String]] = []
        var began = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var failures: [any Error] = []
    }

    private let state = Mutex(State())

    var dialect: SQLDialect { .sqlite }

    /// The statements of each committed transaction.
    var commits: [[String]] { state.withLock { $0.commits } }

    /// From now on transactions wait before they run.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Lets waiting transactions, and all later ones, run.
    func letGo() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume() }
    }

    /// The next transactions fail so, at the commit.
    func failNext(_ errors: any Error...) { state.withLock { $0.failures += errors } }

    /// Returns when so many transactions have begun.
    func began(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.began >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try body(RecordingConnection())
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        await begin()
        let connection = RecordingConnection()
        let result = try body(connection)
        try state.withLock { state in
            if !state.failures.isEmpty { throw state.failures.removeFirst() }
            state.commits.append(connection.statements)
        }
        return result
    }

    private func begin() async {
        await withCheckedContinuation { continuation in
            let (mayRun, reached) = state.withLock { state in
                state.began += 1
                let reached = state.watchers.filter { $0.count <= state.began }
                state.watchers.removeAll { $0.count <= state.began }
                if state.isHeld { state.held.append(continuation) }
                return (!state.isHeld, reached.map(\.continuation))
            }
            for watcher in reached { watcher.resume() }
            if mayRun { continuation.resume() }
        }
    }

    func close() async {}
}

private final class RecordingConnection: SQLConnection {
    var statements: [String] = []

    var dialect: SQLDialect { .sqlite }

    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        statements.append(sql)
        return 1
    }

    func query(_ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {}
}
