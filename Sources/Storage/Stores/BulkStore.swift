public import Domain

/// Bulks: begun, carried on by `DeliveryQueue.insert(step:)`, and read back.
public struct BulkStore: Sendable {
    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// - Parameter idempotency: marks that key in the same transaction as begun under this bulk.
    public func begin(_ bulk: Bulk, lease: Lease, idempotency: IdempotencyMark? = nil) async throws {
        try await committer.write { connection in
            if let idempotency { try IdempotencyStore.mark(idempotency, lease: lease, connection) }
            try connection.run(
                """
                INSERT INTO bulks (id, org_id, parameters, began_at, cursor_org, cursor_user, eligible, failed, finished_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(bulk.id), .text(bulk.orgID), .text(bulk.parameters.text), SQLValue(bulk.beganAt), .text(bulk.cursor?.orgID ?? ""),
                    .text(bulk.cursor?.userID ?? ""), SQLValue(bulk.eligible), SQLValue(bulk.failed), SQLValue(bulk.finishedAt),
                ])
        }
    }

    public func get(_ id: String) async throws -> Bulk? {
        try await committer.database.read { connection in try Self.get(id, connection) }
    }

    /// Says that nobody is left to see to. A bulk that had ended before keeps the moment of its end.
    /// - Returns: the bulk as it stands; nil when there is none.
    public func finish(_ id: String, at now: Timestamp) async throws -> Bulk? {
        try await committer.write { connection in
            try connection.run("UPDATE bulks SET finished_at = coalesce(finished_at, ?) WHERE id = ?", [SQLValue(now), .text(id)])
            return try Self.get(id, connection)
        }
    }

    /// Those of these users who have a notification of the bulk already: one who moved to another org meanwhile must not get a second.
    public func reached(by id: String, among userIDs: [String]) async throws -> Set<String> {
        // The batch stands in an expression so that nobody goes by its index: the batch is what is long here, and a user's notifications are few.
        try await committer.database.read { connection in
            var reached: Set<String> = []
            for users in userIDs.chunks(of: SQLList.limit) {
                let list = SQLList(users.map { .text($0) })
                try connection.query(
                    "SELECT user_id FROM notifications WHERE user_id IN (\(list.placeholders)) AND coalesce(batch_id, '') = ?",
                    list.arguments + [.text(id)]
                ) { row in if let user = row.text(0) { reached.insert(user) } }
            }
            return reached
        }
    }

    /// The ids of a bulk's notifications in the order in which they were made, page by page: no matter how many there are, only a page is in memory.
    ///
    /// - Parameter each: is handed the pages one after the other; the next one is read when it returns.
    public func notificationIDs(of id: String, page: Int = 1_000, _ each: ([String]) async throws -> Void) async throws {
        var last: Int64 = 0
        while true {
            let after = last
            let rows = try await committer.database.read { connection in
                var rows: [(key: Int64, id: String)] = []
                try connection.query(
                    "SELECT sort_key, id FROM notifications WHERE batch_id = ? AND sort_key > ? ORDER BY sort_key LIMIT ?",
                    [.text(id), .integer(after), SQLValue(page)]
                ) { row in rows.append((row.integer(0) ?? 0, row.text(1) ?? "")) }
                return rows
            }
            if !rows.isEmpty { try await each(rows.map(\.id)) }
            guard rows.count == page, let key = rows.last?.key else { return }
            last = key
        }
    }

    private static func get(_ id: String, _ connection: any SQLConnection) throws -> Bulk? {
        var bulk: Bulk?
        try connection.query(
            "SELECT org_id, parameters, began_at, cursor_org, cursor_user, eligible, failed, finished_at FROM bulks WHERE id = ?", [.text(id)]
        ) { row in
            let user = row.text(4) ?? ""
            bulk = Bulk(
                id: id, orgID: row.text(0) ?? "", parameters: try row.object(1, "bulks.parameters") ?? [:],
                beganAt: row.time(2) ?? Timestamp(microseconds: 0), cursor: user.isEmpty ? nil : .init(orgID: row.text(3) ?? "", userID: user),
                eligible: row.count(5), failed: row.count(6), finishedAt: row.time(7))
        }
        return bulk
    }
}

extension BulkStep {
    /// Moves the bulk on by these notifications. Throws, and so undoes their insert, when another run has moved it meanwhile.
    func write(_ batch: [NewNotification], _ connection: any SQLConnection) throws {
        let failed = batch.count { $0.notification.tally.status == .failed }
        let moved = try connection.run(
            """
            UPDATE bulks SET cursor_org = ?, cursor_user = ?, eligible = eligible + ?, failed = failed + ?
            WHERE id = ? AND cursor_org = ? AND cursor_user = ? AND finished_at IS NULL
            """,
            [
                .text(to.orgID), .text(to.userID), SQLValue(batch.count), SQLValue(failed), .text(bulkID), .text(from?.orgID ?? ""),
                .text(from?.userID ?? ""),
            ])
        guard moved == 1 else { throw StorageError.statement("the bulk \(bulkID) has been moved on by another run: nothing of this step was kept") }
    }
}
