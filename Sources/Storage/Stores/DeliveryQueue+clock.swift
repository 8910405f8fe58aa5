public import Domain

extension DeliveryQueue {
    /// The machine's clock has been set back by `jump`: what waits for its next attempt, or for its receipt, waits as long as was meant and not for the jump
    /// on top. What was written after the jump can't be told apart, and may be tried early.
    ///
    /// - Returns: the number of deliveries that are due earlier now.
    @discardableResult
    public func clockWasSetBack(by jump: Duration, now: Timestamp) async throws -> Int {
        let jump = jump.microseconds
        let latest = now + .microseconds(jump)
        return try await committer.write { connection in
            try connection.run(
                """
                UPDATE receipts SET due_at = CASE WHEN due_at > ? THEN due_at - ? ELSE ? END WHERE due_at > ?
                """, [SQLValue(latest), .integer(jump), SQLValue(now), SQLValue(now)])
            return try connection.run(
                """
                UPDATE deliveries SET next_attempt_at = CASE WHEN next_attempt_at > ? THEN next_attempt_at - ? ELSE ? END
                WHERE settled_at IS NULL AND state = 'queued' AND next_attempt_at > ?
                """, [SQLValue(latest), .integer(jump), SQLValue(now), SQLValue(now)])
        }
    }
}
