extension Migration {
    /// `holder` is the gateway that works on the key; `reference` stands once something was enqueued under it; `status` once the answer is known.
    static let idempotencyKeys = Migration(number: 4, name: "idempotency keys") { dialect in
        [
            """
            CREATE TABLE idempotency_keys (
                caller TEXT NOT NULL,
                operation TEXT NOT NULL,
                idempotency_key TEXT NOT NULL,
                body_hash TEXT NOT NULL,
                holder TEXT NOT NULL,
                reference TEXT,
                status BIGINT,
                content_type TEXT,
                body TEXT,
                created_at BIGINT NOT NULL,
                PRIMARY KEY (caller, operation, idempotency_key)
            ) \(dialect.clustered)
            """,
            "CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)",
        ]
    }
}
