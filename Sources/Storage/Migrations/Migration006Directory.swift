extension Migration {
    /// Who is who, who belongs where, what expires when. A certification belongs to its user's org, wherever the user moves: it has none of its own.
    ///
    /// `users_by_org` serves lists and the walk through an org in the order of its users' ids; `certifications_by_expiry` finds a user's next one.
    /// A mentor's coordinators are ids of users that may be unknown (yet): another service's word, kept as it was given.
    static let directory = Migration(number: 6, name: "directory") { dialect in
        [
            """
            CREATE TABLE organisations (
                id TEXT PRIMARY KEY,
                parent_id TEXT,
                name TEXT NOT NULL
            ) \(dialect.clustered)
            """,
            "CREATE INDEX organisations_by_parent ON organisations (parent_id, id) WHERE parent_id IS NOT NULL",
            """
            CREATE TABLE users (
                id TEXT PRIMARY KEY,
                org_id TEXT NOT NULL,
                full_name TEXT,
                email TEXT,
                email_verified BIGINT NOT NULL,
                phone TEXT,
                locale TEXT,
                chapter_id TEXT
            ) \(dialect.clustered)
            """,
            "CREATE INDEX users_by_org ON users (org_id, id)",
            """
            CREATE TABLE certifications (
                user_id TEXT NOT NULL,
                id TEXT NOT NULL,
                name TEXT NOT NULL,
                expires_at BIGINT NOT NULL,
                PRIMARY KEY (user_id, id)
            ) \(dialect.clustered)
            """,
            "CREATE INDEX certifications_by_expiry ON certifications (user_id, expires_at, id)",
            """
            CREATE TABLE mentors (
                id TEXT PRIMARY KEY,
                org_id TEXT NOT NULL,
                full_name TEXT,
                email TEXT,
                phone TEXT,
                current_status TEXT,
                pause_start_date BIGINT
            ) \(dialect.clustered)
            """,
            "CREATE INDEX mentors_by_org ON mentors (org_id, id)",
            """
            CREATE TABLE mentor_coordinators (
                mentor_id TEXT NOT NULL,
                position BIGINT NOT NULL,
                user_id TEXT NOT NULL,
                PRIMARY KEY (mentor_id, position)
            ) \(dialect.clustered)
            """,
        ]
    }
}
