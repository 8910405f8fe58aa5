import Domain

extension DeliveryQueue {
    /// Writes results: delivery, attempt row, notification tally, token invalidation (by compare-and-set on `registeredAt`), receipt.
    ///
    /// `.again` and `.split` leave the delivery `sending` under this lease: the attempt is remembered, not counted against the limit, and the engine
    /// goes on with the next one.
    /// A delivery has to come with the attempts that it counts by now, those that went on at once included.
    ///
    /// - Returns: for each settlement whether it was written; false when the delivery is no longer ours.
    public func settle(_ settlements: [Settlement], lease: Lease) async throws -> [Bool] {
        guard !settlements.isEmpty else { return [] }
        return try await committer.write(rows: settlements.count, asker: .engine) { connection in
            var tallies = TallyChanges()
            var changes = ListChanges()
            let written = try settlements.map { settlement in
                guard let number = try settlement.writeDelivery(lease, connection, &changes) else { return false }
                try settlement.writeAttempt(number: number, connection)
                try settlement.writeTarget(connection)
                guard let change = settlement.tallyChange else { return true }
                if try change.reached == 0 || !settlement.writeReachOfOnly(connection, &changes) {
                    tallies.add(change, to: settlement.message.delivery.notificationID)
                }
                return true
            }
            try tallies.write(connection)
            try changes.write(connection)
            return written
        }
    }
}

extension Settlement {
    private static let settle = StatementByDialect { dialect in
        """
        \(dialect.updatingWithTriggers) deliveries
        SET state = ?, attempts = ?, held_attempts = held_attempts + ?, next_attempt_at = coalesce(?, next_attempt_at),
            provider_message_id = coalesce(?, provider_message_id), reason = ?, error = ?, settled_at = ?, lease_holder = ?
        WHERE id = ? AND lease_holder = ? AND state = 'sending'
        """
    }

    /// The attempt is the one after those that the delivery counts: while it is leased to us nobody else makes any. Asking the database for the number
    /// (`RETURNING`) would cost a third of the statement.
    ///
    /// - Returns: the attempt's number; nil when the delivery is not ours.
    fileprivate func writeDelivery(_ lease: Lease, _ connection: any SQLConnection, _ changes: inout ListChanges) throws -> Int? {
        let state: DeliveryState
        var isHeld = false
        var nextAttemptAt: Timestamp?
        switch next {
        case .settled(let final): state = final
        case .awaitingReceipt: state = .sent
        case .queued(let at, let counted):
            state = .queued
            isHeld = !counted
            nextAttemptAt = at
        case .again, .split:
            state = .sending
            isHeld = true
        }
        let settledAt: Timestamp? = if case .settled = next { endedAt } else { nil }
        let number = message.delivery.attempts + 1
        let changed = try connection.run(
            Self.settle[connection.dialect],
            [
                .text(state.rawValue), SQLValue(number), .integer(isHeld ? 1 : 0), SQLValue(nextAttemptAt), SQLValue(outcome.providerMessageID),
                SQLValue(outcome.reason), SQLValue(error), SQLValue(settledAt), state == .sending ? .text(lease.holder) : .null,
                SQLValue(message.delivery.id), .text(lease.holder),
            ])
        guard changed == 1 else { return nil }
        changes.settled(message.delivery, as: state)
        if state == .sent { try writeReceipt(connection) }
        return number
    }

    private func writeReceipt(_ connection: any SQLConnection) throws {
        guard let ticket = outcome.providerMessageID else {
            throw StorageError.statement("delivery \(message.delivery.idText) awaits a receipt but has no ticket to ask with")
        }
        try connection.run(
            """
            INSERT INTO receipts (delivery_id, ticket, due_at, asked_times, sent_at) VALUES (?, ?, ?, 0, ?)
            ON CONFLICT (delivery_id) DO UPDATE
            SET ticket = excluded.ticket, due_at = excluded.due_at, asked_times = 0, sent_at = excluded.sent_at
            """, [SQLValue(message.delivery.id), .text(ticket), SQLValue(receiptDueAt ?? endedAt), SQLValue(endedAt)])
    }

    private static let attempt = """
        INSERT INTO attempts (delivery_id, number, started_at, ended_at, outcome, rule, status, reason, detail, next_attempt_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    private static let attemptBeforeAnother = """
        INSERT INTO attempts (delivery_id, number, started_at, ended_at, outcome, rule, status, reason, detail, next_attempt_at, next_reason)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    func writeAttempt(number: Int, _ connection: any SQLConnection) throws {
        var nextAttemptAt: Timestamp?
        if case .queued(let at, _) = next { nextAttemptAt = at }
        let verdict = outcome.verdict
        let values = [
            SQLValue(message.delivery.id), SQLValue(number), SQLValue(startedAt), SQLValue(endedAt), .text(verdict.kind.word), .text(outcome.rule),
            SQLValue(outcome.status), SQLValue(outcome.reason), verdict.isSuccess ? .null : SQLValue(outcome.detail), SQLValue(nextAttemptAt),
        ]
        if let cause = WaitCause(after: outcome, next) {
            try connection.run(Self.attemptBeforeAnother, values + [.text(cause.rawValue)])
        } else {
            try connection.run(Self.attempt, values)
        }
    }

    /// What the attempt has told us about the target itself.
    fileprivate func writeTarget(_ connection: any SQLConnection) throws {
        switch (outcome.verdict, next) {
        case (.accepted, _), (.awaitingReceipt, _): try message.delivery.target.markUsed(orgID: message.delivery.orgID, at: endedAt, connection)
        // The engine may have judged otherwise (a whole lane's worth of such answers speaks of the credential): only a final failure kills.
        case (.recipientGone(let asOf), .settled(.failed)): try message.delivery.markGone(asOf: asOf, reason: outcome.reason, at: endedAt, connection)
        default: break
        }
    }

    fileprivate var tallyChange: TallyChange? {
        switch next {
        case .awaitingReceipt, .settled(.delivered), .settled(.sent): TallyChange(reached: 1)
        case .settled(.failed): TallyChange(failed: 1, error: error)
        case .settled(.cancelled): TallyChange(cancelled: 1)
        case .settled(.queued), .settled(.sending), .queued, .again, .split: nil
        }
    }
}

extension Verdict {
    var isSuccess: Bool {
        switch self {
        case .accepted, .awaitingReceipt: true
        case .deferred, .refreshed, .rejected, .misbuilt, .recipientGone, .credentialRefused, .split, .unknown: false
        }
    }
}
