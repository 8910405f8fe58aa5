extension Migration {
    /// Credentials as they are sealed: nothing in these rows opens without a master key, which never stands here. Two rows of one name at most: the current
    /// version, and while a rotation lasts the one before it.
    ///
    /// `apps` and `facts` are JSON and no secrets. `credential_names` outlives its credentials, so that no version is ever given twice. `credential_changes` is
    /// one row whose number moves with every change: what other processes ask every few seconds. A master key's check value tells it from another one that was
    /// given the same id.
    static let credentials = Migration(number: 11, name: "credentials") { dialect in
        [
            """
            CREATE TABLE credentials (
                org_id TEXT NOT NULL,
                provider TEXT NOT NULL,
                name TEXT NOT NULL,
                version BIGINT NOT NULL,
                is_current BIGINT NOT NULL,
                set_at BIGINT NOT NULL,
                set_by TEXT,
                previous_until BIGINT,
                apps TEXT NOT NULL,
                facts TEXT NOT NULL,
                master_key_id TEXT NOT NULL,
                wrapped_key TEXT NOT NULL,
                sealed TEXT NOT NULL,
                PRIMARY KEY (org_id, provider, name, version)
            ) \(dialect.clustered)
            """,
            "CREATE INDEX credentials_by_master_key ON credentials (master_key_id)",
            "CREATE INDEX credentials_ending ON credentials (previous_until) WHERE previous_until IS NOT NULL",
            """
            CREATE TABLE credential_names (
                org_id TEXT NOT NULL,
                provider TEXT NOT NULL,
                name TEXT NOT NULL,
                last_version BIGINT NOT NULL,
                PRIMARY KEY (org_id, provider, name)
            ) \(dialect.clustered)
            """,
            "CREATE TABLE credential_changes (id BIGINT PRIMARY KEY, revision BIGINT NOT NULL)",
            "INSERT INTO credential_changes (id, revision) VALUES (1, 0)",
            """
            CREATE TABLE master_keys (
                id TEXT PRIMARY KEY,
                check_value TEXT NOT NULL,
                first_used_at BIGINT NOT NULL,
                retired_at BIGINT
            )
            """,
        ]
    }
}
