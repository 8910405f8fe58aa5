import Domain

extension Notification {
    /// For a SELECT; the content's columns come last.
    static let selection = """
        id, org_id, contract, user_id, targeted, reached, failed, cancelled, created_at, updated_at, expires_at, stated_status, batch_id, error,
        attributes, category, \(Content.selection)
        """

    /// Reads `selection`.
    init(_ row: any SQLRow) throws {
        self.init(
            id: row.text(0) ?? "",
            orgID: row.text(1) ?? "",
            contract: try row.value(2, "notifications.contract", Contract.init),
            userID: row.text(3),
            content: try Content(row, at: 16),
            category: row.text(15),
            attributes: try row.object(14, "notifications.attributes") ?? [:],
            batchID: row.text(12),
            createdAt: row.time(8) ?? Timestamp(microseconds: 0),
            updatedAt: row.time(9),
            expiresAt: row.time(10),
            statedStatus: row.text(11),
            tally: Tally(targeted: row.count(4), reached: row.count(5), failed: row.count(6), cancelled: row.count(7)),
            error: row.text(13))
    }
}

extension NotificationFilter.Status {
    /// The word in `notifications.status`; a caller's own is marked, so that it never reads as a folded one.
    var column: String {
        switch self {
        case .folded(let status): status.rawValue
        case .stated(let status): "stated:\(status)"
        }
    }
}

extension Notification {
    /// What `notifications.status` says of it.
    var status: NotificationFilter.Status {
        statedStatus.map { .stated($0) } ?? .folded(tally.status)
    }
}

extension NotificationPlace {
    /// For a SELECT.
    static let selection = "sort_key, contract, category"

    /// Reads `selection` from a row that has it from position `at` on. The key of a notification that was deleted is the one that it had.
    init(_ row: any SQLRow, at: Int) throws {
        self.init(
            key: abs(row.integer(at) ?? 0), contract: try row.value(at + 1, "notifications.contract", Contract.init), category: row.text(at + 2))
    }

    static func find(_ notificationID: String, _ connection: any SQLConnection) throws -> NotificationPlace? {
        var place: NotificationPlace?
        try connection.query("SELECT \(selection) FROM notifications WHERE id = ?", [.text(notificationID)]) {
            place = try NotificationPlace($0, at: 0)
        }
        return place
    }
}
