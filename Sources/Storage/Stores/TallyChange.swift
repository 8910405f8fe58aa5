import Domain

/// What a write does to a notification's tally; several of one transaction are added up and written once.
struct TallyChange {
    /// Deliveries made after the notification itself.
    var targeted = 0
    var reached = 0
    var failed = 0
    var cancelled = 0
    /// Why the last target failed; nil leaves what stands.
    var error: String?

    var isNothing: Bool { targeted == 0 && reached == 0 && failed == 0 && cancelled == 0 && error == nil }

    static func += (a: inout TallyChange, b: TallyChange) {
        a.targeted += b.targeted
        a.reached += b.reached
        a.failed += b.failed
        a.cancelled += b.cancelled
        a.error = b.error ?? a.error
    }

    /// The folded status in SQL, by the rule of `Tally.status`, after adding `?` to each count: reached, targeted, failed, cancelled, targeted, failed again.
    /// A stated status wins over it.
    private static let statusAfter = """
        CASE WHEN stated_status IS NOT NULL THEN 'stated:' || stated_status
             WHEN reached + ? > 0 THEN 'reached'
             WHEN targeted + ? = 0 THEN 'failed'
             WHEN failed + ? + cancelled + ? < targeted + ? THEN 'queued'
             WHEN failed + ? > 0 THEN 'failed'
             ELSE 'cancelled' END
        """

    private static let update = StatementByDialect { dialect in
        """
        \(dialect.updatingWithTriggers) notifications
        SET targeted = targeted + ?, reached = reached + ?, failed = failed + ?, cancelled = cancelled + ?, error = coalesce(?, error), status = \(statusAfter)
        WHERE id = ?
        """
    }

    func write(_ notificationID: String, _ connection: any SQLConnection) throws {
        if isNothing { return }
        let targeted = SQLValue.integer(Int64(targeted))
        let reached = SQLValue.integer(Int64(reached))
        let failed = SQLValue.integer(Int64(failed))
        let cancelled = SQLValue.integer(Int64(cancelled))
        try connection.run(
            Self.update[connection.dialect],
            [targeted, reached, failed, cancelled, SQLValue(error), reached, targeted, failed, cancelled, targeted, failed, .text(notificationID)])
    }
}

/// Tally changes by notification.
struct TallyChanges {
    private var changes: [String: TallyChange] = [:]

    mutating func add(_ change: TallyChange, to notificationID: String) {
        changes[notificationID, default: TallyChange()] += change
    }

    /// In the order of the ids, so that two gateways never wait for each other's rows in a circle.
    func write(_ connection: any SQLConnection) throws {
        for (id, change) in changes.sorted(by: { $0.key < $1.key }) { try change.write(id, connection) }
    }
}
