/// That another service has told a coordinator of something that happened to a peer mentor: kept as proof, never sent by the gateway.
public struct NotificationRecord: Sendable, Hashable {
    /// By what the coordinator was told. Wider than what the gateway itself can send.
    public enum Channel: String, Sendable, Hashable, CaseIterable {
        case push
        case inApp = "in_app"
        case email
        case sms
    }

    /// Written `nr_…`; its moment is when the record was made.
    public var id: Identifier
    /// The mentor's, as the directory knew it then.
    public var orgID: String
    public var mentorID: String
    public var coordinatorID: String
    /// `pause_activated` …: the caller's word, lower case with underscores.
    public var eventType: String
    /// From when on the event holds.
    public var effectiveDate: Timestamp?
    public var reason: String?
    /// Each at most once, in the caller's order.
    public var channels: [Channel]
    /// Other services' ids, as given.
    public var dispatchIDs: [String]
    public var notes: String?
    public var updatedAt: Timestamp?

    public init(
        id: Identifier, orgID: String, mentorID: String, coordinatorID: String, eventType: String, effectiveDate: Timestamp? = nil,
        reason: String? = nil, channels: [Channel], dispatchIDs: [String] = [], notes: String? = nil, updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.orgID = orgID
        self.mentorID = mentorID
        self.coordinatorID = coordinatorID
        self.eventType = eventType
        self.effectiveDate = effectiveDate
        self.reason = reason
        self.channels = channels
        self.dispatchIDs = dispatchIDs
        self.notes = notes
        self.updatedAt = updatedAt
    }

    public static let idPrefix = "nr_"

    /// `nr_` and 22 characters.
    public var idText: String { id.text(prefix: Self.idPrefix) }

    /// In whole milliseconds, as the contract shows it; the order of ids is the order of these moments.
    public var sentAt: Timestamp { id.timestamp }

    /// A record is proof of a few dispatches, and a page of a hundred records has to fit in memory.
    public static let dispatchLimit = 100
}

extension NotificationRecord {
    /// What may be changed once a record stands: how the telling went on, never what was told.
    public struct Change: Sendable, Hashable {
        /// In the place of those that stand.
        public var channels: [Channel]?
        public var notes: String?
        /// Behind those that stand; what is known already is not added again, so that a repeated change changes nothing.
        public var dispatchIDs: [String] = []

        public init() {}
    }

    /// False, and nothing changed, when there would be more dispatches than `dispatchLimit`.
    public mutating func apply(_ change: Change, now: Timestamp) -> Bool {
        let known = Set(dispatchIDs)
        let added = change.dispatchIDs.filter { !known.contains($0) }
        guard dispatchIDs.count + added.count <= Self.dispatchLimit else { return false }
        dispatchIDs += added
        if let channels = change.channels { self.channels = channels }
        if let notes = change.notes { self.notes = notes }
        updatedAt = now
        return true
    }
}
