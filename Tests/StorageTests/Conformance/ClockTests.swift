import Domain
import Storage
import Testing

@Suite("A clock that is set back")
struct ClockTests {
    private let jump = Duration.seconds(7_200)

    @Test(arguments: Backend.available)
    func `what waits for its next attempt waits as long as was meant`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let soon = newNotification(dueAt: .start + .seconds(30))
            let due = newNotification(dueAt: .start)
            let underWay = newNotification(state: .sending, dueAt: .start + .seconds(30))
            let settled = newNotification(state: .delivered, dueAt: .start + .seconds(30))
            try await stores.queue.insert([soon, due, underWay, settled], lease: .ours)
            let now = Timestamp.start - jump
            #expect(try await stores.queue.clockWasSetBack(by: jump, now: now) == 2)
            func nextAttempt(_ new: NewNotification) async throws -> Timestamp? {
                try await stores.deliveries.get(new.delivery.id, scope: .all)?.nextAttemptAt
            }
            #expect(try await nextAttempt(soon) == now + .seconds(30))
            #expect(try await nextAttempt(due) == now)
            #expect(try await nextAttempt(underWay) == .start + .seconds(30))
            #expect(try await nextAttempt(settled) == .start + .seconds(30))
        }
    }

    @Test(arguments: Backend.available)
    func `what was queued after the jump is not sent into the past`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let now = Timestamp.start
            let new = newNotification(dueAt: now + .seconds(60))
            let old = newNotification(dueAt: now - .seconds(60))
            try await stores.queue.insert([new, old], lease: .ours)
            #expect(try await stores.queue.clockWasSetBack(by: jump, now: now) == 1)
            #expect(try await stores.deliveries.get(new.delivery.id, scope: .all)?.nextAttemptAt == now)
            #expect(try await stores.deliveries.get(old.delivery.id, scope: .all)?.nextAttemptAt == now - .seconds(60))
        }
    }

    @Test(arguments: Backend.available)
    func `receipts are asked for as soon as was meant`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(lane: .expo, state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let settlement = Settlement(
                new.delivery, .awaitingReceipt, next: .awaitingReceipt, messageID: "ticket", receiptDueAt: .start + .seconds(900))
            _ = try await stores.queue.settle([settlement], lease: .ours)
            try await stores.queue.clockWasSetBack(by: jump, now: .start - jump)
            #expect(try await stores.queue.nextReceiptDueAt() == .start - jump + .seconds(900))
        }
    }

    @Test(arguments: Backend.available)
    func `the latest time that was seen is remembered, until what was meant by it is mended`(backend: Backend) async throws {
        try await backend.withStores { stores in
            #expect(try await stores.queue.latestTimeSeen() == nil)
            try await stores.queue.renew(.ours, until: .start + .seconds(60), now: .start)
            try await stores.queue.renew(.theirs, until: .start - jump + .seconds(60), now: .start - jump)
            #expect(try await stores.queue.latestTimeSeen() == .start)
            try await stores.queue.surrender(.ours, now: .start + .seconds(5))
            #expect(try await stores.queue.latestTimeSeen() == .start + .seconds(5))
            try await stores.queue.clockWasSetBack(by: jump, now: .start - jump)
            #expect(try await stores.queue.latestTimeSeen() == .start - jump)
        }
    }

    @Test(arguments: Backend.available)
    func `a dead gateway's lease is over as soon as was meant`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let held = newNotification(state: .sending)
            try await stores.queue.renew(.theirs, until: .start + .seconds(60), now: .start)
            try await stores.queue.insert([held], lease: .theirs)
            let now = Timestamp.start - jump
            try await stores.queue.clockWasSetBack(by: jump, now: now)
            #expect(try await stores.queue.reap(now: now + .seconds(59), alone: false, lease: .ours) == 0)
            #expect(try await stores.queue.reap(now: now + .seconds(60), alone: false, lease: .ours) == 1)
        }
    }
}
