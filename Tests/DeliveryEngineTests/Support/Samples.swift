import Domain

@testable import DeliveryEngine

extension Timestamp {
    /// A moment for tests that need one.
    static let start = Timestamp(seconds: 1_774_512_000)
}

extension LaneKey {
    static let apns = LaneKey(orgID: "org", provider: .apns, credential: "main")
    static let expo = LaneKey(orgID: "org", provider: .expo, credential: "main")
}

func claim(
    _ name: String = "a", lane: LaneKey = .apns, priority: Priority = .high, group: String = "", expiresAt: Timestamp? = nil,
    isRefreshed: Bool = false
) -> Claim {
    Claim(message(name, lane: lane, priority: priority, expiresAt: expiresAt), group: group, isRefreshed: isRefreshed)
}

func message(_ name: String = "a", lane: LaneKey = .apns, priority: Priority = .high, expiresAt: Timestamp? = nil) -> OutboundMessage {
    let delivery = Delivery(
        id: .make(at: .start), notificationID: "notif_\(name)", orgID: "org", userID: nil, lane: lane, target: Target(address: name), state: .sending,
        nextAttemptAt: .start, createdAt: .start, expiresAt: expiresAt, priority: priority)
    return OutboundMessage(delivery: delivery, content: Content(title: name, priority: priority))
}

extension Outcome {
    static let accepted = Outcome(verdict: .accepted, rule: "test.ok", status: 200)
    static let ticket = Outcome(verdict: .awaitingReceipt, rule: "test.ticket", status: 200, providerMessageID: "t")
    static let down = Outcome(verdict: .deferred(Wait()), rule: "test.down", reason: "connect_failed", blamesProvider: true)
    static let refused = Outcome(verdict: .credentialRefused, rule: "test.403", status: 403, reason: "InvalidProviderToken")
    static let gone = Outcome(verdict: .recipientGone(asOf: nil), rule: "test.410", status: 410, reason: "Unregistered")
    static let suspect = Outcome(
        verdict: .recipientGone(asOf: nil), rule: "test.400.BadDeviceToken", status: 400, reason: "BadDeviceToken", suspectsCredential: true)
    static func quota(_ wait: Duration) -> Outcome {
        Outcome(verdict: .deferred(Wait(retryAfter: wait, scope: .lane)), rule: "test.429", status: 429, reason: "TooManyRequests")
    }
}
