import DeliveryEngine
import Domain
import Storage
import Testing

@testable import API

/// The sentence, the remedy and the order of events, for whatever may have become of a delivery.
struct DeliveryStoryTests {
    private static let start = Timestamp(seconds: 1_774_512_000)
    private static let lane = LaneKey(orgID: "org", provider: .apns, credential: "main")

    private static func delivery(
        _ state: DeliveryState, attempts: Int = 1, lane: LaneKey = lane, change: (inout Delivery) -> Void = { _ in }
    ) -> Delivery {
        var delivery = Delivery(
            id: .make(at: start), notificationID: "n", orgID: "org", userID: "ada", lane: lane, target: Target(address: "secret-token-of-ada"),
            state: state,
            attempts: attempts, nextAttemptAt: start, createdAt: start, settledAt: state == .queued || state == .sending ? nil : start + .seconds(60))
        change(&delivery)
        return delivery
    }

    private static func attempt(
        _ number: Int = 1, _ kind: Verdict.Kind, _ rule: String, at second: Int64 = 0, status: Int? = nil, reason: String? = nil,
        detail: String? = nil,
        next: Int64? = nil, cause: WaitCause? = nil
    ) -> Attempt {
        Attempt(
            number: number, startedAt: start + .seconds(second), endedAt: start + .seconds(second) + .milliseconds(50), outcome: kind.word,
            rule: rule,
            status: status, reason: reason, detail: detail, nextAttemptAt: next.map { start + .seconds($0) }, waitCause: cause)
    }

    private static func story(_ history: DeliveryHistory, _ condition: LaneState.Condition? = nil, rail: GuardRailState? = nil) -> JSON {
        let state = condition.map {
            LaneState(lane: history.delivery.lane, condition: $0, inFlight: 0, waiting: 0, hasBacklog: false, guardRail: rail)
        }
        return DeliveryStory(history: history, lane: state, now: start + .seconds(60)) {
            ["apns.410.Unregistered": "the app was removed"][$0]
        }.json
    }

    private static func events(_ story: JSON) -> [String] { (story["timeline"]?.array ?? []).compactMap { $0["event"]?.string } }

    @Test func `delivered says when, by whom and on which attempt`() {
        let story = Self.story(
            DeliveryHistory(
                delivery: Self.delivery(.delivered, attempts: 2), contract: .pushService, targeted: 3,
                attempts: [
                    Self.attempt(1, .deferred, "apns.503.Shutdown", status: 503, next: 20, cause: .retryAfter),
                    Self.attempt(2, .accepted, "apns.200", at: 21, status: 200),
                ]))
        #expect(story["summary"] == "Delivered at 2026-03-26T08:01:00Z by APNs on attempt 2.")
        #expect(story["remedy"] == .null)
        #expect(Self.events(story) == ["accepted", "queued", "attempt", "attempt", "delivered"])
        let timeline = story["timeline"]
        #expect(timeline?[0]?["contract"] == "push-service" && timeline?[0]?["targets"] == 3)
        #expect(timeline?[2]?["next_reason"] == "retry_after" && timeline?[2]?["waited_for"] == .null)
        #expect(timeline?[3]?["waited_ms"] == 1_000 && timeline?[3]?["waited_for"] == "retry_after")
        #expect(timeline?[3]?["meaning"]?.string?.contains("responsibility") == true)
    }

    @Test func `a dead device is told in the rule's words, and nothing is asked of anybody`() {
        let story = Self.story(
            DeliveryHistory(
                delivery: Self.delivery(.failed) { ($0.reason, $0.error) = ("Unregistered", "Device is no longer registered (Unregistered, 410)") },
                attempts: [
                    Self.attempt(1, .recipientGone, "apns.410.Unregistered", status: 410, reason: "Unregistered", detail: "to secret-token-of-ada")
                ]))
        #expect(story["summary"] == "Not delivered: the app was removed (410 Unregistered).")
        #expect(story["remedy"]?.string?.contains("registers a new token") == true)
        #expect(!story.text.contains("secret-token-of-ada"))
    }

    @Test(arguments: [
        (
            LaneState.Condition.credentialRefused(reason: "InvalidProviderToken", probeAt: start + .seconds(90)),
            "its credential is refused (InvalidProviderToken)"
        ),
        (.broken(reason: "timeout", probeAt: start + .seconds(90)), "does not answer or fails (timeout)"),
        (.throttled(until: start + .seconds(90)), "slowed down the whole lane"),
    ])
    func `what waits for its lane says so, and when it is tried`(condition: LaneState.Condition, words: String) throws {
        let story = Self.story(DeliveryHistory(delivery: Self.delivery(.queued, attempts: 0)), condition)
        let summary = try #require(story["summary"]?.string)
        #expect(summary.contains(words) && summary.hasSuffix("next try at 2026-03-26T08:01:30Z."), "\(summary)")
        if case .credentialRefused = condition { #expect(story["remedy"]?.string?.contains("hermod credentials verify --org org apns main") == true) }
    }

    @Test func `what waits by itself says why, and since when it is due`() {
        let waiting = Self.delivery(.queued) { $0.nextAttemptAt = Self.start + .seconds(600) }
        let attempt = Self.attempt(1, .deferred, "apns.429", status: 429, reason: "TooManyRequests", next: 600, cause: .targetBusy)
        let story = Self.story(DeliveryHistory(delivery: waiting, attempts: [attempt]), .open)
        #expect(
            story["summary"]
                == "Waiting: this device or mailbox gets too much at the moment (429 TooManyRequests); next try at 2026-03-26T08:10:00Z.")
        #expect(story["timeline"]?.array?.last?["reason"] == "target_busy")
        let due = Self.story(DeliveryHistory(delivery: Self.delivery(.queued, attempts: 0)))
        #expect(due["summary"]?.string?.contains("due since 2026-03-26T08:00:00Z") == true)
    }

