import SQLiteStorage
import Storage
import Synchronization

/// A database that refuses writes for as long as a test says so.
final class FailingDatabase: SQLDatabase {
    private let base: SQLiteDatabase
    private struct State {
        var failure: StorageError?
        /// Writes that still succeed.
        var left = 0
        var refused = 0
    }

    private let state = Mutex(State())

    init(_ base: SQLiteDatabase) {
        self.base = base
    }

    var dialect: SQLDialect { base.dialect }

    /// Nil ends it.
    func refuseWrites(with error: StorageError?, after count: Int = 0) {
        state.withLock { $0 = State(failure: error, left: count) }
    }

    /// Writes refused since.
    var refused: Int { state.withLock { $0.refused } }

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await base.read(body)
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        let error = state.withLock { state -> StorageError? in
            guard let failure = state.failure else { return nil }
            guard state.left == 0 else {
                state.left -= 1
                return nil
            }
            state.refused += 1
            return failure
        }
        if let error { throw error }
        return try await base.write(body)
    }

    func close() async { await base.close() }
}
