extension Migration {
    /// What happens to a delivery beside its attempts and is seldom: people retry and cancel it, a gateway dies with it, a receipt changes its fate. A send
    /// that goes well writes nothing here. `next_reason` says why an attempt's successor waits, where one does.
    static let deliveryEvents = Migration(number: 14, name: "delivery events") { dialect in
        [
            """
            CREATE TABLE delivery_events (
                delivery_id TEXT NOT NULL,
                at BIGINT NOT NULL,
                event TEXT NOT NULL,
                actor TEXT,
                detail TEXT,
                PRIMARY KEY (delivery_id, at, event)
            ) \(dialect.clustered)
            """,
            "ALTER TABLE attempts ADD COLUMN next_reason TEXT",
            "CREATE INDEX deliveries_failed_by_reason ON deliveries (reason, id) WHERE state = 'failed'",
        ]
    }
}
