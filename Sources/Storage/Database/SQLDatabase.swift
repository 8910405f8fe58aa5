/// A database that speaks the house's portable SQL: `?` placeholders, integers for times and flags, text for JSON and ids,
/// `ON CONFLICT` and `RETURNING` (SQLite 3.35 and later, PostgreSQL 9.5 and later).
///
/// The stores are written once against this; an implementation knows its driver and nothing of the stores.
public protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }

    /// Runs `body` on a consistent snapshot.
    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T

    /// Runs `body` in one transaction: committed and on disk when this returns, undone when it throws.
    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T

    /// Where `write` does its work; a task that writes often had better run there. Nil where it works wherever it is called.
    var writer: (any TaskExecutor)? { get }

    /// Gives back all connections. Safe to call twice.
    func close() async
}

public enum SQLDialect: String, Sendable, Hashable, CaseIterable {
    case sqlite
    case postgres
}

extension SQLDatabase {
    public var writer: (any TaskExecutor)? { nil }
}

/// A connection inside `read` or `write`; never leaves the closure.
public protocol SQLConnection {
    var dialect: SQLDialect { get }

    /// Runs a statement that gives no rows. Statements are prepared once and kept by their text.
    /// - Returns: the number of rows changed.
    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int

    /// Runs a statement and hands each row to `each`.
    func query(_ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void) throws
}

/// A row inside `query`; never leaves the closure. Columns by position, from 0.
public protocol SQLRow {
    func integer(_ column: Int) -> Int64?
    func text(_ column: Int) -> String?
}

public enum SQLValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case text(String)
}

/// What went wrong, told by what the caller can do about it.
public enum StorageError: Error, Sendable, Hashable {
    /// No room for the data: nothing was written.
    case diskFull(String)
    /// Another process holds the database, or it did not answer in time: nothing was written.
    case locked(String)
    /// The file or server is gone or broken.
    case unavailable(String)
    /// Too many writes wait already; nothing was written.
    case overloaded
    /// A statement that should have worked did not: a fault of ours.
    case statement(String)
}
