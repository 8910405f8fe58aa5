public import Domain

/// One delivery with all that is remembered of it.
public struct DeliveryHistory: Sendable {
    /// The question that is still open at Expo.
    public struct Receipt: Sendable, Hashable {
        public var dueAt: Timestamp
        /// How often it was asked in vain.
        public var askedTimes: Int

        public init(dueAt: Timestamp, askedTimes: Int) {
            self.dueAt = dueAt
            self.askedTimes = askedTimes
        }
    }

    public var delivery: Delivery
    /// Through which contract it came.
    public var contract: Contract?
    /// Targets that its notification was for, this one included.
    public var targeted: Int
    /// In their order.
    public var attempts: [Attempt]
    /// In the order of their times.
    public var events: [DeliveryEvent]
    public var receipt: Receipt?

    public init(
        delivery: Delivery, contract: Contract? = nil, targeted: Int = 1, attempts: [Attempt] = [], events: [DeliveryEvent] = [],
        receipt: Receipt? = nil
    ) {
        self.delivery = delivery
        self.contract = contract
        self.targeted = targeted
        self.attempts = attempts
        self.events = events
        self.receipt = receipt
    }
}

extension DeliveryLog {
    /// All of one moment: an attempt that is written meanwhile is either there with the state that it led to, or not at all.
    public func history(of id: Identifier, scope: OrgScope) async throws -> DeliveryHistory? {
        let condition = scope.condition(on: "org_id")
        return try await database.read { connection in
            var history: DeliveryHistory?
            try connection.query(
                "SELECT \(Delivery.selection) FROM deliveries WHERE id = ? AND \(condition.sql)", [SQLValue(id)] + condition.arguments
            ) { history = DeliveryHistory(delivery: try Delivery($0)) }
            guard var history else { return nil }
            try history.readRest(connection)
            return history
        }
    }
}

extension DeliveryHistory {
    fileprivate mutating func readRest(_ connection: any SQLConnection) throws {
        let id = SQLValue(delivery.id)
        try connection.query("SELECT contract, targeted FROM notifications WHERE id = ?", [.text(delivery.notificationID)]) { row in
            contract = row.text(0).flatMap(Contract.init)
            targeted = row.count(1)
        }
        try connection.query("SELECT \(Attempt.selection) FROM attempts WHERE delivery_id = ? ORDER BY number", [id]) { attempts.append(Attempt($0)) }
        try connection.query("SELECT at, event, actor, detail FROM delivery_events WHERE delivery_id = ? ORDER BY at, event", [id]) { row in
            if let event = DeliveryEvent(row) { events.append(event) }
        }
        try connection.query("SELECT due_at, asked_times FROM receipts WHERE delivery_id = ?", [id]) { row in
            if let due = row.time(0) { receipt = Receipt(dueAt: due, askedTimes: row.count(1)) }
        }
    }
}
