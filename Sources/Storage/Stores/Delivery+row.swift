import Domain

extension Delivery {
    static let columns = [
        "id", "notification_id", "org_id", "user_id", "lane", "address", "platform", "registered_at", "state", "attempts", "held_attempts",
        "next_attempt_at", "created_at", "expires_at", "priority", "provider_message_id", "reason", "error", "settled_at",
    ]

    /// `columns` for a SELECT or RETURNING.
    static let selection = columns.joined(separator: ", ")

    /// Reads `columns` from a row that has them from position `at` on.
    init(_ row: any SQLRow, at: Int = 0) throws {
        self.init(
            id: try row.value(at, "deliveries.id") { Identifier(text: $0) },
            notificationID: row.text(at + 1) ?? "",
            orgID: row.text(at + 2) ?? "",
            userID: row.text(at + 3),
            lane: try row.value(at + 4, "deliveries.lane") { LaneKey($0) },
            target: Target(address: row.text(at + 5) ?? "", platform: row.text(at + 6).flatMap(Platform.init), registeredAt: row.time(at + 7)),
            state: try row.value(at + 8, "deliveries.state", DeliveryState.init),
            attempts: row.count(at + 9),
            heldAttempts: row.count(at + 10),
            nextAttemptAt: row.time(at + 11) ?? Timestamp(microseconds: 0),
            createdAt: row.time(at + 12) ?? Timestamp(microseconds: 0),
            expiresAt: row.time(at + 13),
            priority: Priority(rank: row.integer(at + 14)),
            providerMessageID: row.text(at + 15),
            reason: row.text(at + 16),
            error: row.text(at + 17),
            settledAt: row.time(at + 18))
    }
}

extension Priority {
    /// The order in which claims take deliveries.
    var rank: Int64 {
        switch self {
        case .high: 0
        case .normal: 1
        }
    }

    init(rank: Int64?) {
        self = rank == Priority.normal.rank ? .normal : .high
    }
}
