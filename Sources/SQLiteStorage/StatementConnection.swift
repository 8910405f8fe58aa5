import GRDB
import GRDBSQLite
import Storage

/// `SQLConnection` on one of GRDB's connections.
///
/// GRDB owns the connection, its transactions and its prepared statements; binding and stepping go straight to SQLite's C interface, because GRDB's
/// arguments, rows and observers cost several times what most of our statements do.
final class StatementConnection: SQLConnection {
    private let db: Database
    private let fault: SQLiteFault
    /// Statements of this transaction. The texts are constants nearly all, and a constant is known by its address; GRDB's own cache would hash some
    /// 600 bytes each time.
    private var recent: [(sql: String, statement: Statement, parameters: Int)] = []
    private let texts = TextStack()

    init(_ db: Database, _ fault: SQLiteFault) {
        self.db = db
        self.fault = fault
    }

    var dialect: SQLDialect { .sqlite }

    @discardableResult
    func run(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        let mark = texts.mark
        let statement = try prepare(sql, arguments)
        defer { release(statement, to: mark) }
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW { code = sqlite3_step(statement) }
        guard code == SQLITE_DONE else { throw error(sql) }
        return Int(sqlite3_changes(db.sqliteConnection))
    }

    func query(_ sql: String, _ arguments: [SQLValue], _ each: (any SQLRow) throws -> Void) throws {
        let mark = texts.mark
        let statement = try prepare(sql, arguments)
        defer { release(statement, to: mark) }
        let row = StatementRow(statement: statement)
        while true {
            let code = sqlite3_step(statement)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw error(sql) }
            try each(row)
        }
    }

    private func prepare(_ sql: String, _ arguments: [SQLValue]) throws -> OpaquePointer {
        let (statement, expected) = try cached(sql)
        guard sqlite3_stmt_busy(statement) == 0 else {
            throw StorageError.statement("the statement runs already, further out: \(sql)")
        }
        guard expected == arguments.count else {
            throw StorageError.statement("\(expected) placeholders, but \(arguments.count) values in: \(sql)")
        }
        bind(arguments, to: statement)
        return statement
    }

    private func cached(_ sql: String) throws -> (OpaquePointer, parameters: Int) {
        if let known = recent.first(where: { $0.sql == sql }) { return (known.statement.sqliteStatement, known.parameters) }
        let statement = try db.cachedStatement(sql: sql)
        let parameters = Int(sqlite3_bind_parameter_count(statement.sqliteStatement))
        if recent.count < 16 { recent.append((sql, statement, parameters)) }
        return (statement.sqliteStatement, parameters)
    }

    /// Tells SQLite to copy the bytes before the call returns (sqlite.org/c3ref/bind_blob.html).
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bind(_ arguments: [SQLValue], to statement: OpaquePointer) {
        var index: CInt = 0
        for argument in arguments {
            index += 1
            switch argument {
            case .null: sqlite3_bind_null(statement, index)
            case .integer(let number): sqlite3_bind_int64(statement, index, number)
            case .text(var text):
                text.withUTF8 { bytes in
                    if let copy = texts.push(bytes) {
                        sqlite3_bind_text(statement, index, copy, CInt(bytes.count), nil)
                    } else {
                        _ = bytes.withMemoryRebound(to: CChar.self) {
                            sqlite3_bind_text(statement, index, $0.baseAddress, CInt($0.count), Self.transient)
                        }
                    }
                }
            }
        }
    }

    /// Ends the run, so that the statement can be used again, holds no snapshot, and names no memory of ours.
    private func release(_ statement: OpaquePointer, to mark: Int) {
        sqlite3_reset(statement)
        sqlite3_clear_bindings(statement)
        texts.drop(to: mark)
    }

    private func error(_ sql: String) -> StorageError {
        fault.storageError(
            code: sqlite3_extended_errcode(db.sqliteConnection), message: String(cString: sqlite3_errmsg(db.sqliteConnection)), sql: sql)
    }
}

/// The row that a statement stands on.
private struct StatementRow: SQLRow {
    let statement: OpaquePointer

    func integer(_ column: Int) -> Int64? {
        let column = CInt(column)
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        return sqlite3_column_int64(statement, column)
    }

    func text(_ column: Int) -> String? {
        let column = CInt(column)
        guard let bytes = sqlite3_column_text(statement, column) else { return nil }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
    }
}
