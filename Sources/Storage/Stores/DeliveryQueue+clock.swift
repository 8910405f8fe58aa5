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
            // In the same transaction as the waits: whichever gateway comes next finds both as they were or both mended.
            try connection.run("UPDATE clock SET seen_at = ? WHERE seen_at > ?", [SQLValue(now), SQLValue(now)])
            try connection.run(
                "UPDATE gateways SET lease_until = lease_until - ? WHERE lease_until > ?", [.integer(jump), SQLValue(latest)])
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

    /// The latest time that any gateway on this database has seen, to within a third of a lease; nil before the first. It is later than now where the clock has
    /// been set back while none was running, or while one could not write.
    public func latestTimeSeen() async throws -> Timestamp? {
        try await committer.database.read { connection in
            var seen: Timestamp?
            try connection.query("SELECT seen_at FROM clock", []) { seen = $0.time(0) }
            return seen
        }
    }

    /// Never goes back by itself: only `clockWasSetBack` makes it, when it has mended what was meant by the later time.
    static func seeTime(_ now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.run(
            """
            INSERT INTO clock (id, seen_at) VALUES (1, ?)
            ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at WHERE clock.seen_at < excluded.seen_at
            """, [SQLValue(now)])
    }
}
