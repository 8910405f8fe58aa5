import Domain
import Storage
import Testing

@testable import DeliveryEngine

/// In-app beside the providers that have to be asked.
@Suite(.timeLimit(.minutes(1)))
struct InboxTests {
    private func letter(_ user: String, _ channels: Set<Channel>, expiresAt: Timestamp? = nil) -> Draft {
        Draft(
            id: "notif_\(user)", contract: .coordinatorNotifications, orgID: "org", recipient: .user(user), channels: channels,
            content: Content(title: "t"), expiresAt: expiresAt)
    }

    @Test func `an in-app delivery is in the log with its attempt as soon as it is accepted, though nothing serves`() async throws {
        try await withBench([:]) { bench in
            let stored = try await bench.makeEngine().submit([letter("u", [.inApp, .push])])
            #expect(stored.map(\.tally) == [Tally(targeted: 1, reached: 1)])
            let delivery = try await bench.delivery(of: stored[0])
            #expect(delivery.state == .delivered && delivery.attempts == 1 && delivery.settledAt == bench.clock.now)
            let attempts = try await bench.stores.deliveries.attempts(of: delivery.id)
            #expect(attempts.map(\.number) == [1])
            #expect(attempts.map(\.rule) == ["in_app.stored"])
            #expect(attempts.map(\.outcome) == ["accepted"])
            #expect(try await bench.stores.notifications.get("notif_u", scope: .all)?.tally.status == .reached)
        }
    }

    @Test func `the push beside it goes its own way`() async throws {
        let apns = ScriptedProvider(name: .apns, window: 1)
        try await withBench([.apns: apns]) { bench in
            _ = try await bench.stores.tokens.register(
                DeviceToken(
                    id: "dtoken-1", orgID: "org", userID: "u", token: "t", platform: .ios, provider: .apns, registeredAt: bench.clock.now))
            try await bench.withEngine { engine in
                let stored = try await engine.submit([letter("u", [.inApp, .push])])
                #expect(stored[0].tally == Tally(targeted: 2, reached: 1))
                let settled = await engine.settled(stored, within: .seconds(3_600))
                #expect(settled[0].tally == Tally(targeted: 2, reached: 2))
                #expect(engine.lanes.map(\.lane) == [LaneKey.apns])
            }
        }
    }

    @Test func `what waits for an inbox on disk is delivered without a credential`() async throws {
        try await withBench([:]) { bench in
            let delivery = Delivery(
                id: .make(at: bench.clock.now), notificationID: "notif_u", orgID: "org", userID: "u", lane: .inbox(of: "org"),
                target: Target(address: "u"), nextAttemptAt: bench.clock.now, createdAt: bench.clock.now)
            var notification = Notification(
                id: "notif_u", orgID: "org", contract: .coordinatorNotifications, userID: "u", content: Content(title: "t"),
                createdAt: bench.clock.now)
            notification.tally.targeted = 1
            try await bench.stores.queue.insert(
                [NewNotification(notification: notification, deliveries: [delivery])], lease: Lease(holder: "gw_other"))
            let stored = notification
            try await bench.withEngine { engine in
                let settled = await engine.settled([stored], within: .seconds(3_600))
                #expect(settled[0].tally.reached == 1)
                let state = try await bench.delivery(of: stored).state
                #expect(state == .delivered)
            }
        }
    }
}
