public import Domain

extension DeliveryQueue {
    /// Withdraws a queued delivery. False when it was not queued (any more).
    public func cancel(_ id: Identifier, scope: OrgScope, now: Timestamp) async throws -> Bool {
        try await committer.write { connection in
            let condition = scope.condition(on: "org_id")
            var notificationID: String?
            try connection.query(
                """
                UPDATE deliveries SET state = 'cancelled', settled_at = ?
                WHERE id = ? AND state = 'queued' AND \(condition.sql)
                RETURNING notification_id
                """, [SQLValue(now), SQLValue(id)] + condition.arguments
            ) { notificationID = $0.text(0) }
            guard let notificationID else { return false }
            try TallyChange(cancelled: 1).write(notificationID, connection)
            return true
        }
    }

    /// Queues a failed delivery again, attempts kept; those made so far count no more against the limit. False when it was not failed.
    public func retry(_ id: Identifier, scope: OrgScope, now: Timestamp) async throws -> Bool {
        try await committer.write { connection in
            let condition = scope.condition(on: "org_id")
            var notificationID: String?
            try connection.query(
                """
                UPDATE deliveries SET state = 'queued', next_attempt_at = ?, settled_at = NULL, held_attempts = attempts
                WHERE id = ? AND state = 'failed' AND \(condition.sql)
                RETURNING notification_id
                """, [SQLValue(now), SQLValue(id)] + condition.arguments
            ) { notificationID = $0.text(0) }
            guard let notificationID else { return false }
            try TallyChange(failed: -1).write(notificationID, connection)
            return true
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
