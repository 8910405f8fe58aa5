import Domain
import Storage
import Testing

@Suite("Bulks")
struct BulkTests {
    private let bulk = Bulk(id: "bulk_1", orgID: "org_a", parameters: ["days": 30, "orgs": ["org_a", "org_b"]], beganAt: .start)
    private let key = IdempotencyKey(caller: "c", operation: "POST /bulk", key: "k")

    private func step(_ from: String?, _ to: String) -> BulkStep {
        BulkStep(bulkID: "bulk_1", from: from.map { .init(orgID: "org_a", userID: $0) }, to: .init(orgID: "org_a", userID: to))
    }

    private func mail(to user: String, failed: Bool = false) -> NewNotification {
        var new = newNotification(user: user, lane: .smtp, to: failed ? [] : [Target(address: "\(user)@example.org")], batch: "bulk_1")
        if failed { new.notification.error = "Email address not verified" }
        return new
    }

    private func queued(_ stores: Stores) async throws -> Int {
        try await stores.queue.claim(lane: .smtp, limit: 100, now: .start, lease: .ours).count
    }

    @Test(arguments: Backend.available)
    func `a bulk reads back as it was begun, and ends once`(backend: Backend) async throws {
        try await backend.withStores { stores in
            #expect(try await stores.bulks.get("bulk_1") == nil)
            try await stores.bulks.begin(bulk, lease: .ours)
            #expect(try await stores.bulks.get("bulk_1") == bulk)
            var finished = bulk
            finished.finishedAt = .start + .seconds(9)
            #expect(try await stores.bulks.finish("bulk_1", at: .start + .seconds(9)) == finished)
            #expect(try await stores.bulks.finish("bulk_1", at: .start + .seconds(10)) == finished)
            #expect(try await stores.bulks.finish("bulk_2", at: .start) == nil)
            await #expect(throws: StorageError.self) { try await stores.queue.insert([], lease: .ours, step: step(nil, "u1")) }
        }
    }

    @Test(arguments: Backend.available)
    func `a step and what it inserts stand or fall together`(backend: Backend) async throws {
        try await backend.withStores { stores in
            try await stores.bulks.begin(bulk, lease: .ours)
            try await stores.queue.insert([mail(to: "u1"), mail(to: "u2", failed: true)], lease: .ours, step: step(nil, "u2"))
            // Everybody of a step may have been seen to before.
            try await stores.queue.insert([], lease: .ours, step: step("u2", "u3"))
            var moved = bulk
            (moved.cursor, moved.eligible, moved.failed) = (.init(orgID: "org_a", userID: "u3"), 2, 1)
            #expect(try await stores.bulks.get("bulk_1") == moved)
            // Prepared when the bulk stood elsewhere: by a gateway that was taken for dead, or a step that was written after all.
            for stale in [step("u2", "u4"), step(nil, "u4")] {
                await #expect(throws: StorageError.self) { try await stores.queue.insert([mail(to: "u4")], lease: .ours, step: stale) }
            }
            // An id that exists takes the whole step back.
            let again = mail(to: "u4")
            try await stores.queue.insert([again], lease: .ours, step: step("u3", "u4"))
            await #expect(throws: StorageError.self) {
                try await stores.queue.insert([mail(to: "u5"), again], lease: .ours, step: step("u4", "u5"))
            }
            #expect(try await stores.bulks.get("bulk_1")?.cursor?.userID == "u4")
            #expect(try await stores.bulks.get("bulk_1")?.eligible == 3)
            #expect(try await queued(stores) == 2)
        }
    }

    @Test(arguments: Backend.available)
    func `a gateway that lost the key of its bulk writes no more of it`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let mark = IdempotencyMark(key: key, reference: "bulk_1")
            _ = try await stores.idempotency.claim(key, bodyHash: "h", now: .start, lease: .theirs)
            try await stores.bulks.begin(bulk, lease: .theirs, idempotency: mark)
            try await stores.queue.insert([mail(to: "u1")], lease: .theirs, idempotency: mark, step: step(nil, "u1"))
            #expect(try await stores.idempotency.claim(key, bodyHash: "h", now: .start, lease: .ours) == .resume(reference: "bulk_1"))
            await #expect(throws: StorageError.self) {
                try await stores.queue.insert([mail(to: "u2")], lease: .theirs, idempotency: mark, step: step("u1", "u2"))
            }
            try await stores.queue.insert([mail(to: "u2")], lease: .ours, idempotency: mark, step: step("u1", "u2"))
            #expect(try await stores.bulks.get("bulk_1")?.eligible == 2)
        }
    }

    @Test(arguments: Backend.available)
    func `ids come page by page in the order of the inserts, and users who were reached are known`(backend: Backend) async throws {
        try await backend.withStores { stores in
            try await stores.bulks.begin(bulk, lease: .ours)
            let mails = (0..<25).map { mail(to: "u\($0)", failed: $0 == 3) }
            try await stores.queue.insert(mails + [newNotification(user: "u99")], lease: .ours, step: step(nil, "u24"))
            for page in [1, 5, 7, 100] {
                var pages: [[String]] = []
                try await stores.bulks.notificationIDs(of: "bulk_1", page: page) { pages.append($0) }
                #expect(pages.flatMap(\.self) == mails.map(\.notification.id))
                #expect(pages.allSatisfy { !$0.isEmpty && $0.count <= page })
            }
            try await stores.bulks.notificationIDs(of: "bulk_2") { _ in Issue.record("a page of nothing") }
            #expect(try await stores.bulks.reached(by: "bulk_1", among: ["u3", "u24", "u25", "u99"]) == ["u3", "u24"])
            #expect(try await stores.bulks.reached(by: "bulk_2", among: ["u3"]) == [])
            #expect(try await stores.bulks.reached(by: "bulk_1", among: []) == [])
        }
    }
}

