/// The few places where the two databases' SQL has to differ. Everything else is written once.
extension SQLDialect {
    /// At the end of the row selection in a claim: another gateway's claim is passed over instead of waited for.
    var skippingLocked: String {
        switch self {
        case .sqlite: ""
        case .postgres: "FOR UPDATE SKIP LOCKED"
        }
    }

    /// Column type of a whole-number primary key; in SQLite this spelling, and no other, makes it the key of the table's own tree.
    var integerKey: String {
        switch self {
        case .sqlite: "INTEGER PRIMARY KEY"
        case .postgres: "BIGINT PRIMARY KEY"
        }
    }

    /// After a table's closing bracket: rows stand in the tree of their primary key instead of in one more beside it.
    var clustered: String {
        switch self {
        case .sqlite: "WITHOUT ROWID"
        case .postgres: ""
        }
    }

    /// Behind a table's name: the index to go by. SQLite knows nothing of how many rows share a value unless it is told by ANALYZE, and then may err;
    /// PostgreSQL keeps statistics and has no such hint.
    func going(by index: String) -> String {
        switch self {
        case .sqlite: "INDEXED BY \(index)"
        case .postgres: ""
        }
    }

    /// Column type of a whole-number primary key that counts up by itself.
    var countingKey: String {
        switch self {
        case .sqlite: "INTEGER PRIMARY KEY"
        case .postgres: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        }
    }

    /// Keeps other gateways from adding to the lists' counts until the transaction ends; a SQLite file has one writer anyway.
    var lockingCounts: String? {
        switch self {
        case .sqlite: nil
        case .postgres: "LOCK TABLE list_counts IN SHARE ROW EXCLUSIVE MODE"
        }
    }

    /// The beginning of an UPDATE of a table with triggers. SQLite would keep a copy of every page that it touches, to undo the statement alone
    /// should it fail half-way (sqlite.org/lang_conflict.html): here the whole transaction is undone when a statement fails.
    var updatingWithTriggers: String {
        switch self {
        case .sqlite: "UPDATE OR FAIL"
        case .postgres: "UPDATE"
        }
    }

    /// The statements that make a trigger, which runs `statements` after each row that `event` touches and `condition` lets through.
    func trigger(_ name: String, _ event: String, when condition: String, _ statements: [String]) -> [String] {
        let body = statements.map { $0 + ";" }.joined(separator: " ")
        switch self {
        case .sqlite:
            return ["CREATE TRIGGER \(name) AFTER \(event) FOR EACH ROW WHEN \(condition) BEGIN \(body) END"]
        case .postgres:
            return [
                "CREATE FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \(body) RETURN NULL; END $$",
                "CREATE TRIGGER \(name) AFTER \(event) FOR EACH ROW WHEN (\(condition)) EXECUTE FUNCTION \(name)()",
            ]
        }
    }
}

/// A statement that differs between the dialects, put together once: a text that stays the same one is found again by its address.
struct StatementByDialect: Sendable {
    private let sqlite: String
    private let postgres: String

    init(_ statement: (SQLDialect) -> String) {
        sqlite = statement(.sqlite)
        postgres = statement(.postgres)
    }

    subscript(_ dialect: SQLDialect) -> String {
        switch dialect {
        case .sqlite: sqlite
        case .postgres: postgres
        }
    }
}
