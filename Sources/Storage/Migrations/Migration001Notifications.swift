extension Migration {
    /// `sort_key` is the moment of creation in microseconds, counted up where it is taken: the order of every list, and a small key for the indexes.
    /// `status` is the stated one, else the folded one, or `deleted`: what the lists filter by.
    static let notifications = Migration(number: 1, name: "notifications") { dialect in
        [
            """
            CREATE TABLE notifications (
                sort_key \(dialect.integerKey),
                id TEXT NOT NULL UNIQUE,
                org_id TEXT NOT NULL,
                contract TEXT NOT NULL,
                user_id TEXT,
                status TEXT NOT NULL,
                targeted BIGINT NOT NULL,
                reached BIGINT NOT NULL,
                failed BIGINT NOT NULL,
                cancelled BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                updated_at BIGINT,
                expires_at BIGINT,
                deleted_at BIGINT,
                stated_status TEXT,
                batch_id TEXT,
                scenario_id TEXT,
                prompt_id TEXT,
                error TEXT,
                priority BIGINT NOT NULL,
                collapse_id TEXT,
                list_unsubscribe TEXT,
                title TEXT,
                body TEXT,
                html TEXT,
                data TEXT,
                attributes TEXT
            )
            """,
            "CREATE INDEX notifications_by_user ON notifications (user_id\(dialect.thenSortKey)) WHERE user_id IS NOT NULL",
            "CREATE INDEX notifications_by_status ON notifications (status\(dialect.thenSortKey))",
            "CREATE INDEX notifications_by_batch ON notifications (batch_id\(dialect.thenSortKey)) WHERE batch_id IS NOT NULL",
            "CREATE INDEX notifications_by_scenario ON notifications (scenario_id\(dialect.thenSortKey)) WHERE scenario_id IS NOT NULL",
            "CREATE INDEX notifications_by_prompt ON notifications (prompt_id\(dialect.thenSortKey)) WHERE prompt_id IS NOT NULL",
        ]
    }
}
