extension Migration {
    /// Dispatches to everybody in an org, made in steps. The cursor, the last org and user that were seen to, moves in the same transaction as their
    /// notifications; empty texts stand for "before the first".
    static let bulks = Migration(number: 9, name: "bulk dispatches") { dialect in
        [
            """
            CREATE TABLE bulks (
                id TEXT PRIMARY KEY,
                org_id TEXT NOT NULL,
                parameters TEXT NOT NULL,
                began_at BIGINT NOT NULL,
                cursor_org TEXT NOT NULL,
                cursor_user TEXT NOT NULL,
                eligible BIGINT NOT NULL,
                failed BIGINT NOT NULL,
                finished_at BIGINT
            ) \(dialect.clustered)
            """
        ]
    }
}