    @Test func `the guard rail speaks of the credential and not of the device`() {
        let rail = GuardRailState(rule: "apns.400.BadDeviceToken", reason: "BadDeviceToken", trippedAt: Self.start, verdicts: 20, alike: 19)
        let story = Self.story(
            DeliveryHistory(delivery: Self.delivery(.queued)), .credentialRefused(reason: "BadDeviceToken", probeAt: Self.start + .seconds(90)),
            rail: rail)
        #expect(story["summary"]?.string?.contains("19 of 20 targets were called dead alike") == true)
        #expect(story["lane"]?["guard_rail"]?["alike"] == 19)
    }

    @Test(arguments: [
        ("no_credential", "Set the credential"), ("suppressed", "suppression list"),
    ])
    func `what failed at acceptance was refused, not queued, and has a remedy`(reason: String, remedy: String) {
        let delivery = Self.delivery(.failed, attempts: 0) { ($0.reason, $0.error, $0.settledAt) = (reason, "The words", Self.start) }
        let story = Self.story(DeliveryHistory(delivery: delivery))
        #expect(story["summary"] == "Not delivered: the words.")
        #expect(story["remedy"]?.string?.contains(remedy) == true)
        #expect(Self.events(story) == ["accepted", "refused", "failed"])
    }

    @Test func `a deadline that has passed is said instead of a retry that would do nothing`() {
        let delivery = Self.delivery(.failed, attempts: 0) {
            ($0.reason, $0.error, $0.expiresAt) = (
                "expired", "The deadline (expires_at) passed before it could be delivered", Self.start + .seconds(30)
            )
        }
        let story = Self.story(DeliveryHistory(delivery: delivery))
        #expect(story["summary"] == "Not delivered: the deadline (expires_at) passed before it could be delivered.")
        #expect(story["remedy"]?.string?.contains("can't be retried") == true)
    }

    @Test func `people and dead gateways stand where they acted, and an attempt waits from then on`() {
        let history = DeliveryHistory(
            delivery: Self.delivery(.cancelled, attempts: 2),
            attempts: [
                Self.attempt(1, .recipientGone, "apns.410.Unregistered", status: 410),
                Self.attempt(2, .deferred, "apns.503", at: 42, next: 900, cause: .backoff),
            ],
            events: [
                DeliveryEvent(at: Self.start + .seconds(40), kind: .retried, actor: "key_1", detail: "gone"),
                DeliveryEvent(at: Self.start + .seconds(50), kind: .handedBack, actor: "gw_1"),
                DeliveryEvent(at: Self.start + .seconds(60), kind: .cancelled, actor: "key_2"),
            ])
        let story = Self.story(history)
        #expect(Self.events(story) == ["accepted", "queued", "attempt", "retried", "attempt", "handed_back", "cancelled"])
        #expect(story["timeline"]?[4]?["waited_ms"] == 2_000 && story["timeline"]?[4]?["waited_for"] == .null)
        #expect(story["timeline"]?[3]?["actor"] == "key_1" && story["timeline"]?[3]?["detail"] == "gone")
        #expect(story["summary"] == "Not delivered: it was withdrawn at 2026-03-26T08:01:00Z by key_2.")
    }

    @Test func `Expo's ticket and its receipt are two events`() {
        let lane = LaneKey(orgID: "org", provider: .expo, credential: "main")
        let history = DeliveryHistory(
            delivery: Self.delivery(.failed, lane: lane),
            attempts: [Self.attempt(1, .recipientGone, "expo.receipt.DeviceNotRegistered", status: 200, reason: "DeviceNotRegistered")],
            events: [DeliveryEvent(at: Self.start + .seconds(60), kind: .receipt)])
        let story = Self.story(history)
        #expect(Self.events(story) == ["accepted", "queued", "attempt", "receipt", "failed"])
        #expect(story["timeline"]?[2]?["outcome"] == "awaiting_receipt" && story["timeline"]?[2]?["rule"] == "expo.ticket.ok")
        #expect(story["timeline"]?[3]?["at"] == "2026-03-26T08:01:00Z" && story["timeline"]?[3]?["outcome"] == "recipient_gone")
        let open = DeliveryHistory(
            delivery: Self.delivery(.sent, lane: lane), attempts: [Self.attempt(1, .awaitingReceipt, "expo.ticket.ok", status: 200)],
            receipt: .init(dueAt: Self.start + .seconds(900), askedTimes: 2))
        #expect(Self.story(open)["timeline"]?.array?.last?["detail"] == "asked 2 times, none so far")
    }

    @Test func `an outcome that nobody knows is not called a failure of the message`() {
        let delivery = Self.delivery(.failed) {
            ($0.reason, $0.error) = ("outcome_unknown", "It is not known whether FCM took the message; it was not sent again")
        }
        let story = Self.story(DeliveryHistory(delivery: delivery, attempts: [Self.attempt(1, .unknown, "fcm.200.unreadable", status: 200)]))
        #expect(story["remedy"]?.string?.contains("arrives twice") == true)
    }
}
