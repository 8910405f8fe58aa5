import Domain
import Storage

/// How admin-notifications shows a dispatch. It knows one delivery to a dispatch, and wraps every answer in `data`.
struct AdminNotificationsFace: NotificationFace {
    static let words = StatusWords(queued: "queued", reached: "delivered", failed: "failed", cancelled: "cancelled", stated: [])

    var contract: Contract { .adminNotifications }

    func narrow(_ filter: inout NotificationFilter, by query: inout QueryReader) -> Bool {
        filter.orgID = query.text("org_id")
        filter.category = query.text("type")
        filter.userID = query.text("recipient_user_id")
        filter.statuses = Self.words.filter(&query).map { [$0] } ?? []
        return filter.orgID != nil || filter.category != nil || filter.userID != nil || !filter.statuses.isEmpty
    }

    func entry(_ notification: Notification) -> JSON {
        .object(JSONObject(members: head(notification) + [.init(key: "sent_at", value: notification.sentAt)] + error(notification)))
    }

    func record(_ notification: Notification, deliveries: [Delivery]) -> JSON {
        let deliveredAt = deliveries.lazy.filter { $0.state == .delivered }.compactMap(\.settledAt).first
        var members = head(notification)
        members += [
            .init(key: "subject", value: JSON(notification.content.title)), .init(key: "sent_at", value: notification.sentAt),
            .init(key: "delivered_at", value: JSON(deliveredAt)),
        ]
        return Self.data(members + error(notification))
    }

    /// The answer to POST.
    func dispatched(_ notification: Notification) -> JSON {
        let members: [JSONObject.Member] = [
            .init(key: "dispatch_id", value: .string(notification.id)), .init(key: "user_id", value: JSON(notification.userID)),
            .init(key: "type", value: JSON(notification.category)), status(notification),
            .init(key: "queued_at", value: JSON(notification.createdAt)),
        ]
        return Self.data(members + error(notification))
    }

    /// The answer to PUT and DELETE.
    static func acted(_ id: String, _ status: FoldedStatus, at name: String, _ now: Timestamp) -> JSON {
        data([
            .init(key: "dispatch_id", value: .string(id)), .init(key: "status", value: .string(words.word(status))),
            .init(key: name, value: JSON(now)),
        ])
    }

    private static func data(_ members: [JSONObject.Member]) -> JSON { ["data": .object(JSONObject(members: members))] }

    private func head(_ notification: Notification) -> [JSONObject.Member] {
        [
            .init(key: "dispatch_id", value: .string(notification.id)), .init(key: "org_id", value: .string(notification.orgID)),
            .init(key: "type", value: JSON(notification.category)), .init(key: "recipient_user_id", value: JSON(notification.userID)),
            status(notification),
        ]
    }

    private func status(_ notification: Notification) -> JSONObject.Member {
        .init(key: "status", value: .string(Self.words.word(for: notification)))
    }

    /// Only there when there is one, as in the contract's examples.
    private func error(_ notification: Notification) -> [JSONObject.Member] {
        notification.failure.map { [.init(key: "error", value: .string($0))] } ?? []
    }
}
