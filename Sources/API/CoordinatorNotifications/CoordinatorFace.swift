import Domain
import Storage

/// How coordinator-notifications shows a notification: one entry per recipient, all of a call under one id.
struct CoordinatorFace: AmendableFace {
    /// What a recipient who has read it has stated.
    private static let read = "read"

    private enum ReadFilter: String, CaseIterable {
        case read = "true"
        case unread = "false"

        var statuses: [NotificationFilter.Status] {
            switch self {
            case .read: [.stated(CoordinatorFace.read)]
            case .unread: FoldedStatus.allCases.map { .folded($0) }
            }
        }
    }

    var contract: Contract { .coordinatorNotifications }
    var hasManyRecipients: Bool { true }

    func narrow(_ filter: inout NotificationFilter, by query: inout QueryReader) -> Bool {
        let recipientID = query.text("recipient_id")
        let type = query.text("type")
        let read = query.word("read", of: ReadFilter.allCases)
        guard recipientID != nil || type != nil || read != nil else { return false }
        (filter.userID, filter.category, filter.statuses) = (recipientID, type, read?.statuses ?? [])
        return true
    }

    func entry(_ notification: Notification) -> JSON {
        .object(JSONObject(members: head(notification) + tail(notification)))
    }

    func record(_ notification: Notification, deliveries: [Delivery]) -> JSON {
        var members = head(notification)
        members.append(.init(key: "payload", value: .object(CoordinatorPayload.shown(notification))))
        members += tail(notification)
        if let time = notification.updatedAt { members.append(.init(key: "updated_at", value: JSON(time))) }
        return .object(JSONObject(members: members))
    }

    func change(_ reader: inout FieldReader, now: Timestamp) -> NotificationChange {
        var change = NotificationChange()
        let before = reader.faults.count
        if let isRead = reader.boolean("read") {
            change.statedStatus = isRead ? .set(Self.read) : .withdrawn
        } else if reader.faults.count == before {
            reader.fault("read", "is required: true or false")
        }
        return change
    }

    func changed(_ notification: Notification) -> JSON {
        ["notification_id": id(notification), "read": isRead(notification), "updated_at": JSON(notification.updatedAt)]
    }

    func deleted(_ id: String, at now: Timestamp) -> JSON {
        ["notification_id": .string(id), "deleted": true, "deleted_at": JSON(now)]
    }

    private func head(_ notification: Notification) -> [JSONObject.Member] {
        [
            .init(key: "notification_id", value: id(notification)), .init(key: "recipient_id", value: JSON(notification.userID)),
            .init(key: "type", value: JSON(notification.category)), .init(key: "title", value: JSON(notification.content.title)),
            .init(key: "body", value: JSON(notification.content.body)),
        ]
    }

    private func tail(_ notification: Notification) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = [
            .init(key: "read", value: isRead(notification)), .init(key: "created_at", value: JSON(notification.createdAt)),
        ]
        if let failure = notification.failure { members.append(.init(key: "error", value: .string(failure))) }
        return members
    }

    private func id(_ notification: Notification) -> JSON { .string(notification.callID) }

    private func isRead(_ notification: Notification) -> JSON { .bool(notification.statedStatus == Self.read) }
}
