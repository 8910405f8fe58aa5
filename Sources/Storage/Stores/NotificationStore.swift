public import Domain

/// Notifications as callers see them.
public struct NotificationStore: Sendable {
    let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    public func get(_ id: String, scope: OrgScope) async throws -> Notification? {
        try await get([id], scope: scope).first
    }

    /// Several at once, in the order asked for; unknown ids are left out.
    public func get(_ ids: [String], scope: OrgScope) async throws -> [Notification] {
        guard !ids.isEmpty else { return [] }
        return try await committer.database.read { connection in
            var found: [String: Notification] = [:]
            for ids in ids.chunks(of: SQLList.limit) {
                let list = SQLList(ids.map { .text($0) })
                for notification in try Self.select("id IN (\(list.placeholders))", list.arguments, scope: scope, connection) {
                    found[notification.id] = notification
                }
            }
            return ids.compactMap { found[$0] }
        }
    }

    /// In the order in which they were created.
    public func inBatch(_ batchID: String, scope: OrgScope) async throws -> [Notification] {
        try await committer.database.read { connection in
            try Self.select("batch_id = ?", [.text(batchID)], order: "sort_key", scope: scope, connection)
        }
    }

    /// Newest first; an entry's place does not depend on what arrives later. A cursor that is no notification's id gives an empty page.
    public func list(_ filter: NotificationFilter, page: Page, scope: OrgScope) async throws -> Listing<Notification> {
        let listing = NotificationListing(filter: filter, scope: scope, dialect: committer.database.dialect)
        return try await committer.database.read { connection in try listing.page(page, connection) }
    }

    /// Nil when there is none.
    public func update(_ id: String, _ change: NotificationChange, scope: OrgScope, now: Timestamp) async throws -> Notification? {
        try await committer.write { connection in
            guard let notification = try Self.select("id = ?", [.text(id)], scope: scope, connection).first else { return nil }
            return try Self.apply(change, to: notification, now: now, connection)
        }
    }

    /// Removes it from every list; queued deliveries of it are cancelled first, one that is being sent ends as it will. False when there is none.
    public func delete(_ id: String, scope: OrgScope, now: Timestamp) async throws -> Bool {
        try await committer.write { connection in try Self.delete(id, scope: scope, now: now, connection) }
    }

    /// - Returns: the notification as it stands now.
    static func apply(
        _ change: NotificationChange, to notification: Notification, now: Timestamp, _ connection: any SQLConnection
    ) throws -> Notification {
        var notification = notification
        switch change.statedStatus {
        case .kept: break
        case .set(let status): notification.statedStatus = status
        case .withdrawn: notification.statedStatus = nil
        }
        for member in change.attributes.members { notification.attributes[member.key] = member.value }
        notification.updatedAt = now
        let attributes = notification.attributes
        try connection.run(
            "UPDATE notifications SET stated_status = ?, status = ?, attributes = ?, prompt_id = ?, updated_at = ? WHERE id = ?",
            [
                SQLValue(notification.statedStatus), .text(notification.status.column),
                .text(attributes.text), SQLValue(attributes["prompt_id"]?.string), SQLValue(now),
                .text(notification.id),
            ])
        return notification
    }

    static func delete(_ id: String, scope: OrgScope, now: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        let condition = scope.condition(on: "org_id")
        let deleted = try connection.run(
            "UPDATE notifications SET deleted_at = ?, sort_key = -sort_key WHERE id = ? AND deleted_at IS NULL AND \(condition.sql)",
            [SQLValue(now), .text(id)] + condition.arguments)
        guard deleted == 1 else { return false }
        try DeliveryEvent.write(
            .cancelled, at: now, detail: "its notification was deleted", actor: "NULL", where: "notification_id = ? AND state = 'queued'",
            [.text(id)], connection)
        let cancelled = try connection.run(
            "UPDATE deliveries SET state = 'cancelled', settled_at = ? WHERE notification_id = ? AND state = 'queued'",
            [SQLValue(now), .text(id)])
        try TallyChange(cancelled: cancelled).write(id, connection)
        return true
    }

    static func select(
        _ condition: String, _ arguments: [SQLValue], order: String? = nil, scope: OrgScope, _ connection: any SQLConnection
    ) throws -> [Notification] {
        let visible = scope.condition(on: "org_id")
        var notifications: [Notification] = []
        try connection.query(
            """
            SELECT \(Notification.selection) FROM notifications
            WHERE \(condition) AND deleted_at IS NULL AND \(visible.sql) \(order.map { "ORDER BY \($0)" } ?? "")
            """, arguments + visible.arguments
        ) { notifications.append(try Notification($0)) }
        return notifications
    }
}
