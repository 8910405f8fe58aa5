import Domain
import Storage
import Testing

@Suite("Settlement")
struct SettlementTests {
    @Test(arguments: Backend.available)
    func `a result is written only while the delivery is ours`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            #expect(try await stores.queue.settle([.failed(new.delivery)], lease: .theirs) == [false])
            #expect(try await stores.queue.settle([.delivered(new.delivery)], lease: .ours) == [true])
            #expect(try await stores.queue.settle([.failed(new.delivery)], lease: .ours) == [false])
            let delivery = try #require(try await stores.deliveries.get(new.delivery.id, scope: .orgA))
            #expect(delivery.state == .delivered)
            #expect(delivery.attempts == 1)
            #expect(delivery.settledAt == .start + .seconds(1))
            #expect(delivery.providerMessageID == new.delivery.id.uuidString)
            let attempts = try await stores.deliveries.attempts(of: delivery.id)
            #expect(attempts.map(\.outcome) == ["accepted"], "a refused settlement has left an attempt")
            let stored = try await stores.notifications.get(new.notification.id, scope: .orgA)
            #expect(stored?.tally == Tally(targeted: 1, reached: 1))
        }
    }

    @Test(arguments: Backend.available)
    func `several results of one notification add up in its tally and status`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: (1...4).map { Target(address: "t\($0)") }, state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let written = try await stores.queue.settle(
                [.delivered(new.deliveries[0]), .failed(new.deliveries[1], error: "one"), .failed(new.deliveries[2], error: "two")], lease: .ours)
            #expect(written == [true, true, true])
            let stored = try #require(try await stores.notifications.get(new.notification.id, scope: .orgA))
            #expect(stored.tally == Tally(targeted: 4, reached: 1, failed: 2))
            #expect(stored.error == "two")
            #expect(try await stores.notifications.list(.status(.folded(.reached)), page: Page(), scope: .orgA).total == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `a deferred delivery is queued again and tells why`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let again = Timestamp.start + .seconds(30)
            _ = try await stores.queue.settle(
                [
                    Settlement(
                        new.delivery, .deferred(Wait()), next: .queued(at: again, counted: true), status: 503, reason: "ServiceUnavailable",
                        detail: "down", error: "The provider is down")
                ], lease: .ours)
            let claimed = try await stores.queue.claim(lane: .apns, limit: 1, now: again, lease: .ours)
            let delivery = try #require(claimed.first?.delivery)
            #expect(delivery.attempts == 1 && delivery.heldAttempts == 0)
            #expect(delivery.error == "The provider is down")
            _ = try await stores.queue.settle(
                [Settlement(delivery, .credentialRefused, next: .queued(at: again, counted: false), status: 403)], lease: .ours)
            let held = try #require(try await stores.deliveries.get(new.delivery.id, scope: .orgA))
            #expect(held.attempts == 2 && held.heldAttempts == 1)
            let attempts = try await stores.deliveries.attempts(of: new.delivery.id)
            #expect(attempts.map(\.number) == [1, 2])
            #expect(attempts.map(\.detail) == ["down", nil])
            #expect(attempts.first?.nextAttemptAt == again)
            #expect(attempts.map(\.status) == [503, 403])
        }
    }

    @Test(arguments: Backend.available)
    func `an attempt that goes on at once is remembered, and the delivery stays ours`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let first = Settlement(new.delivery, .refreshed(afterwards: .deferred), next: .again)
            var counted = new.delivery
            #expect(try await stores.queue.settle([first], lease: .ours) == [true])
            counted.attempts = 1
            let second = Settlement(counted, .split(label: "p"), next: .split(label: "p"))
            #expect(try await stores.queue.settle([second], lease: .ours) == [true])
            counted.attempts = 2
            #expect(try await stores.queue.settle([.delivered(counted)], lease: .ours) == [true])
            let delivery = try await stores.deliveries.get(new.delivery.id, scope: .orgA)
            #expect(delivery?.attempts == 3)
            #expect(delivery?.heldAttempts == 2)
            #expect(try await stores.deliveries.attempts(of: new.delivery.id).map(\.outcome) == ["refreshed", "split", "accepted"])
        }
    }

    @Test(arguments: Backend.available)
    func `the provider's words are kept for faults only`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: [Target(address: "a"), Target(address: "b")], state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let good = Settlement(new.deliveries[0], .accepted, next: .settled(.delivered), detail: "ok")
            _ = try await stores.queue.settle([good, .failed(new.deliveries[1])], lease: .ours)
            #expect(try await stores.deliveries.attempts(of: new.deliveries[0].id).map(\.detail) == [nil])
            #expect(try await stores.deliveries.attempts(of: new.deliveries[1].id).map(\.detail) == ["the provider's words"])
        }
    }
}
