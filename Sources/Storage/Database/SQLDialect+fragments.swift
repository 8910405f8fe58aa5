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
}
