import Domain
import Storage

extension Timestamp {
    /// A Tuesday in 2026: the moment at which the tests' stories begin.
    static let start = Timestamp(seconds: 1_774_339_200)
}

extension Lease {
    static let ours = Lease(holder: "gateway-1")
    static let theirs = Lease(holder: "gateway-2")
}

extension LaneKey {
    static let apns = LaneKey(orgID: "org_a", provider: .apns, credential: "main")
    static let expo = LaneKey(orgID: "org_a", provider: .expo, credential: "main")
    static let smtp = LaneKey(orgID: "org_a", provider: .smtp, credential: "main")
}

extension OrgScope {
    static let orgA = OrgScope.orgs(["org_a"])
}

/// A notification with one delivery per target, as intake makes them.
func newNotification(
    id: String? = nil, org: String = "org_a", user: String? = "user_1", lane: LaneKey = .apns, to targets: [Target] = [Target(address: "aa11")],
    state: DeliveryState = .queued, priority: Priority = .high, at now: Timestamp = .start, dueAt: Timestamp? = nil, expiresAt: Timestamp? = nil,
    content: Content? = nil, contract: Contract = .pushDispatcher, category: String? = nil, attributes: JSONObject = [:], batch: String? = nil
) -> NewNotification {
    let id = id ?? Identifier.make(at: now).text(prefix: "notif_")
    let notification = Notification(
        id: id, orgID: org, contract: contract, userID: user, content: content ?? Content(title: "Hello", body: "World", priority: priority),
        category: category, attributes: attributes, batchID: batch, createdAt: now, expiresAt: expiresAt, tally: Tally(targeted: targets.count))
    let deliveries = targets.map { target in
        Delivery(
            id: .make(at: now), notificationID: id, orgID: org, userID: user, lane: lane, target: target, state: state, nextAttemptAt: dueAt ?? now,
            createdAt: now, expiresAt: expiresAt, priority: priority)
    }
    return NewNotification(notification: notification, deliveries: deliveries)
}

extension NewNotification {
    var delivery: Delivery { deliveries[0] }
}

extension Settlement {
    /// An attempt that took a second and ended in `verdict`.
    convenience init(
        _ delivery: Delivery, _ verdict: Verdict, next: RetryPolicy.Next, at end: Timestamp = .start + .seconds(1), rule: String = "test.rule",
        status: Int? = nil, reason: String? = nil, detail: String? = nil, messageID: String? = nil, error: String? = nil,
        receiptDueAt: Timestamp? = nil, place: NotificationPlace? = nil
    ) {
        self.init(
            OutboundMessage(delivery: delivery, content: Content(), place: place),
            outcome: Outcome(
                verdict: verdict, rule: rule, status: status, reason: reason, detail: detail, providerMessageID: messageID),
            next: next, error: error, startedAt: end - .seconds(1), endedAt: end, receiptDueAt: receiptDueAt)
    }

    static func delivered(_ delivery: Delivery, at end: Timestamp = .start + .seconds(1), place: NotificationPlace? = nil) -> Settlement {
        Settlement(delivery, .accepted, next: .settled(.delivered), at: end, status: 200, messageID: delivery.id.uuidString, place: place)
    }

    static func failed(_ delivery: Delivery, error: String = "BadTopic") -> Settlement {
        Settlement(delivery, .rejected, next: .settled(.failed), status: 400, reason: error, detail: "the provider's words", error: error)
    }
}

func deviceToken(
    _ token: String, user: String = "user_1", org: String = "org_a", id: String? = nil, provider: ProviderName = .apns, app: String? = nil,
    at now: Timestamp = .start
) -> DeviceToken {
    DeviceToken(
        id: id ?? Identifier.make(at: now).text(prefix: DeviceToken.idPrefix), orgID: org, userID: user, token: token, platform: .ios,
        provider: provider, app: app, registeredAt: now)
}
