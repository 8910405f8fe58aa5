import GRDB
import GRDBSQLite
import Storage

/// Turns SQLite's result codes into what a caller can do about them, naming the file.
struct SQLiteFault: Sendable {
    let path: String

    /// - Parameter code: primary or extended result code (sqlite.org/rescode.html).
    func storageError(code: CInt, message: String, sql: String?) -> StorageError {
        switch code & 0xFF {
        case SQLITE_FULL:
            .diskFull("no room left to write to the database \(path): free space on its disk, or move it (database.url)")
        case SQLITE_BUSY, SQLITE_LOCKED:
            .locked("the database \(path) is held by another process: end the shell or backup that has a transaction open on it")
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            .unavailable("\(path) is no intact SQLite database (\(message)): restore it from a backup, or run `sqlite3 FILE .recover`")
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY, SQLITE_AUTH:
            .unavailable("the database \(path) cannot be opened for writing (\(message)): check that file and folder exist and belong to this user")
        case SQLITE_IOERR:
            .unavailable("the disk failed under the database \(path) (\(message), code \(code)): check the disk and its mount")
        case SQLITE_NOMEM:
            .unavailable("no memory left for the database \(path): give the process more, or lower the load")
        default:
            .statement(sql.map { "\(message) (code \(code)) in: \($0)" } ?? "\(message) (code \(code))")
        }
    }

    /// The error as it leaves this module. Errors that are not the database's pass unchanged.
    func storageError(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return storageError(code: error.extendedResultCode.rawValue, message: error.message ?? "SQLite error", sql: error.sql)
    }
}
