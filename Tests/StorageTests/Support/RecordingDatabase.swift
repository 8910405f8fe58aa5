import Storage
import Synchronization

/// A database that only remembers which statements were committed together, and lets a test hold its transactions.
final class RecordingDatabase: SQLDatabase {
    private struct State {
        var commits: [[String]] = []
        var ran = 0
        var isHeld = false
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var failures: [any Error] = []
        var refusals: [any Error] = []
    }

    private let state = Mutex(State())

    var dialect: SQLDialect { .sqlite }

    /// The statements of each committed transaction.
    var commits: [[String]] { state.withLock { $0.commits } }

    /// From now on transactions wait before they are committed.
    func hold() { state.withLock { $0.isHeld = true } }

    /// Lets waiting transactions, and all later ones, be committed.
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

    /// The next transactions don't even begin.
    func refuseNext(_ errors: any Error...) { state.withLock { $0.refusals += errors } }

    /// Returns when so many transactions have run and go to the disk.
    func ran(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.ran >= count { return true }
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
        try state.withLock { state in
            if !state.refusals.isEmpty { throw state.refusals.removeFirst() }
        }
        let connection = RecordingConnection()
        let result = try body(connection)
        await reachCommit()
        try state.withLock { state in
            if !state.failures.isEmpty { throw state.failures.removeFirst() }
            state.commits.append(connection.statements)
        }
        return result
    }

    private func reachCommit() async {
        await withCheckedContinuation { continuation in
            let (mayRun, reached) = state.withLock { state in
                state.ran += 1
                let reached = state.watchers.filter { $0.count <= state.ran }
                state.watchers.removeAll { $0.count <= state.ran }
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
