import Domain

extension NotificationRecord {
    /// For a SELECT.
    static let selection = "id, org_id, mentor_id, coordinator_id, event_type, effective_date, channels, reason, dispatch_ids, notes, updated_at"

    /// Reads `selection`.
    init(_ row: any SQLRow) throws {
        self.init(
            id: try row.value(0, "notification_records.id") { Identifier(text: $0) },
            orgID: row.text(1) ?? "",
            mentorID: row.text(2) ?? "",
            coordinatorID: row.text(3) ?? "",
            eventType: row.text(4) ?? "",
            effectiveDate: row.time(5),
            reason: row.text(7),
            channels: try row.value(6, "notification_records.channels", Self.channels),
            dispatchIDs: try row.texts(8, "notification_records.dispatch_ids"),
            notes: row.text(9),
            updatedAt: row.time(10))
    }

    /// The values of `selection`.
    var arguments: [SQLValue] {
        [
            SQLValue(id), .text(orgID), .text(mentorID), .text(coordinatorID), .text(eventType), SQLValue(effectiveDate), .text(channelsText),
            SQLValue(reason), dispatchIDsValue, SQLValue(notes), SQLValue(updatedAt),
        ]
    }

    var channelsText: String { channels.map(\.rawValue).joined(separator: ",") }

    var dispatchIDsValue: SQLValue { dispatchIDs.isEmpty ? .null : .text(JSON.array(dispatchIDs.map { .string($0) }).text) }

    private static func channels(_ text: String) -> [Channel]? {
        let words = text.split(separator: ",")
        let channels = words.compactMap { Channel(rawValue: String($0)) }
        return channels.count == words.count ? channels : nil
    }
}

extension SQLRow {
    /// A JSON array of texts; NULL is an empty one.
    func texts(_ column: Int, _ name: String) throws -> [String] {
        guard let text = text(column) else { return [] }
        guard let elements = try? JSON(parsing: text).array else { throw StorageError.statement("\(name) holds no JSON array") }
        return try elements.map { element in
            guard let text = element.string else { throw StorageError.statement("\(name) holds \(element.text) where a text must stand") }
            return text
        }
    }
}
