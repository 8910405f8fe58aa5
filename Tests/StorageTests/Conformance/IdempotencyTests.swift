import Domain
import Storage
import Testing

@Suite("Idempotency keys")
struct IdempotencyTests {
    private let key = IdempotencyKey(caller: "key_1", operation: "POST /api/v1/notifications", key: "k1")
    private let answer = StoredAnswer(status: 201, contentType: "application/json", body: #"{"id":"notif_1"}"#)

    @Test(arguments: Backend.available)
    func `the first claim is fresh, the same body replays the answer, another body is a mismatch`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let keys = stores.idempotency
            try await stores.queue.renew(.ours, until: .start + .seconds(60), now: .start)
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start, lease: .ours) == .fresh)
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start, lease: .ours) == .running)
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start, lease: .theirs) == .running)
            #expect(try await keys.claim(key, bodyHash: "h2", now: .start, lease: .ours) == .mismatch)
            try await keys.complete(key, answer: answer)
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start, lease: .theirs) == .replay(answer))
            #expect(try await keys.claim(key, bodyHash: "h2", now: .start, lease: .ours) == .mismatch)
            var other = key
            other.caller = "key_2"
            #expect(try await keys.claim(other, bodyHash: "h2", now: .start, lease: .ours) == .fresh)
        }
    }

    @Test(arguments: Backend.available)
    func `an abandoned key is fresh again, but not one under which something was enqueued`(backend: Backend) async throws {
        try await backend.withStores { stores in
            _ = try await stores.idempotency.claim(key, bodyHash: "h1", now: .start, lease: .ours)
            try await stores.idempotency.abandon(key)
            #expect(try await stores.idempotency.claim(key, bodyHash: "h2", now: .start, lease: .ours) == .fresh)
            try await stores.queue.insert([newNotification()], lease: .ours, idempotency: IdempotencyMark(key: key, reference: "notif_1"))
            try await stores.idempotency.abandon(key)
            #expect(try await stores.idempotency.claim(key, bodyHash: "h2", now: .start, lease: .ours) == .running)
        }
    }

    @Test(arguments: Backend.available)
    func `a dead gateway's key is free again, or resumed where something was enqueued`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let keys = stores.idempotency
            try await stores.queue.renew(.theirs, until: .start + .seconds(60), now: .start)
            _ = try await keys.claim(key, bodyHash: "h1", now: .start, lease: .theirs)
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start + .seconds(59), lease: .ours) == .running)
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start + .seconds(60), lease: .ours) == .fresh)
            let mark = IdempotencyMark(key: key, reference: "batch_1")
            // The gateway that was taken for dead comes back too late.
            let late = newNotification()
            await #expect(throws: StorageError.self) { try await stores.queue.insert([late], lease: .theirs, idempotency: mark) }
            #expect(try await stores.notifications.get(late.notification.id, scope: .all) == nil)
            // A bulk call enqueues in several steps under one reference.
            try await stores.queue.insert([newNotification()], lease: .ours, idempotency: mark)
            try await stores.queue.insert([newNotification()], lease: .ours, idempotency: mark)
            let third = Lease(holder: "gateway-3")
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start + .seconds(60), lease: third) == .resume(reference: "batch_1"))
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start + .seconds(60), lease: third) == .running)
        }
    }

    @Test(arguments: Backend.available)
    func `a key lives for 24 hours`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let keys = stores.idempotency
            let day: Duration = .seconds(24 * 60 * 60)
            _ = try await keys.claim(key, bodyHash: "h1", now: .start, lease: .ours)
            try await keys.complete(key, answer: answer)
            try await keys.tidy(now: .start + day - .microseconds(1))
            #expect(try await keys.claim(key, bodyHash: "h1", now: .start + day - .microseconds(1), lease: .ours) == .replay(answer))
            #expect(try await keys.claim(key, bodyHash: "h2", now: .start + day, lease: .ours) == .fresh)
            try await keys.tidy(now: .start + day + day)
            #expect(try await keys.claim(key, bodyHash: "h3", now: .start + day + day, lease: .ours) == .fresh)
        }
    }
}
