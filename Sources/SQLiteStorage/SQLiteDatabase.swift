import CSQLite
import GRDB
public import Storage
import Synchronization

/// `SQLDatabase` on GRDB: WAL, `synchronous=FULL`, one writer and a few readers.
///
/// The file belongs to one gateway at a time: a lock beside it keeps a second one out, and vanishes with a process that dies. Commands that only read and write
/// rows can work beside the gateway that has it.
public final class SQLiteDatabase: SQLDatabase {
    public enum Tenure: Sendable, Hashable, CaseIterable {
        /// As a gateway: nobody else has the lock.
        case alone
        /// Whoever has the lock. For short transactions on a schema that is current already; both sides wait for each other's writes.
        case beside
    }

    /// The file's real path, symbolic links resolved.
    public let path: String
    private let pool: DatabasePool
    public let writer: (any TaskExecutor)? = Writer()
    private let lock: Mutex<FileLock?>
    /// Nil beside a gateway, where writes are few and short.
    private let checkpoints: Checkpoints?

    /// SQLite counts every allocation under one lock of the whole process, for statistics that nobody here reads: a tenth of what a write costs where the
    /// library was built without lookaside memory, as Debian's is. It can be told so only before its first use; told later, it goes on counting.
    private static let isConfigured = sqlite_config_without_memory_statistics() == SQLITE_OK

    /// Opens or creates the file (0600) and its folder (0700), and, unless it is to work beside a gateway, locks it for this process.
    ///
    /// Throws `StorageError.locked` with a message that names the file when another gateway has it.
    ///
    /// - Parameter busyTimeout: how long a write waits while something else than a gateway (a shell, a backup) holds the file.
    /// - Parameter readers: how many reads may run at once.
    public init(path: String, tenure: Tenure = .alone, busyTimeout: Duration = .seconds(5), readers: Int = 4) throws {
        _ = Self.isConfigured
        let path = try PrivateFile.create(at: path)
        self.path = path
        switch tenure {
        case .alone: lock = Mutex(try FileLock(path: path + ".lock", protecting: path))
        case .beside: lock = Mutex(nil)
        }
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration(busyTimeout: busyTimeout, readers: readers))
            try pool.writeWithoutTransaction { db in
                // GRDB opens WAL with synchronous=NORMAL, which may lose the last commits at a power cut; what we have accepted must stay.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try db.execute(sql: "PRAGMA cache_size = -32000")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Checkpoints.pages)")
            }
            checkpoints = tenure == .alone ? try Checkpoints(path: path) : nil
            if let checkpoints { pool.writeWithoutTransaction { db in checkpoints.serve(db.sqliteConnection!) } }
        } catch {
            throw SQLiteFault(path: path).storageError(error)
        }
    }

    private static func configuration(busyTimeout: Duration, readers: Int) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(Double(busyTimeout.components.seconds) + Double(busyTimeout.components.attoseconds) / 1e18)
        configuration.maximumReaderCount = readers
        configuration.foreignKeysEnabled = false
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { db in
            // Each reader has a cache of its own, and lists read a page once: what they have in common is in the system's cache.
            try db.execute(sql: "PRAGMA cache_size = -8000")
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
        }
        return configuration
    }

    public var dialect: SQLDialect { .sqlite }

    public func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        let fault = SQLiteFault(path: path)
        do {
            return try await pool.read { db in try body(StatementConnection(db, fault)) }
        } catch {
            throw fault.storageError(error)
        }
    }

    public func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await withTaskExecutorPreference(writer) { try writeHere(body) }
    }

    /// Not `async`, so that this is the pool's blocking way of writing, on the thread that calls.
    private func writeHere<T: Sendable>(_ body: @Sendable (any SQLConnection) throws -> T) throws -> T {
        let fault = SQLiteFault(path: path)
        do {
            return try pool.write { db in try body(StatementConnection(db, fault)) }
        } catch {
            throw fault.storageError(error)
        }
    }

    public func close() async {
        // The pool's last connection shall be the file's last: it leaves no log behind.
        checkpoints?.close()
        // A pool that cannot close keeps its connections until the process ends; there is nothing that a caller could do about it.
        try? pool.close()
        lock.withLock { $0 = nil }
    }
}
