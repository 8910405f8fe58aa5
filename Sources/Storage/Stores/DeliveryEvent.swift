public import Domain

/// Something that happened to a delivery beside its attempts.
public struct DeliveryEvent: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Somebody has queued it again after it had failed. The detail is what it had failed for.
        case retried
        /// Somebody has withdrawn it.
        case cancelled
        /// The gateway that was sending it died, or lost its lease; another attempt may be a second one. The actor is that gateway.
        case handedBack = "handed_back"
        /// Expo's receipt came, and said that the message was not taken on.
        case receipt
    }

    public var at: Timestamp
    public var kind: Kind
    /// An API key's id, a token's subject, or a gateway; nil where nobody said who it is.
    public var actor: String?
    public var detail: String?

    public init(at: Timestamp, kind: Kind, actor: String? = nil, detail: String? = nil) {
        self.at = at
        self.kind = kind
        self.actor = actor
        self.detail = detail
    }
}

extension DeliveryEvent {
    private static let insertion = "INSERT INTO delivery_events (delivery_id, at, event, actor, detail) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"

    /// Part of the transaction that makes it happen.
    func write(_ delivery: SQLValue, _ connection: any SQLConnection) throws {
        try connection.run(Self.insertion, [delivery, SQLValue(at), .text(kind.rawValue), SQLValue(actor), SQLValue(detail)])
    }

    /// The same event for every delivery that the condition on `deliveries` lets through; before they are changed.
    ///
    /// - Parameter actor: in SQL. A placeholder's value goes before those of the condition.
    static func write(
        _ kind: Kind, at: Timestamp, detail: String? = nil, actor: String, where condition: String, _ arguments: [SQLValue],
        _ connection: any SQLConnection
    ) throws {
        try connection.run(
            """
            INSERT INTO delivery_events (delivery_id, at, event, detail, actor) SELECT id, ?, ?, ?, \(actor) FROM deliveries WHERE \(condition)
            ON CONFLICT DO NOTHING
            """, [SQLValue(at), .text(kind.rawValue), SQLValue(detail)] + arguments)
    }

    init?(_ row: any SQLRow) {
        guard let at = row.time(0), let kind = row.text(1).flatMap(Kind.init) else { return nil }
        self.init(at: at, kind: kind, actor: row.text(2), detail: row.text(3))
    }
}
