public import Domain

extension DeliveryQueue {
    /// Says that this gateway lives until then, and what time it is. The first call registers it.
    public func renew(_ lease: Lease, until: Timestamp, now: Timestamp) async throws {
        try await committer.write { connection in
            try Self.seeTime(now, connection)
            try connection.run(
                "INSERT INTO gateways (holder, lease_until) VALUES (?, ?) ON CONFLICT (holder) DO UPDATE SET lease_until = excluded.lease_until",
                [.text(lease.holder), SQLValue(until)])
        }
    }

    /// Gives back what dead gateways hold: leases past their time, or, when this process is known to be alone on the database, every lease but its own.
    /// - Returns: the number of deliveries that are queued again.
    public func reap(now: Timestamp, alone: Bool, lease: Lease) async throws -> Int {
        try await committer.write { connection in
            if alone {
                try connection.run("DELETE FROM gateways WHERE holder <> ?", [.text(lease.holder)])
            } else {
                try connection.run("DELETE FROM gateways WHERE holder <> ? AND lease_until <= ?", [.text(lease.holder), SQLValue(now)])
            }
            let orphaned = """
                settled_at IS NULL AND state = 'sending' AND lease_holder <> ?
                    AND NOT EXISTS (SELECT 1 FROM gateways WHERE gateways.holder = deliveries.lease_holder)
                """
            try DeliveryEvent.write(.handedBack, at: now, actor: "lease_holder", where: orphaned, [.text(lease.holder)], connection)
            return try connection.run(
                "UPDATE deliveries SET state = 'queued', lease_holder = NULL WHERE \(orphaned)", [.text(lease.holder)])
        }
    }

    /// Gives the lease itself back at the end of an orderly shutdown, and with it whatever it still holds.
    public func surrender(_ lease: Lease, now: Timestamp) async throws {
        try await committer.write { connection in
            try Self.seeTime(now, connection)
            try connection.run(
                """
                UPDATE deliveries SET state = 'queued', lease_holder = NULL, next_attempt_at = ?
                WHERE settled_at IS NULL AND state = 'sending' AND lease_holder = ?
                """, [SQLValue(now), .text(lease.holder)])
            try connection.run("DELETE FROM gateways WHERE holder = ?", [.text(lease.holder)])
        }
    }
}
