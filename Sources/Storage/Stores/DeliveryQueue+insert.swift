import Domain

extension DeliveryQueue {
    /// Makes notifications and deliveries durable; all of the call or nothing.
    ///
    /// Throws `StorageError.statement` when an id exists already, or when the idempotency key is no longer held by this lease.
    ///
    /// - Parameter idempotency: marks that key in the same transaction as "enqueued under this reference".
    /// - Parameter step: moves that bulk on in the same transaction. Throws `StorageError.statement` when it has been moved on by others.
    /// - Returns: the key of each notification's place in the lists.
    @discardableResult
    public func insert(
        _ batch: [NewNotification], lease: Lease, idempotency: IdempotencyMark? = nil, step: BulkStep? = nil
    ) async throws -> [Int64] {
        let rows = batch.reduce(0) { $0 + 1 + $1.deliveries.count }
        return try await committer.write(rows: rows, asker: .sender) { [sortKeys] connection in
            if let idempotency { try IdempotencyStore.mark(idempotency, lease: lease, connection) }
            try step?.write(batch, connection)
            var contents = ContentValues()
            var changes = ListChanges()
            var keys: [Int64] = []
            keys.reserveCapacity(batch.count)
            // By index: each is large, and a loop over them would copy it.
            for index in batch.indices {
                let key = try Self.insert(batch[index].notification, contents.values(at: index, of: batch), sortKeys, connection)
                keys.append(key)
                changes.came(batch[index].notification, sortKey: key)
                for place in batch[index].deliveries.indices { try Self.insert(batch[index].deliveries[place], lease, connection, &changes) }
                for settlement in batch[index].madeByCommit { try settlement.writeAttempt(number: 1, connection) }
            }
            try changes.write(connection)
            return keys
        }
    }

    private static let insertNotification = """
        INSERT INTO notifications (
            sort_key, id, org_id, contract, user_id, status, targeted, reached, failed, cancelled, created_at, updated_at, expires_at, stated_status,
            batch_id, category, prompt_id, error, attributes, \(Content.selection)
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """

    /// - Returns: the notification's sort key.
    private static func insert(
        _ notification: Notification, _ content: [SQLValue], _ sortKeys: SortKeys, _ connection: any SQLConnection
    ) throws -> Int64 {
        let tally = notification.tally
        var key = sortKeys.key(for: notification.createdAt)
        var arguments: [SQLValue] = [
            .integer(key), .text(notification.id), .text(notification.orgID),
            .text(notification.contract.rawValue), SQLValue(notification.userID), .text(notification.status.column),
            SQLValue(tally.targeted), SQLValue(tally.reached), SQLValue(tally.failed), SQLValue(tally.cancelled), SQLValue(notification.createdAt),
            SQLValue(notification.updatedAt), SQLValue(notification.expiresAt), SQLValue(notification.statedStatus), SQLValue(notification.batchID),
            SQLValue(notification.category), SQLValue(notification.attributes["prompt_id"]?.string),
            SQLValue(notification.error), notification.attributes.isEmpty ? .null : .text(notification.attributes.text),
        ]
        arguments += content
        while try connection.run(insertNotification, arguments) == 0 {
            var isKnown = false
            try connection.query("SELECT 1 FROM notifications WHERE id = ?", [.text(notification.id)]) { _ in isKnown = true }
            guard !isKnown else { throw StorageError.statement("notification \(notification.id) exists already") }
            key = sortKeys.keyAfterTaken()
            arguments[0] = .integer(key)
        }
        return key
    }

    private static let insertDelivery = """
        INSERT INTO deliveries (
            id, notification_id, org_id, user_id, lane, provider, address, platform, registered_at, state, attempts, held_attempts, next_attempt_at,
            created_at, expires_at, priority, lease_holder, provider_message_id, reason, error, settled_at
        ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// - Parameter lease: nil where the delivery can't be `sending`.
    static func insert(_ delivery: Delivery, _ lease: Lease?, _ connection: any SQLConnection, _ changes: inout ListChanges) throws {
        // The log of deliveries is in the order of their ids, and cut by their times.
        guard delivery.id.timestamp.milliseconds == delivery.createdAt.milliseconds else {
            throw StorageError.statement("delivery \(delivery.idText) was created at another moment than its id tells")
        }
        try connection.run(
            insertDelivery,
            [
                SQLValue(delivery.id), .text(delivery.notificationID), .text(delivery.orgID), SQLValue(delivery.userID),
                .text(delivery.lane.description), .text(delivery.lane.provider.rawValue), .text(delivery.target.address),
                SQLValue(delivery.target.platform?.rawValue), SQLValue(delivery.target.registeredAt), .text(delivery.state.rawValue),
                SQLValue(delivery.attempts), SQLValue(delivery.heldAttempts), SQLValue(delivery.nextAttemptAt), SQLValue(delivery.createdAt),
                SQLValue(delivery.expiresAt), .integer(delivery.priority.rank), delivery.state == .sending ? SQLValue(lease?.holder) : .null,
                SQLValue(delivery.providerMessageID), SQLValue(delivery.reason), SQLValue(delivery.error), SQLValue(delivery.settledAt),
            ])
        changes.came(delivery)
    }
}

/// The columns of one content after the other. A call to thousands says the same to all of them, and its `data` is written out once.
private struct ContentValues {
    private var last: (index: Int, values: [SQLValue])?

    mutating func values(at index: Int, of batch: [NewNotification]) -> [SQLValue] {
        // Contents that share their storage, as those of one call do, are compared without being read.
        if let last, batch[last.index].notification.content == batch[index].notification.content { return last.values }
        let values = batch[index].notification.content.arguments
        last = (index, values)
        return values
    }
}
