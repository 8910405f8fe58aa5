public import Storage

/// `SQLDatabase` on GRDB: WAL, `synchronous=FULL`, one writer, a few readers, foreign keys off the hot path.
public final class SQLiteDatabase: SQLDatabase {
    /// Opens or creates the file and its folder, and locks it for this process.
    ///
    /// Throws `StorageError.locked` with a message that names the file when another gateway has it.
    public init(path: String) throws {
        fatalError("to be built")
    }

    public var dialect: SQLDialect { .sqlite }

    public func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        fatalError("to be built")
    }

    public func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        fatalError("to be built")
    }

    public func close() async {
        fatalError("to be built")
    }
}
