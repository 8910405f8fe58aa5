import SQLiteStorage
import Storage
import Synchronization

/// A database that refuses writes for as long as a test says so.
final class FailingDatabase: SQLDatabase {
    private let base: SQLiteDatabase
    private let failure = Mutex<StorageError?>(nil)

    init(_ base: SQLiteDatabase) {
        self.base = base
    }

    var dialect: SQLDialect { base.dialect }

    /// Nil ends it.
    func refuseWrites(with error: StorageError?) {
        failure.withLock { $0 = error }
    }

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await base.read(body)
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        if let error = failure.withLock({ $0 }) { throw error }
        return try await base.write(body)
    }

    func close() async { await base.close() }
}
