public import Domain

extension DeliveryQueue {
    /// How many of a claim's places are kept for normal priority, where some waits: urgent messages without end slow it down and do not stop it.
    public static func normalShare(of limit: Int) -> Int { limit / 10 }

    /// Claims due deliveries of a lane, high priority first, oldest first: `queued` → `sending`.
    ///
    /// One statement per priority, so that deliveries that wait for their next attempt cost a claim nothing.
    public func claim(lane: LaneKey, limit: Int, now: Timestamp, lease: Lease) async throws -> [OutboundMessage] {
        guard limit > 0 else { return [] }
        let claim = Self.claim(dialect)
        return try await committer.write(rows: limit, asker: .lane) { connection in
            var deliveries: [Delivery] = []
            func take(_ priority: Priority, _ limit: Int) throws {
                guard limit > 0 else { return }
                try connection.query(
                    claim, [.text(lease.holder), .text(lane.description), .integer(priority.rank), SQLValue(now), SQLValue(limit)]
                ) { deliveries.append(try Delivery($0)) }
            }
            let high = limit - Self.normalShare(of: limit)
            try take(.high, high)
            let mayHaveMore = deliveries.count == high
            try take(.normal, limit - deliveries.count)
            if mayHaveMore { try take(.high, limit - deliveries.count) }
            guard !deliveries.isEmpty else { return [] }
            // RETURNING promises no order.
            deliveries.sort {
                ($0.priority.rank, $0.nextAttemptAt, $0.id) < ($1.priority.rank, $1.nextAttemptAt, $1.id)
            }
            let contents = try Self.contents(of: deliveries, connection)
            return try deliveries.map { delivery in
                guard let (content, place) = contents[delivery.notificationID] else {
                    throw StorageError.statement("delivery \(delivery.idText) belongs to no notification")
                }
                return OutboundMessage(delivery: delivery, content: content, place: place)
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

    private static func contents(
        of deliveries: [Delivery], _ connection: any SQLConnection
    ) throws -> [String: (Content, NotificationPlace)] {
        var contents: [String: (Content, NotificationPlace)] = [:]
        for ids in Array(Set(deliveries.map(\.notificationID))).chunks(of: SQLList.limit) {
            let list = SQLList(ids.map { .text($0) })
            try connection.query(
                "SELECT id, \(NotificationPlace.selection), \(Content.selection) FROM notifications WHERE id IN (\(list.placeholders))",
                list.arguments
            ) { row in
                contents[row.text(0) ?? ""] = (try Content(row, at: 4), try NotificationPlace(row, at: 1))
            }
        }
        return contents
    }

    /// Puts deliveries back to `queued` without an attempt (shutdown, lost credential, paused lane, a device that is to be left alone).
    public func release(_ returned: [Returned], lease: Lease) async throws {
        guard !returned.isEmpty else { return }
        try await committer.write(rows: returned.count, asker: .engine) { connection in
            // Nearly always all for one cause.
            for (why, some) in Dictionary(grouping: returned, by: \.why) {
                for ids in some.map(\.id).chunks(of: SQLList.limit) {
                    let list = SQLList(ids.map { SQLValue($0) })
                    try connection.run(
                        """
                        UPDATE deliveries
                        SET state = 'queued', lease_holder = NULL, next_attempt_at = ?, reason = coalesce(?, reason), error = coalesce(?, error)
                        WHERE id IN (\(list.placeholders)) AND state = 'sending' AND lease_holder = ?
                        """,
                        [SQLValue(why.nextAttemptAt), SQLValue(why.reason), SQLValue(why.error)] + list.arguments + [.text(lease.holder)])
                }
            }
        }
    }

    /// As the other `release`, all until the same time.
    public func release(_ ids: [Identifier], nextAttemptAt: Timestamp, lease: Lease) async throws {
        try await release(ids.map { Returned($0, nextAttemptAt: nextAttemptAt) }, lease: lease)
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
