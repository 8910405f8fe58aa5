extension Migration {
    /// `sort_key` is the moment of creation in microseconds, counted up where it is taken: the order of every list. A deleted row's is negative, so
    /// that no list needs more than its index to pass it over. `status` is the stated one, marked as such, else the
    /// folded one; those that every notification passes through are in no index, and cost no sending.
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
            "CREATE INDEX notifications_by_org ON notifications (org_id, contract, sort_key)",
            "CREATE INDEX notifications_by_contract ON notifications (contract, sort_key, org_id)",
            "CREATE INDEX notifications_by_status ON notifications (status, contract, sort_key, org_id) WHERE \(NotificationStrands.isSeldom)",
            "CREATE INDEX notifications_by_user ON notifications (user_id, sort_key) WHERE user_id IS NOT NULL",
            "CREATE INDEX notifications_by_scenario ON notifications (scenario_id, sort_key, org_id, contract) WHERE scenario_id IS NOT NULL",
            "CREATE INDEX notifications_by_prompt ON notifications (prompt_id, sort_key, org_id, contract) WHERE prompt_id IS NOT NULL",
            "CREATE INDEX notifications_by_batch ON notifications (batch_id, sort_key) WHERE batch_id IS NOT NULL",
        ]
    }
}
