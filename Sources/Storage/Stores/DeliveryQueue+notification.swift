public import Domain

/// What is done to a notification as a whole, where its contract knows no deliveries.
extension DeliveryQueue {
    /// Withdraws what is queued of a notification; what is being sent or has ended stays as it is.
    /// - Returns: how many deliveries were withdrawn.
    public func cancel(notification id: String, scope: OrgScope, by actor: String? = nil, now: Timestamp) async throws -> Int {
        try await committer.write { connection in
            let condition = scope.condition(on: "org_id")
            try DeliveryEvent.write(
                .cancelled, at: now, actor: "?", where: "notification_id = ? AND state = 'queued' AND \(condition.sql)",
                [SQLValue(actor), .text(id)] + condition.arguments, connection)
            let cancelled = try connection.run(
                "UPDATE deliveries SET state = 'cancelled', settled_at = ? WHERE notification_id = ? AND state = 'queued' AND \(condition.sql)",
                [SQLValue(now), .text(id)] + condition.arguments)
            try TallyChange(cancelled: cancelled).write(id, connection)
            return cancelled
        }
    }

    /// Queues a notification of one target that has failed again, attempts kept; those made so far count no more against the limit.
    ///
    /// - Parameter delivery: where it goes now, and through which lane. One that could not be made before is made by this.
    /// - Returns: false when the notification is not failed (any more), or has several targets.
    public func retry(
        notification id: String, as delivery: Delivery, scope: OrgScope, by actor: String? = nil, now: Timestamp
    ) async throws -> Bool {
        try await committer.write { connection in
            let condition = scope.condition(on: "org_id")
            // An update and no question, so that of two retries at once the second one finds the first one's doing.
            let isFailed = try connection.run(
                """
                UPDATE notifications SET updated_at = ?
                WHERE id = ? AND reached = 0 AND cancelled = 0 AND failed = targeted AND targeted <= 1 AND deleted_at IS NULL AND \(condition.sql)
                """, [SQLValue(now), .text(id)] + condition.arguments)
            guard isFailed == 1 else { return false }
            let target = delivery.target
            try DeliveryEvent.write(
                .retried, at: now, actor: "?", where: "notification_id = ? AND state = 'failed'", [SQLValue(actor), .text(id)], connection)
            let queued = try connection.run(
                """
                UPDATE deliveries
                SET state = 'queued', lane = ?, provider = ?, address = ?, platform = ?, registered_at = ?, next_attempt_at = ?,
                    settled_at = NULL, held_attempts = attempts
                WHERE notification_id = ? AND state = 'failed'
                """,
                [
                    .text(delivery.lane.description), .text(delivery.lane.provider.rawValue), .text(target.address),
                    SQLValue(target.platform?.rawValue), SQLValue(target.registeredAt), SQLValue(now), .text(id),
                ])
            if queued > 0 {
                try TallyChange(failed: -queued).write(id, connection)
            } else {
                var changes = ListChanges()
                try Self.insert(delivery, nil, connection, &changes)
                try changes.write(connection)
                try TallyChange(targeted: 1).write(id, connection)
            }
            return true
        }
    }
}
