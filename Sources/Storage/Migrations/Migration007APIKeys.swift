extension Migration {
    /// `digest` is the SHA-256 of the key's text, `roles` their words with spaces between. Ids sort by time, which is the order of the list.
    static let apiKeys = Migration(number: 7, name: "api keys") { dialect in
        [
            """
            CREATE TABLE api_keys (
                id TEXT NOT NULL PRIMARY KEY,
                prefix TEXT NOT NULL UNIQUE,
                digest TEXT NOT NULL,
                name TEXT,
                org_id TEXT NOT NULL,
                roles TEXT NOT NULL,
                contract TEXT,
                created_at BIGINT NOT NULL,
                expires_at BIGINT,
                last_used_at BIGINT,
                revoked_at BIGINT
            ) \(dialect.clustered)
            """,
            "CREATE INDEX api_keys_by_org ON api_keys (org_id, id)",
        ]
    }
}
