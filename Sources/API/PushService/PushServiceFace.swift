import Domain
import Storage

/// How push-service shows a notification.
struct PushServiceFace: AmendableFace {
    static let words = StatusWords(queued: "queued", reached: "delivered", failed: "failed", cancelled: "cancelled", stated: ["opened"])

    var contract: Contract { .pushService }

    func narrow(_ filter: inout NotificationFilter, by query: inout QueryReader) -> Bool {
        let userID = query.text("user_id")
        let status = Self.words.filter(&query)
        guard userID != nil || status != nil else { return false }
        (filter.userID, filter.statuses) = (userID, status.map { [$0] } ?? [])
        return true
    }

    func entry(_ notification: Notification) -> JSON {
        .object(JSONObject(members: notification.head + tail(notification)))
    }

    /// The answer to POST.
    func dispatched(_ notification: Notification) -> JSON {
        .object(JSONObject(members: notification.head + [data(notification)] + tail(notification)))
    }

    func record(_ notification: Notification, deliveries: [Delivery]) -> JSON {
        // The contract knows one device: the one that was reached, else the first that was tried.
        let shown = deliveries.first { $0.state == .delivered || $0.state == .sent } ?? deliveries.first
        var members = notification.head
        members += [
            data(notification),
            .init(key: "platform", value: JSON(shown?.target.platform?.rawValue)),
            .init(key: "device_token", value: JSON(shown?.target.address)),
        ]
        members += tail(notification)
        members.append(.init(key: "opened_at", value: notification.attributes["opened_at"] ?? .null))
        return .object(JSONObject(members: members))
    }

    func change(_ reader: inout FieldReader, now: Timestamp) -> NotificationChange {
        var change = NotificationChange()
        let before = reader.faults.count
        let status = Self.words.statement(&reader)
        let openedAt = reader.time("opened_at")
        if reader.faults.count == before, status == nil, openedAt == nil { reader.fault("status", "status or opened_at is required") }
        // A time of opening says by itself that it was opened; `opened` without a time means now.
        change.statedStatus = .set("opened")
        change.attributes["opened_at"] = JSON(openedAt ?? now)
        return change
    }

    func changed(_ notification: Notification) -> JSON {
        [
            "id": .string(notification.id), "status": .string(Self.words.word(for: notification)),
            "opened_at": notification.attributes["opened_at"] ?? .null, "updated_at": JSON(notification.updatedAt),
        ]
    }

    private func data(_ notification: Notification) -> JSONObject.Member {
        .init(key: "data", value: .object(notification.content.data ?? [:]))
    }

    private func tail(_ notification: Notification) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = [
            .init(key: "status", value: .string(Self.words.word(for: notification))), .init(key: "sent_at", value: notification.sentAt),
        ]
        if let failure = notification.failure { members.append(.init(key: "error", value: .string(failure))) }
        return members
    }
}