@Suite("Notifications as a whole")
struct WholeNotificationTests {
    private func failed(_ stores: Stores, attempts: Int = 1) async throws -> NewNotification {
        let new = newNotification(lane: .smtp, to: [Target(address: "old@example.org")], state: .sending)
        try await stores.queue.insert([new], lease: .ours)
        _ = try await stores.queue.settle([.failed(new.delivery, error: "550 no such user")], lease: .ours)
        return new
    }

    private func tally(_ stores: Stores, _ new: NewNotification) async throws -> Tally? {
        try await stores.notifications.get(new.notification.id, scope: .all)?.tally
    }

    @Test(arguments: Backend.available)
    func `what is queued is withdrawn, what is being sent is not`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let queued = newNotification(lane: .smtp)
            let sending = newNotification(lane: .smtp, state: .sending)
            try await stores.queue.insert([queued, sending], lease: .ours)
            #expect(try await stores.queue.cancel(notification: queued.notification.id, scope: .orgs(["org_b"]), now: .start) == 0)
            #expect(try await stores.queue.cancel(notification: queued.notification.id, scope: .orgA, now: .start) == 1)
            #expect(try await stores.queue.cancel(notification: queued.notification.id, scope: .orgA, now: .start) == 0)
            #expect(try await stores.queue.cancel(notification: sending.notification.id, scope: .orgA, now: .start) == 0)
            #expect(try await tally(stores, queued)?.status == .cancelled)
            #expect(try await tally(stores, sending)?.status == .queued)
            #expect(try await stores.notifications.list(.status(.folded(.cancelled)), page: Page(), scope: .orgA).total == 1)
            #expect(try await stores.queue.claim(lane: .smtp, limit: 9, now: .start, lease: .ours).isEmpty)
        }
    }

    @Test(arguments: Backend.available)
    func `a retry keeps the delivery and its attempts, and goes where it is sent now`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = try await failed(stores)
            let id = new.notification.id
            var anew = newNotification(lane: LaneKey(orgID: "org_a", provider: .smtp, credential: "other"), to: [Target(address: "new@example.org")])
                .delivery
            anew.notificationID = id
            #expect(try await stores.queue.retry(notification: id, as: anew, scope: .orgs(["org_b"]), now: .start) == false)
            #expect(try await stores.queue.retry(notification: id, as: anew, scope: .orgA, now: .start + .seconds(9)) == true)
            #expect(try await stores.queue.retry(notification: id, as: anew, scope: .orgA, now: .start + .seconds(9)) == false)
            #expect(try await tally(stores, new) == Tally(targeted: 1))
            #expect(try await stores.notifications.list(.status(.folded(.queued)), page: Page(), scope: .orgA).total == 1)
            let claimed = try await stores.queue.claim(lane: anew.lane, limit: 9, now: .start + .seconds(9), lease: .ours)
            #expect(claimed.map(\.delivery.id) == [new.delivery.id])
            #expect(claimed.map(\.delivery.target.address) == ["new@example.org"])
            #expect(claimed.map(\.delivery.attempts) == [1])
            #expect(claimed.map(\.delivery.heldAttempts) == [1])
        }
    }

    @Test(arguments: Backend.available)
    func `a notification that had no delivery gets one, once`(backend: Backend) async throws {
        try await backend.withStores { stores in
            var new = newNotification(to: [])
            new.notification.error = "Email address not verified"
            try await stores.queue.insert([new], lease: .ours)
            var delivery = newNotification(lane: .smtp, to: [Target(address: "new@example.org")]).delivery
            delivery.notificationID = new.notification.id
            #expect(try await stores.queue.retry(notification: new.notification.id, as: delivery, scope: .orgA, now: .start) == true)
            #expect(try await stores.queue.retry(notification: new.notification.id, as: delivery, scope: .orgA, now: .start) == false)
            #expect(try await tally(stores, new) == Tally(targeted: 1))
            #expect(try await stores.notifications.list(.status(.folded(.queued)), page: Page(), scope: .orgA).total == 1)
            #expect(try await stores.notifications.list(.status(.folded(.failed)), page: Page(), scope: .orgA).total == 0)
            let claimed = try await stores.queue.claim(lane: .smtp, limit: 9, now: .start, lease: .ours)
            _ = try await stores.queue.settle(claimed.map { .delivered($0.delivery) }, lease: .ours)
            #expect(try await tally(stores, new)?.status == .reached)
            #expect(try await stores.queue.retry(notification: new.notification.id, as: delivery, scope: .orgA, now: .start) == false)
        }
    }

    @Test(arguments: Backend.available)
    func `neither what is deleted nor what has several targets is retried as a whole`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = try await failed(stores)
            _ = try await stores.notifications.delete(new.notification.id, scope: .orgA, now: .start)
            #expect(try await stores.queue.retry(notification: new.notification.id, as: new.delivery, scope: .orgA, now: .start) == false)
            let several = newNotification(lane: .smtp, to: [Target(address: "a"), Target(address: "b")], state: .sending)
            try await stores.queue.insert([several], lease: .ours)
            _ = try await stores.queue.settle(several.deliveries.map { .failed($0) }, lease: .ours)
            #expect(try await stores.queue.retry(notification: several.notification.id, as: several.delivery, scope: .orgA, now: .start) == false)
        }
    }
}
