import Domain

/// The body of notification-records' POST.
struct NotificationRecordMessage: Sendable {
    let mentorID: String
    private let coordinatorID: String
    private let eventType: String
    private let effectiveDate: Timestamp?
    private let reason: String?
    private let channels: [NotificationRecord.Channel]
    private let dispatchIDs: [String]

    init(_ reader: inout FieldReader) {
        mentorID = reader.requiredText("peer_mentor_id", .id)
        eventType = Self.eventType(&reader)
        effectiveDate = reader.time("effective_date")
        reason = reader.text("reason", .note)
        coordinatorID = reader.requiredText("coordinator_id", .id)
        let before = reader.faults.count
        channels = reader.words("channels_notified", of: NotificationRecord.Channel.allCases) ?? []
        if channels.isEmpty, reader.faults.count == before { reader.fault("channels_notified", "is required") }
        dispatchIDs = Self.dispatchIDs(&reader)
    }

    func record(id: Identifier, orgID: String) -> NotificationRecord {
        NotificationRecord(
            id: id, orgID: orgID, mentorID: mentorID, coordinatorID: coordinatorID, eventType: eventType, effectiveDate: effectiveDate,
            reason: reason, channels: channels, dispatchIDs: dispatchIDs)
    }

    private static func eventType(_ reader: inout FieldReader) -> String {
        let before = reader.faults.count
        let text = reader.requiredText("event_type", TextRule(limit: 64, lines: .one))
        let isWord = text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
        if reader.faults.count == before, !isWord || !(97...122).contains(text.utf8.first ?? 0) {
            reader.fault("event_type", "must be a word of lower-case letters, digits and underscores, such as pause_activated")
        }
        return text
    }

    static func dispatchIDs(_ reader: inout FieldReader) -> [String] {
        reader.texts("dispatch_ids", limit: NotificationRecord.dispatchLimit) ?? []
    }
}

extension NotificationRecord.Change {
    /// The body of notification-records' PUT.
    init(_ reader: inout FieldReader) {
        self.init()
        let before = reader.faults.count
        channels = reader.words("channels_notified", of: NotificationRecord.Channel.allCases)
        notes = reader.text("notes", .note)
        dispatchIDs = NotificationRecordMessage.dispatchIDs(&reader)
        if reader.faults.count == before, self == Self() { reader.fault("channels_notified", "channels_notified, notes or dispatch_ids is required") }
    }
}
