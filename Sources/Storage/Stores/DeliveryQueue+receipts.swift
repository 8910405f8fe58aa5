public import Domain

extension DeliveryQueue {
    public func dueReceipts(now: Timestamp, limit: Int) async throws -> [OpenReceipt] {
        try await committer.database.read { connection in
            var receipts: [OpenReceipt] = []
            try connection.query(Self.due, [SQLValue(now), SQLValue(limit)]) { row in
                receipts.append(
                    OpenReceipt(
                        ticket: row.text(0) ?? "", delivery: try Delivery(row, at: 3), askedTimes: row.count(1),
                        sentAt: row.time(2) ?? Timestamp(microseconds: 0)))
            }
            return receipts
        }
    }

    private static let due = """
        SELECT r.ticket, r.asked_times, r.sent_at, \(Delivery.columns.map { "d.\($0)" }.joined(separator: ", "))
        FROM receipts r JOIN deliveries d ON d.id = r.delivery_id
        WHERE r.due_at <= ?
        ORDER BY r.due_at, r.delivery_id LIMIT ?
        """

    /// When the next receipt is due; nil when none is open.
    public func nextReceiptDueAt() async throws -> Timestamp? {
        try await committer.database.read { connection in
            var due: Timestamp?
            try connection.query("SELECT min(due_at) FROM receipts", []) { due = $0.time(0) }
            return due
        }
    }

    /// Writes what the receipts say, where the delivery still waits for them: its state, tally and token, and the verdict beside its last attempt.
    public func settleReceipts(_ settlements: [ReceiptSettlement], now: Timestamp) async throws {
        guard !settlements.isEmpty else { return }
        try await committer.write(rows: settlements.count, asker: .engine) { connection in
            var tallies = TallyChanges()
            for settlement in settlements {
                if let change = try settlement.write(now: now, connection) { tallies.add(change, to: settlement.receipt.delivery.notificationID) }
            }
            try tallies.write(connection)
        }
    }
}

extension ReceiptSettlement {
    /// - Returns: what it does to the notification's tally; an open receipt has been counted as reached.
    fileprivate func write(now: Timestamp, _ connection: any SQLConnection) throws -> TallyChange? {
        switch action {
        case .askAgain(let at):
            try connection.run(
                "UPDATE receipts SET due_at = ?, asked_times = asked_times + 1 WHERE delivery_id = ? AND ticket = ?",
                [SQLValue(at), SQLValue(receipt.delivery.id), .text(receipt.ticket)])
            return nil
        case .gaveUp(let note):
            try close(Change(at: now, state: .delivered, reason: "no_receipt", error: note, settledAt: now), connection)
            return nil
        case .closed(.settled(.failed), let error):
            guard try close(Change(at: now, state: .failed, reason: outcome?.reason, error: error, settledAt: now), connection) else { return nil }
            if case .recipientGone(let asOf) = outcome?.verdict {
                try receipt.delivery.markGone(asOf: asOf, reason: outcome?.reason, at: now, connection)
            }
            return TallyChange(reached: -1, failed: 1, error: error)
        case .closed(.queued(let at, let counted), let error):
            let cause = outcome.flatMap { WaitCause(after: $0, .queued(at: at, counted: counted)) }
            let change = Change(at: now, state: .queued, reason: outcome?.reason, error: error, nextAttemptAt: at, isHeld: !counted, cause: cause)
            return try close(change, connection) ? TallyChange(reached: -1) : nil
        case .closed(.settled(let state), let error):
            try close(Change(at: now, state: state, reason: outcome?.reason, error: error, settledAt: now), connection)
            return nil
        case .closed(.awaitingReceipt, _), .closed(.again, _), .closed(.split, _):
            throw StorageError.statement("a receipt closes its delivery or queues it again; \(action) does neither")
        }
    }

    private struct Change {
        var at: Timestamp
        var state: DeliveryState
        var reason: String?
        var error: String?
        var settledAt: Timestamp?
        var nextAttemptAt: Timestamp?
        var isHeld = false
        var cause: WaitCause?
    }

    /// - Returns: false when the delivery no longer waits for this ticket.
    @discardableResult
    private func close(_ change: Change, _ connection: any SQLConnection) throws -> Bool {
        let id = SQLValue(receipt.delivery.id)
        let ticket = SQLValue.text(receipt.ticket)
        guard try connection.run("DELETE FROM receipts WHERE delivery_id = ? AND ticket = ?", [id, ticket]) == 1 else { return false }
        let changed = try connection.run(
            """
            UPDATE deliveries
            SET state = ?, reason = ?, error = ?, settled_at = ?, next_attempt_at = coalesce(?, next_attempt_at), held_attempts = held_attempts + ?
            WHERE id = ? AND state = 'sent'
            """,
            [
                .text(change.state.rawValue), SQLValue(change.reason), SQLValue(change.error), SQLValue(change.settledAt),
                SQLValue(change.nextAttemptAt), .integer(change.isHeld ? 1 : 0), id,
            ])
        guard changed == 1 else { return false }
        if let outcome, !outcome.verdict.isSuccess {
            try connection.run(
                """
                UPDATE attempts SET outcome = ?, rule = ?, reason = ?, detail = ?, next_attempt_at = ?, next_reason = ?
                WHERE delivery_id = ? AND number = (SELECT attempts FROM deliveries WHERE id = ?)
                """,
                [
                    .text(outcome.verdict.kind.word), .text(outcome.rule), SQLValue(outcome.reason), SQLValue(outcome.detail),
                    SQLValue(change.nextAttemptAt), SQLValue(change.cause?.rawValue), id, id,
                ])
            try DeliveryEvent(at: change.at, kind: .receipt).write(id, connection)
        }
        return true
    }
}
