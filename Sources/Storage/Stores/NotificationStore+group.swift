public import Domain

/// A call to many recipients makes one notification for each, all under the id of the first: a group. Every other notification is a group of itself.
///
/// A group is found by the first one's id also when that one is deleted. Other batches have ids of their own, which are no notification's and so no
/// group's; and a group is of one contract, so that its first member speaks for all.
extension NotificationStore {
    /// The group's members that are left, in the order in which the call named them.
    ///
    /// - Parameter userID: only this recipient's.
    /// - Parameter limit: so many at most. A member carries its content: of thousands of members, ask for the first and for `recipients`.
    public func group(_ id: String, userID: String? = nil, limit: Int? = nil, scope: OrgScope) async throws -> [Notification] {
        let members = Members(id, userID: userID, limit: limit)
        return try await committer.database.read { connection in
            try Self.select(members.condition, members.arguments, order: members.order, scope: scope, connection)
        }
    }

    /// The user ids of the group's members, in the same order.
    public func recipients(ofGroup id: String, scope: OrgScope) async throws -> [String] {
        let members = Members(id)
        return try await committer.database.read { connection in try members.column("user_id", scope: scope, connection) }
    }

    /// Changes all members, or one recipient's, in one transaction.
    /// - Returns: the first of those changed, as it stands now; nil when there is none.
    public func update(
        group id: String, userID: String? = nil, _ change: NotificationChange, scope: OrgScope, now: Timestamp
    ) async throws -> Notification? {
        let members = Members(id, userID: userID)
        return try await committer.write { connection in
            var first: Notification?
            // In pieces, so that the contents of thousands are never in memory at once.
            for ids in try members.column("id", scope: scope, connection).chunks(of: Self.piece) {
                let list = SQLList(ids.map { .text($0) })
                for notification in try Self.select("id IN (\(list.placeholders))", list.arguments, order: "sort_key", scope: scope, connection) {
                    let changed = try Self.apply(change, to: notification, now: now, connection)
                    first = first ?? changed
                }
            }
            return first
        }
    }

    /// Removes all members, or one recipient's, from every list in one transaction, as `delete(_:)` does with one. False when there is none.
    public func delete(group id: String, userID: String? = nil, scope: OrgScope, now: Timestamp) async throws -> Bool {
        let members = Members(id, userID: userID)
        return try await committer.write { connection in
            let ids = try members.column("id", scope: scope, connection)
            for id in ids { _ = try Self.delete(id, scope: scope, now: now, connection) }
            return !ids.isEmpty
        }
    }

    private static let piece = 64
}

/// A group's members as a condition.
private struct Members {
    let condition: String
    let arguments: [SQLValue]
    let order: String

    init(_ id: String, userID: String? = nil, limit: Int? = nil) {
        let user = userID.map { [SQLValue.text($0)] } ?? []
        // The user stands in an expression so that nobody goes by the index of users: a busy user has far more notifications than a group members.
        let byUser = userID == nil ? "" : " AND coalesce(user_id, '') = ?"
        condition = "(id = ? OR batch_id = ? AND EXISTS (SELECT 1 FROM notifications first WHERE first.id = ?))\(byUser)"
        arguments = Array(repeating: .text(id), count: 3) + user
        order = "sort_key" + (limit.map { " LIMIT \($0)" } ?? "")
    }

    func column(_ name: String, scope: OrgScope, _ connection: any SQLConnection) throws -> [String] {
        let visible = scope.condition(on: "org_id")
        var values: [String] = []
        try connection.query(
            "SELECT \(name) FROM notifications WHERE \(condition) AND deleted_at IS NULL AND \(visible.sql) ORDER BY \(order)",
            arguments + visible.arguments
        ) { row in
            if let value = row.text(0) { values.append(value) }
        }
        return values
    }
}
