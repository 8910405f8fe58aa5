public import Domain

extension DeliveryQueue {
    /// Withdraws a queued delivery. False when it was not queued (any more).
    public func cancel(_ id: Identifier, scope: OrgScope, by actor: String? = nil, now: Timestamp) async throws -> Bool {
        try await cancel([id], scope: scope, by: actor, now: now).count == 1
    }

    /// Withdraws those of these deliveries that are queued, in one transaction.
    /// - Returns: as they stand now, in no order.
    public func cancel(_ ids: [Identifier], scope: OrgScope, by actor: String?, now: Timestamp) async throws -> [Delivery] {
        let condition = scope.condition(on: "org_id")
        return try await committer.write(rows: 2 * ids.count) { connection in
            var cancelled: [Delivery] = []
            for ids in ids.chunks(of: SQLList.limit) {
                let list = SQLList(ids.map { SQLValue($0) })
                try connection.query(
                    """
                    UPDATE deliveries SET state = 'cancelled', settled_at = ?
                    WHERE id IN (\(list.placeholders)) AND state = 'queued' AND \(condition.sql)
                    RETURNING \(Delivery.selection)
                    """, [SQLValue(now)] + list.arguments + condition.arguments
                ) { cancelled.append(try Delivery($0)) }
            }
            var tallies = TallyChanges()
            for delivery in cancelled {
                tallies.add(TallyChange(cancelled: 1), to: delivery.notificationID)
                try DeliveryEvent(at: now, kind: .cancelled, actor: actor).write(SQLValue(delivery.id), connection)
            }
            try tallies.write(connection)
            return cancelled
        }
    }

    /// Queues a failed delivery again, attempts kept; those made so far count no more against the limit. False when it was not failed.
    public func retry(_ id: Identifier, scope: OrgScope, by actor: String? = nil, now: Timestamp) async throws -> Bool {
        try await retry([RetryOrder(id: id)], scope: scope, by: actor, now: now).count == 1
    }

    /// Queues those of these deliveries again that are failed and not past their deadline, in one transaction: whoever asks twice gets one more attempt.
    /// - Returns: as they stand now, in no order.
    public func retry(_ orders: [RetryOrder], scope: OrgScope, by actor: String?, now: Timestamp) async throws -> [Delivery] {
        let condition = scope.condition(on: "org_id")
        return try await committer.write(rows: 2 * orders.count) { connection in
            var queued: [Delivery] = []
            for (lane, orders) in Dictionary(grouping: orders, by: \.lane) {
                for orders in orders.chunks(of: SQLList.limit) {
                    let list = SQLList(orders.map { SQLValue($0.id) })
                    try connection.query(
                        """
                        UPDATE deliveries
                        SET state = 'queued', lane = coalesce(?, lane), next_attempt_at = ?, settled_at = NULL, held_attempts = attempts
                        WHERE id IN (\(list.placeholders)) AND state = 'failed' AND (expires_at IS NULL OR expires_at > ?) AND \(condition.sql)
                        RETURNING \(Delivery.selection)
                        """,
                        [SQLValue(lane?.description), SQLValue(now)] + list.arguments + [SQLValue(now)] + condition.arguments
                    ) { queued.append(try Delivery($0)) }
                }
            }
            var tallies = TallyChanges()
            for delivery in queued {
                tallies.add(TallyChange(failed: -1), to: delivery.notificationID)
                // What it had failed for stands in the row until the next attempt, and here from then on.
                try DeliveryEvent(at: now, kind: .retried, actor: actor, detail: delivery.error).write(SQLValue(delivery.id), connection)
            }
            try tallies.write(connection)
            return queued
        }
    }

    /// Fails queued deliveries whose deadline has passed, at most `limit` of them; gives the deliveries so that waiting callers hear of it.
    public func expire(now: Timestamp, limit: Int) async throws -> [Delivery] {
        let statement = """
            UPDATE deliveries SET state = 'failed', settled_at = ?, reason = 'expired', error = ?
            WHERE id IN (
                SELECT id FROM deliveries
                WHERE state = 'queued' AND expires_at IS NOT NULL AND expires_at <= ?
                ORDER BY expires_at LIMIT ? \(dialect.skippingLocked)
            )
            RETURNING \(Delivery.selection)
            """
        return try await committer.write { connection in
            var expired: [Delivery] = []
            var tallies = TallyChanges()
            try connection.query(statement, [SQLValue(now), .text(Self.expiredText), SQLValue(now), SQLValue(limit)]) { row in
                let delivery = try Delivery(row)
                expired.append(delivery)
                tallies.add(TallyChange(failed: 1, error: Self.expiredText), to: delivery.notificationID)
            }
            try tallies.write(connection)
            return expired
        }
    }

    private static let expiredText = "The deadline (expires_at) passed before it could be delivered"
}
