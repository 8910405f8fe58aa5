extension Migration {
    /// A token belongs to one user per org. Dead tokens stay for audit, out of the index that sending looks into.
    ///
    /// Not clustered by token: in the order of registration, the rows that a mailing touches lie together and share pages; by token each has one of its own.
    static let deviceTokens = Migration(number: 3, name: "device tokens and suppressions") { dialect in
        [
            """
            CREATE TABLE device_tokens (
                org_id TEXT NOT NULL,
                token TEXT NOT NULL,
                id TEXT NOT NULL,
                user_id TEXT NOT NULL,
                platform TEXT NOT NULL,
                provider TEXT NOT NULL,
                registered_at BIGINT NOT NULL,
                last_used_at BIGINT,
                invalidated_at BIGINT,
                invalidation_reason TEXT,
                PRIMARY KEY (token, org_id)
            )
            """,
            "CREATE INDEX device_tokens_active ON device_tokens (user_id, org_id) WHERE invalidated_at IS NULL",
            """
            CREATE TABLE suppressions (
                org_id TEXT NOT NULL,
                address TEXT NOT NULL,
                reason TEXT NOT NULL,
                since BIGINT NOT NULL,
                PRIMARY KEY (org_id, address)
            ) \(dialect.clustered)
            """,
        ]
    }
}
