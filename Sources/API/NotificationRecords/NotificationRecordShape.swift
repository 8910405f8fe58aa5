import Domain

/// How notification-records shows a record: times in milliseconds, names from the directory, null where it has none.
enum NotificationRecordShape {
    static func entry(_ record: NotificationRecord, mentor: Mentor?) -> JSONObject {
        [
            "id": .string(record.idText), "peer_mentor_id": .string(record.mentorID), "peer_mentor_name": JSON(mentor?.fullName),
            "event_type": .string(record.eventType), "coordinator_id": .string(record.coordinatorID), "channels_notified": channels(record),
            "sent_at": JSON(milliseconds: record.sentAt),
        ]
    }

    static func record(_ record: NotificationRecord, mentor: Mentor?, coordinator: User?) -> JSONObject {
        var members: JSONObject = [
            "id": .string(record.idText), "peer_mentor_id": .string(record.mentorID), "peer_mentor_name": JSON(mentor?.fullName),
            "event_type": .string(record.eventType), "effective_date": JSON(milliseconds: record.effectiveDate), "reason": JSON(record.reason),
            "coordinator_id": .string(record.coordinatorID), "coordinator_name": JSON(coordinator?.fullName),
            "channels_notified": channels(record), "dispatch_ids": dispatchIDs(record), "sent_at": JSON(milliseconds: record.sentAt),
        ]
        // Beyond the contract: what PUT has added.
        if let notes = record.notes { members["notes"] = .string(notes) }
        if let time = record.updatedAt { members["updated_at"] = JSON(milliseconds: time) }
        return members
    }

    /// The answer to POST.
    static func created(_ record: NotificationRecord) -> JSONObject {
        [
            "id": .string(record.idText), "peer_mentor_id": .string(record.mentorID), "event_type": .string(record.eventType),
            "coordinator_id": .string(record.coordinatorID), "channels_notified": channels(record), "sent_at": JSON(milliseconds: record.sentAt),
        ]
    }

    /// The answer to PUT.
    static func changed(_ record: NotificationRecord, _ change: NotificationRecord.Change) -> JSONObject {
        var members: JSONObject = ["id": .string(record.idText), "channels_notified": channels(record), "notes": JSON(record.notes)]
        // Beyond the contract, and so only for who asked for it.
        if !change.dispatchIDs.isEmpty { members["dispatch_ids"] = dispatchIDs(record) }
        members["updated_at"] = JSON(milliseconds: record.updatedAt)
        return members
    }

    /// The answer to DELETE.
    static func deleted(_ id: Identifier, at now: Timestamp) -> JSON {
        [
            "message": "Notification record deleted", "deleted_id": .string(id.text(prefix: NotificationRecord.idPrefix)),
            "deleted_at": JSON(milliseconds: now),
        ]
    }

    /// An entry of a mentor's history.
    static func event(_ record: NotificationRecord) -> JSONObject {
        [
            "id": .string(record.idText), "event_type": .string(record.eventType), "effective_date": JSON(milliseconds: record.effectiveDate),
            "reason": JSON(record.reason), "channels_notified": channels(record), "sent_at": JSON(milliseconds: record.sentAt),
        ]
    }

    static func profile(_ mentor: Mentor) -> JSON {
        [
            "peer_mentor_id": .string(mentor.id), "full_name": JSON(mentor.fullName), "email": JSON(mentor.email), "phone": JSON(mentor.phone),
            "coordinator_id": JSON(mentor.coordinatorIDs.first), "org_id": .string(mentor.orgID), "current_status": JSON(mentor.currentStatus),
            "pause_start_date": JSON(milliseconds: mentor.pauseStartDate),
        ]
    }

    private static func channels(_ record: NotificationRecord) -> JSON { .array(record.channels.map { .string($0.rawValue) }) }

    private static func dispatchIDs(_ record: NotificationRecord) -> JSON { .array(record.dispatchIDs.map { .string($0) }) }
}

extension JSON {
    init(milliseconds time: Timestamp?) { self.init(time?.rfc3339Milliseconds) }
}
