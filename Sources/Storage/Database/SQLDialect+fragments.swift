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

    /// Behind an index's own columns on `notifications`, to serve the list order; SQLite appends the integer key by itself.
    var thenSortKey: String {
        switch self {
        case .sqlite: ""
        case .postgres: ", sort_key"
        }
    }
}
