extension Migration {
    /// An id stands without its prefix, tells when its record was made, and so is the order of every list; `sent_at` says the same in a number, by which
    /// the list is counted. `channels` is a list with commas, `dispatch_ids` a JSON array.
    static let notificationRecords = Migration(number: 8, name: "notification records") { dialect in
        [
            """
            CREATE TABLE notification_records (
                id TEXT PRIMARY KEY,
                sent_at BIGINT NOT NULL,
                org_id TEXT NOT NULL,
                mentor_id TEXT NOT NULL,
                coordinator_id TEXT NOT NULL,
                event_type TEXT NOT NULL,
                effective_date BIGINT,
                channels TEXT NOT NULL,
                reason TEXT,
                dispatch_ids TEXT,
                notes TEXT,
                updated_at BIGINT
            ) \(dialect.clustered)
            """,
            // The table's own tree has the order too, but holds every text: counting it would read them all.
            "CREATE INDEX notification_records_by_time ON notification_records (id, org_id)",
            "CREATE INDEX notification_records_by_org ON notification_records (org_id, id)",
            "CREATE INDEX notification_records_by_mentor ON notification_records (mentor_id, id, org_id)",
            "CREATE INDEX notification_records_by_coordinator ON notification_records (coordinator_id, id, org_id)",
            "CREATE INDEX notification_records_by_event ON notification_records (event_type, id, org_id)",
        ]
    }
}
