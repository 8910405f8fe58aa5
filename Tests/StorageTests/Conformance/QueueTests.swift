import Domain
import Storage
import Testing

@Suite("Delivery queue")
struct QueueTests {
    @Test(arguments: Backend.available)
    func `what is inserted reads back unchanged`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let content = Content(
                title: "Tïtle", body: "", html: "<p>x</p>", data: ["a": 1, "b": ["c": nil]], listUnsubscribe: "https://example.org/u",
                collapseID: "c1", priority: .normal)
            var new = newNotification(
                to: [Target(address: "aa11", platform: .ios, registeredAt: .start), Target(address: "l@example.org")], priority: .normal,
                expiresAt: .start + .seconds(60), content: content, attributes: ["prompt_id": "p1", "x": [1, 2]], batch: "batch_1")
            new.notification.error = "a word"
            try await stores.queue.insert([new], lease: .ours)
            let stored = try await stores.notifications.get(new.notification.id, scope: .orgA)
            #expect(stored == new.notification)
            let deliveries = try await stores.deliveries.deliveries(of: [new.notification.id], scope: .orgA)
            #expect(deliveries == new.deliveries.sorted { $0.id < $1.id })
        }
    }

    @Test(arguments: Backend.available)
    func `of many that are inserted together each keeps its own content`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let contents: [Content] = [
                Content(title: "a", data: ["x": 1]), Content(title: "a", data: ["x": 1]), Content(title: "a", data: ["x": 2]), Content(title: "b"),
                Content(title: "a", data: ["x": 1]),
            ]
            let batch = contents.map { newNotification(content: $0) }
            try await stores.queue.insert(batch, lease: .ours)
            let stored = try await stores.notifications.get(batch.map(\.notification.id), scope: .all)
            #expect(stored.map(\.content) == contents)
        }
    }

    @Test(arguments: Backend.available)
    func `an attempt that the insert itself makes is in the log with the delivery`(backend: Backend) async throws {
        try await backend.withStores { stores in
            var new = newNotification(lane: .inbox(of: "org_a"), to: [Target(address: "user_1")], state: .delivered)
            new.deliveries[0].attempts = 1
            new.deliveries[0].settledAt = .start
            new.notification.tally.reached = 1
            new.madeByCommit = [Settlement(new.delivery, .accepted, next: .settled(.delivered), at: .start, rule: "in_app.stored")]
            try await stores.queue.insert([new], lease: .ours)
            #expect(try await stores.deliveries.get(new.delivery.id, scope: .orgA) == new.delivery)
            let attempts = try await stores.deliveries.attempts(of: new.delivery.id)
            #expect(attempts.map(\.number) == [1] && attempts.map(\.rule) == ["in_app.stored"])
            let waiting = try await stores.queue.claim(lane: .inbox(of: "org_a"), limit: 9, now: .start + .seconds(60), lease: .ours)
            #expect(waiting.isEmpty)
        }
    }

    @Test(arguments: Backend.available)
    func `an insert is all or nothing`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let first = newNotification()
            try await stores.queue.insert([first], lease: .ours)
            let second = newNotification()
            await #expect(throws: StorageError.self) { try await stores.queue.insert([second, first], lease: .ours) }
            let stored = try await stores.notifications.get(second.notification.id, scope: .all)
            #expect(stored == nil)
        }
    }

    @Test(arguments: Backend.available)
    func `a claimed delivery is invisible to a second gateway`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: (1...3).map { Target(address: "token\($0)") })
            try await stores.queue.insert([new], lease: .ours)
            let mine = try await stores.queue.claim(lane: .apns, limit: 2, now: .start, lease: .ours)
            let theirs = try await stores.queue.claim(lane: .apns, limit: 5, now: .start, lease: .theirs)
            #expect(mine.count == 2)
            #expect(theirs.count == 1)
            #expect(mine.allSatisfy { $0.content == new.notification.content && $0.delivery.state == .sending })
            #expect(Set((mine + theirs).map(\.delivery.id)) == Set(new.deliveries.map(\.id)))
        }
    }

    @Test(arguments: Backend.available)
    func `a claim takes high priority first, then what is due longest, and nothing that is not due or of another lane`(backend: Backend) async throws
    {
        try await backend.withStores { stores in
            func new(_ name: String, _ priority: Priority, due seconds: Int64, lane: LaneKey = .apns) -> NewNotification {
                newNotification(lane: lane, to: [Target(address: name)], priority: priority, dueAt: .start + .seconds(seconds))
            }
            try await stores.queue.insert(
                [
                    new("normal, old", .normal, due: 0), new("high, late", .high, due: 9), new("high, early", .high, due: 3),
                    new("high, not due", .high, due: 11), new("other lane", .high, due: 0, lane: .expo), new("normal, older", .normal, due: -5),
                ], lease: .ours)
            let claimed = try await stores.queue.claim(lane: .apns, limit: 10, now: .start + .seconds(10), lease: .ours)
            #expect(claimed.map(\.delivery.target.address) == ["high, early", "high, late", "normal, older", "normal, old"])
        }
    }

    @Test(arguments: Backend.available)
    func `a delivery inserted as sending is ours and cannot be claimed`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let claimed = try await stores.queue.claim(lane: .apns, limit: 5, now: .start, lease: .theirs)
            #expect(claimed.isEmpty)
            #expect(try await stores.queue.settle([.delivered(new.delivery)], lease: .ours) == [true])
        }
    }

    @Test(arguments: Backend.available)
    func `the backlog names each lane with the time of its next delivery`(backend: Backend) async throws {
        try await backend.withStores { stores in
            #expect(try await stores.queue.backlog() == [])
            try await stores.queue.insert(
                [
                    newNotification(dueAt: .start + .seconds(9)), newNotification(priority: .normal, dueAt: .start + .seconds(4)),
                    newNotification(lane: .expo, dueAt: .start + .seconds(5)), newNotification(lane: .smtp, state: .sending),
                ], lease: .ours)
            let backlog = try await stores.queue.backlog()
            #expect(
                backlog.sorted { $0.lane < $1.lane } == [
                    Backlog(lane: .apns, nextAttemptAt: .start + .seconds(4)), Backlog(lane: .expo, nextAttemptAt: .start + .seconds(5)),
                ])
        }
    }

    @Test(arguments: Backend.available)
    func `released deliveries are queued again without an attempt`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: [Target(address: "a"), Target(address: "b")], state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            try await stores.queue.release(new.deliveries.map(\.id), nextAttemptAt: .start + .seconds(5), lease: .theirs)
            #expect(try await stores.queue.backlog() == [], "another gateway released what is ours")
            try await stores.queue.release(new.deliveries.map(\.id), nextAttemptAt: .start + .seconds(5), lease: .ours)
            let claimed = try await stores.queue.claim(lane: .apns, limit: 5, now: .start + .seconds(5), lease: .theirs)
            #expect(claimed.map(\.delivery.attempts) == [0, 0])
        }
    }

    @Test(arguments: Backend.available)
    func `what is given back for a reason says so, each for its own, and until when`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: ["a", "b", "c"].map { Target(address: $0) }, state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let ids = new.deliveries.map(\.id)
            try await stores.queue.release(
                [
                    Returned(ids[0], nextAttemptAt: .start + .seconds(5), reason: "TooManyRequests", error: "later"),
                    Returned(ids[1], nextAttemptAt: .start + .seconds(9), reason: "TooManyRequests", error: "much later"),
                    Returned(ids[2], nextAttemptAt: .start),
                ], lease: .ours)
            let stored = try await stores.deliveries.deliveries(of: [new.notification.id], scope: .all)
                .sorted { $0.target.address < $1.target.address }
            #expect(stored.map(\.nextAttemptAt) == [.start + .seconds(5), .start + .seconds(9), .start])
            #expect(stored.map(\.error) == ["later", "much later", nil])
            #expect(stored.map(\.reason) == ["TooManyRequests", "TooManyRequests", nil])
            #expect(stored.allSatisfy { $0.attempts == 0 && $0.state == .queued })
        }
    }

    @Test(arguments: Backend.available)
    func `high priority is claimed first, and leaves normal priority a tenth`(backend: Backend) async throws {
        try await backend.withStores { stores in
            try await stores.queue.insert((0..<30).map { _ in newNotification() }, lease: .ours)
            func claim(_ limit: Int) async throws -> [Priority: Int] {
                let claimed = try await stores.queue.claim(lane: .apns, limit: limit, now: .start, lease: .ours)
                return Dictionary(grouping: claimed, by: \.delivery.priority).mapValues(\.count)
            }
            // Nobody waits for the tenth.
            #expect(try await claim(10) == [.high: 10])
            try await stores.queue.insert((0..<5).map { _ in newNotification(priority: .normal) }, lease: .ours)
            #expect(try await claim(10) == [.high: 9, .normal: 1])
            #expect(try await claim(1) == [.high: 1])
            #expect(try await claim(20) == [.high: 10, .normal: 4])
        }
    }

    @Test(arguments: Backend.available)
    func `deliveries past their deadline fail with that reason, and only those`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let late = newNotification(expiresAt: .start + .seconds(5))
            let early = newNotification(expiresAt: .start + .seconds(50))
            let open = newNotification()
            try await stores.queue.insert([late, early, open], lease: .ours)
            let expired = try await stores.queue.expire(now: .start + .seconds(10), limit: 10)
            #expect(expired.map(\.id) == [late.delivery.id])
            #expect(expired.map(\.state) == [.failed])
            #expect(expired.map(\.reason) == ["expired"])
            let stored = try #require(try await stores.notifications.get(late.notification.id, scope: .orgA))
            #expect(stored.tally == Tally(targeted: 1, failed: 1))
            #expect(stored.error?.contains("expires_at") == true)
            #expect(try await stores.queue.claim(lane: .apns, limit: 9, now: .start + .seconds(10), lease: .ours).count == 2)
        }
    }

    @Test(arguments: Backend.available)
    func `only a queued delivery can be cancelled, and only within the scope`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: [Target(address: "a"), Target(address: "b")])
            try await stores.queue.insert([new], lease: .ours)
            let id = new.delivery.id
            #expect(try await stores.queue.cancel(id, scope: .orgs(["org_b"]), now: .start) == false)
            #expect(try await stores.queue.cancel(id, scope: .orgA, now: .start) == true)
            #expect(try await stores.queue.cancel(id, scope: .orgA, now: .start) == false)
            let claimed = try await stores.queue.claim(lane: .apns, limit: 5, now: .start, lease: .ours)
            #expect(claimed.map(\.delivery.id) == [new.deliveries[1].id])
            #expect(try await stores.queue.cancel(claimed[0].delivery.id, scope: .orgA, now: .start) == false)
            let stored = try await stores.notifications.get(new.notification.id, scope: .orgA)
            #expect(stored?.tally == Tally(targeted: 2, cancelled: 1))
        }
    }

    @Test(arguments: Backend.available)
    func `a retried delivery keeps its attempts but starts with a fresh budget`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            #expect(try await stores.queue.retry(new.delivery.id, scope: .orgA, now: .start) == false)
            _ = try await stores.queue.settle([.failed(new.delivery)], lease: .ours)
            #expect(try await stores.queue.retry(new.delivery.id, scope: .orgs(["org_b"]), now: .start) == false)
            #expect(try await stores.queue.retry(new.delivery.id, scope: .orgA, now: .start + .seconds(9)) == true)
            let claimed = try await stores.queue.claim(lane: .apns, limit: 5, now: .start + .seconds(9), lease: .ours)
            #expect(claimed.map(\.delivery.attempts) == [1])
            #expect(claimed.map(\.delivery.heldAttempts) == [1])
            let stored = try await stores.notifications.get(new.notification.id, scope: .orgA)
            #expect(stored?.tally == Tally(targeted: 1))
            let listed = try await stores.notifications.list(.status(.folded(.queued)), page: Page(), scope: .orgA)
            #expect(listed.total == 1)
        }
    }
}

extension NotificationFilter {
    static func status(_ status: Status) -> NotificationFilter {
        var filter = NotificationFilter()
        filter.statuses = [status]
        return filter
    }
}
