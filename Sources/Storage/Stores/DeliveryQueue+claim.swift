public import Domain

extension DeliveryQueue {
    /// Claims due deliveries of a lane, high priority first, oldest first: `queued` → `sending`.
    ///
    /// One statement per priority, so that deliveries that wait for their next attempt cost a claim nothing.
    public func claim(lane: LaneKey, limit: Int, now: Timestamp, lease: Lease) async throws -> [OutboundMessage] {
        guard limit > 0 else { return [] }
        let claim = Self.claim(dialect)
        return try await committer.write(rows: limit) { connection in
            var deliveries: [Delivery] = []
            for priority in [Priority.high, .normal] where deliveries.count < limit {
                try connection.query(
                    claim,
                    [
                        .text(lease.holder), .text(lane.description), .integer(priority.rank), SQLValue(now),
                        SQLValue(limit - deliveries.count),
                    ]
                ) { deliveries.append(try Delivery($0)) }
            }
            guard !deliveries.isEmpty else { return [] }
            // RETURNING promises no order.
            deliveries.sort {
                ($0.priority.rank, $0.nextAttemptAt, $0.id) < ($1.priority.rank, $1.nextAttemptAt, $1.id)
            }
            let contents = try Self.contents(of: deliveries, connection)
            return try deliveries.map { delivery in
                guard let content = contents[delivery.notificationID] else {
                    throw StorageError.statement("delivery \(delivery.idText) belongs to no notification")
                }
                return OutboundMessage(delivery: delivery, content: content)
            }
        }
    }

    private static func claim(_ dialect: SQLDialect) -> String {
        """
        UPDATE deliveries SET state = 'sending', lease_holder = ?
        WHERE id IN (
            SELECT id FROM deliveries
            WHERE settled_at IS NULL AND state = 'queued' AND lane = ? AND priority = ? AND next_attempt_at <= ?
            ORDER BY next_attempt_at, id LIMIT ? \(dialect.skippingLocked)
        )
        RETURNING \(Delivery.selection)
        """
    }

    private static func contents(of deliveries: [Delivery], _ connection: any SQLConnection) throws -> [String: Content] {
        var contents: [String: Content] = [:]
        for ids in Array(Set(deliveries.map(\.notificationID))).chunks(of: SQLList.limit) {
            let list = SQLList(ids.map { .text($0) })
            try connection.query("SELECT id, \(Content.selection) FROM notifications WHERE id IN (\(list.placeholders))", list.arguments) { row in
                contents[row.text(0) ?? ""] = try Content(row, at: 1)
            }
        }
        return contents
    }

    /// Puts deliveries back to `queued` without an attempt (shutdown, lost credential, paused lane).
    public func release(_ ids: [Identifier], nextAttemptAt: Timestamp, lease: Lease) async throws {
        guard !ids.isEmpty else { return }
        try await committer.write(rows: ids.count) { connection in
            for ids in ids.chunks(of: SQLList.limit) {
                let list = SQLList(ids.map { SQLValue($0) })
                try connection.run(
                    """
                    UPDATE deliveries SET state = 'queued', lease_holder = NULL, next_attempt_at = ?
                    WHERE id IN (\(list.placeholders)) AND state = 'sending' AND lease_holder = ?
                    """, [SQLValue(nextAttemptAt)] + list.arguments + [.text(lease.holder)])
            }
        }
    }

    /// Lanes with queued deliveries, and when each has its next one due. Served by an index; costs per lane, not per row.
    public func backlog() async throws -> [Backlog] {
        try await committer.database.read { connection in
            var backlog: [Backlog] = []
            try connection.query(Self.backlog, []) { row in
                guard let due = row.time(1) else { return }
                backlog.append(Backlog(lane: try row.value(0, "deliveries.lane") { LaneKey($0) }, nextAttemptAt: due))
            }
            return backlog
        }
    }

    /// Steps from lane to lane in the index (a "loose index scan"), and asks for the first entry of each priority there.
    private static let backlog = """
        WITH RECURSIVE lanes (lane) AS (
            SELECT min(lane) FROM deliveries WHERE settled_at IS NULL AND state = 'queued'
            UNION ALL
            SELECT (SELECT min(d.lane) FROM deliveries d WHERE d.settled_at IS NULL AND d.state = 'queued' AND d.lane > lanes.lane)
            FROM lanes WHERE lanes.lane IS NOT NULL
        ), due (lane, due_at) AS (
            SELECT lane, (SELECT min(d.next_attempt_at) FROM deliveries d
                          WHERE d.settled_at IS NULL AND d.state = 'queued' AND d.lane = lanes.lane AND d.priority = 0)
            FROM lanes WHERE lane IS NOT NULL
            UNION ALL
            SELECT lane, (SELECT min(d.next_attempt_at) FROM deliveries d
                          WHERE d.settled_at IS NULL AND d.state = 'queued' AND d.lane = lanes.lane AND d.priority = 1)
            FROM lanes WHERE lane IS NOT NULL
        )
        SELECT lane, min(due_at) FROM due WHERE due_at IS NOT NULL GROUP BY lane
        """
}
