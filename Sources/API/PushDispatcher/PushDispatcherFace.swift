import Domain
import Storage

/// How push-dispatcher shows a notification.
struct PushDispatcherFace: AmendableFace {
    static let words = StatusWords(
        queued: "queued", reached: "sent", failed: "failed", cancelled: "cancelled", stated: ["retried", "resolved"])

    var contract: Contract { .pushDispatcher }

    func narrow(_ filter: inout NotificationFilter, by query: inout QueryReader) -> Bool {
        let userID = query.text("user_id")
        let status = Self.words.filter(&query)
        let scenarioID = query.text("scenario_id")
        let promptID = query.text("prompt_id")
        guard userID != nil || status != nil || scenarioID != nil || promptID != nil else { return false }
        (filter.userID, filter.statuses, filter.category, filter.promptID) = (userID, status.map { [$0] } ?? [], scenarioID, promptID)
        return true
    }

    func entry(_ notification: Notification) -> JSON {
        var members = notification.head
        members += [
            .init(key: "scenario_id", value: JSON(notification.category)),
            .init(key: "prompt_id", value: notification.attributes["prompt_id"] ?? .null),
            .init(key: "device_tokens_targeted", value: .integer(notification.tally.targeted)),
        ]
        return .object(JSONObject(members: members + tail(notification)))
    }

    /// The answer to POST.
    func dispatched(_ notification: Notification) -> JSON {
        var members = notification.head
        members.append(.init(key: "device_tokens_targeted", value: .integer(notification.tally.targeted)))
        return .object(JSONObject(members: members + tail(notification)))
    }

    func record(_ notification: Notification, deliveries: [Delivery]) -> JSON {
        var members = notification.head
        members += [
            .init(key: "data", value: .object(notification.content.data ?? [:])),
            .init(key: "scenario_id", value: JSON(notification.category)),
            .init(key: "prompt_id", value: notification.attributes["prompt_id"] ?? .null),
            .init(key: "device_tokens", value: .array(deliveries.map { .string($0.target.address) })),
        ]
        members += tail(notification)
        if let note = notification.attributes["retry_note"] { members.append(.init(key: "retry_note", value: note)) }
        if let time = notification.updatedAt { members.append(.init(key: "updated_at", value: JSON(time))) }
        return .object(JSONObject(members: members))
    }

    func change(_ reader: inout FieldReader, now: Timestamp) -> NotificationChange {
        var change = NotificationChange()
        let before = reader.faults.count
        if let status = Self.words.statement(&reader) { change.statedStatus = .set(status) }
        if let note = reader.text("retry_note", .note) { change.attributes["retry_note"] = .string(note) }
        if reader.faults.count == before, change.statedStatus == .kept, change.attributes.isEmpty {
            reader.fault("status", "status or retry_note is required")
        }
        return change
    }

    func changed(_ notification: Notification) -> JSON {
        [
            "id": .string(notification.id), "status": .string(Self.words.word(for: notification)),
            "retry_note": notification.attributes["retry_note"] ?? .null, "updated_at": JSON(notification.updatedAt),
        ]
    }

    private func tail(_ notification: Notification) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = [
            .init(key: "delivered_count", value: .integer(notification.tally.reached)),
            .init(key: "failed_count", value: .integer(notification.tally.failed)),
            .init(key: "sent_at", value: notification.sentAt),
            .init(key: "status", value: .string(Self.words.word(for: notification))),
        ]
        if let failure = notification.failure { members.append(.init(key: "error", value: .string(failure))) }
        return members
    }
}
