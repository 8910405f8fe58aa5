extension Migration {
    /// The queue, what was tried, and what is still to be asked about. A delivery's id stands without its prefix.
    ///
    /// `deliveries_open` serves claims, the reaper and the backlog, and holds only what is not settled: a table of millions of old rows costs them nothing.
    static let deliveries = Migration(number: 2, name: "deliveries") { dialect in
        [
            """
            CREATE TABLE deliveries (
                id TEXT PRIMARY KEY,
                notification_id TEXT NOT NULL,
                org_id TEXT NOT NULL,
                user_id TEXT,
                lane TEXT NOT NULL,
                provider TEXT NOT NULL,
                address TEXT NOT NULL,
                platform TEXT,
                registered_at BIGINT,
                state TEXT NOT NULL,
                attempts BIGINT NOT NULL,
                held_attempts BIGINT NOT NULL,
                next_attempt_at BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT,
                priority BIGINT NOT NULL,
                lease_holder TEXT,
                provider_message_id TEXT,
                reason TEXT,
                error TEXT,
                settled_at BIGINT
            ) \(dialect.clustered)
            """,
            "CREATE INDEX deliveries_open ON deliveries (state, lane, priority, next_attempt_at) WHERE settled_at IS NULL",
            "CREATE INDEX deliveries_by_notification ON deliveries (notification_id)",
            "CREATE INDEX deliveries_by_deadline ON deliveries (expires_at) WHERE state = 'queued' AND expires_at IS NOT NULL",
            "CREATE INDEX deliveries_failed ON deliveries (id) WHERE state = 'failed'",
            "CREATE INDEX deliveries_cancelled ON deliveries (id) WHERE state = 'cancelled'",
            """
            CREATE TABLE attempts (
                delivery_id TEXT NOT NULL,
                number BIGINT NOT NULL,
                started_at BIGINT NOT NULL,
                ended_at BIGINT NOT NULL,
                outcome TEXT NOT NULL,
                rule TEXT NOT NULL,
                status BIGINT,
                reason TEXT,
                detail TEXT,
                next_attempt_at BIGINT,
                PRIMARY KEY (delivery_id, number)
            ) \(dialect.clustered)
            """,
            """
            CREATE TABLE receipts (
                delivery_id TEXT PRIMARY KEY,
                ticket TEXT NOT NULL,
                due_at BIGINT NOT NULL,
                asked_times BIGINT NOT NULL,
                sent_at BIGINT NOT NULL
            ) \(dialect.clustered)
            """,
            "CREATE INDEX receipts_due ON receipts (due_at)",
            """
            CREATE TABLE gateways (
                holder TEXT PRIMARY KEY,
                lease_until BIGINT NOT NULL
            )
            """,
        ]
    }
}
