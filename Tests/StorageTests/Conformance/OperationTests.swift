import Domain
import Storage
import Testing

/// What people do to many deliveries at once, and what is remembered of it.
@Suite("Operations")
struct OperationTests {
    private func failed(_ count: Int, _ stores: Stores, expiresAt: Timestamp? = nil, reason: String = "BadTopic") async throws -> [Delivery] {
        let new = (0..<count).map { newNotification(to: [Target(address: "t\($0)")], state: .sending, expiresAt: expiresAt) }
        try await stores.queue.insert(new, lease: .ours)
        _ = try await stores.queue.settle(new.map { .failed($0.delivery, error: reason) }, lease: .ours)
        return new.map(\.delivery)
    }

    @Test(arguments: Backend.available)
    func `of many that are to be retried, those go again that are failed, in reach and in time, each once`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let good = try await failed(3, stores)
            let late = try await failed(1, stores, expiresAt: .start + .seconds(5))
            let foreign = newNotification(org: "org_b", state: .sending)
            let open = newNotification()
            try await stores.queue.insert([foreign, open], lease: .ours)
            _ = try await stores.queue.settle([.failed(foreign.delivery)], lease: .ours)
            let other = LaneKey(orgID: "org_a", provider: .apns, credential: "other")
            let orders =
                [RetryOrder(id: good[0].id, lane: other)]
                + (good[1...] + late + [foreign.delivery, open.delivery]).map { RetryOrder(id: $0.id) }
            let now = Timestamp.start + .seconds(9)
            let queued = try await stores.queue.retry(orders, scope: .orgA, by: "key_1", now: now)
            #expect(Set(queued.map(\.id)) == Set(good.map(\.id)))
            #expect(try await stores.queue.retry(orders, scope: .orgA, by: "key_1", now: now) == [])
            #expect(try await stores.queue.claim(lane: other, limit: 9, now: now, lease: .ours).map(\.delivery.id) == [good[0].id])
            let history = try #require(try await stores.deliveries.history(of: good[1].id, scope: .orgA))
            #expect(history.events == [DeliveryEvent(at: now, kind: .retried, actor: "key_1", detail: "BadTopic")])
            #expect(history.contract == .pushDispatcher && history.targeted == 1)
            #expect(try await stores.deliveries.history(of: foreign.delivery.id, scope: .all)?.events == [])
            #expect(try await stores.deliveries.history(of: foreign.delivery.id, scope: .orgA) == nil)
            let tally = try await stores.notifications.get(good[1].notificationID, scope: .all)?.tally
            #expect(tally == Tally(targeted: 1))
        }
    }

    @Test(arguments: Backend.available)
    func `two who retry the same at the same moment make one attempt between them`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let orders = try await failed(200, stores).map { RetryOrder(id: $0.id) }
            let changed = try await withThrowingTaskGroup(of: [Identifier].self) { group in
                for number in 0..<8 {
                    group.addTask { try await stores.queue.retry(orders, scope: .orgA, by: "\(number)", now: .start).map(\.id) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(changed.count == 200 && Set(changed).count == 200)
        }
    }

    @Test(arguments: Backend.available)
    func `of many that are to be withdrawn, those are that are queued, and their notifications know`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let one = newNotification(to: [Target(address: "a"), Target(address: "b")])
            let sending = newNotification(state: .sending)
            try await stores.queue.insert([one, sending], lease: .ours)
            let ids = (one.deliveries + sending.deliveries).map(\.id)
            let now = Timestamp.start + .seconds(1)
            let cancelled = try await stores.queue.cancel(ids, scope: .orgA, by: nil, now: now)
            #expect(Set(cancelled.map(\.id)) == Set(one.deliveries.map(\.id)))
            #expect(cancelled.allSatisfy { $0.state == .cancelled && $0.settledAt == now })
            #expect(try await stores.notifications.get(one.notification.id, scope: .all)?.tally == Tally(targeted: 2, cancelled: 2))
            let history = try await stores.deliveries.history(of: one.delivery.id, scope: .all)
            #expect(history?.events == [DeliveryEvent(at: now, kind: .cancelled)])
        }
    }

    @Test(arguments: Backend.available)
    func `a notification's end is in its deliveries' stories`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let deleted = newNotification()
            let withdrawn = newNotification()
            try await stores.queue.insert([deleted, withdrawn], lease: .ours)
            _ = try await stores.notifications.delete(deleted.notification.id, scope: .all, now: .start)
            _ = try await stores.queue.cancel(notification: withdrawn.notification.id, scope: .all, by: "key_1", now: .start)
            #expect(
                try await stores.deliveries.history(of: deleted.delivery.id, scope: .all)?.events
                    == [DeliveryEvent(at: .start, kind: .cancelled, detail: "its notification was deleted")])
            #expect(
                try await stores.deliveries.history(of: withdrawn.delivery.id, scope: .all)?.events
                    == [DeliveryEvent(at: .start, kind: .cancelled, actor: "key_1")])
        }
    }

    @Test(arguments: Backend.available)
    func `what a dead gateway was sending says so`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(state: .sending)
            try await stores.queue.insert([new], lease: .theirs)
            #expect(try await stores.queue.reap(now: .start + .seconds(1), alone: true, lease: .ours) == 1)
            // At the same moment again, whatever the clock says.
            _ = try await stores.queue.claim(lane: .apns, limit: 1, now: .start + .seconds(1), lease: .theirs)
            #expect(try await stores.queue.reap(now: .start + .seconds(1), alone: true, lease: .ours) == 1)
            let history = try await stores.deliveries.history(of: new.delivery.id, scope: .all)
            #expect(history?.events == [DeliveryEvent(at: .start + .seconds(1), kind: .handedBack, actor: Lease.theirs.holder)])
        }
    }

    @Test(arguments: Backend.available)
    func `an attempt remembers why the next one waits`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: [Target(address: "a"), Target(address: "b"), Target(address: "c")], state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let at = Timestamp.start + .seconds(30)
            _ = try await stores.queue.settle(
                [
                    Settlement(new.deliveries[0], .deferred(Wait(retryAfter: .seconds(29))), next: .queued(at: at, counted: true), status: 503),
                    Settlement(new.deliveries[1], .credentialRefused, next: .queued(at: at, counted: false), status: 403),
                    .delivered(new.deliveries[2]),
                ], lease: .ours)
            var causes: [WaitCause?] = []
            for delivery in new.deliveries {
                causes += try #require(try await stores.deliveries.history(of: delivery.id, scope: .all)).attempts.map(\.waitCause)
            }
            #expect(causes == [.retryAfter, .credentialRefused, nil])
        }
    }

    @Test(arguments: Backend.available)
    func `a receipt that says no leaves its moment`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(lane: .expo, state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            let ticket = Settlement(
                new.delivery, .awaitingReceipt, next: .awaitingReceipt, rule: "expo.ticket.ok", messageID: "ticket",
                receiptDueAt: .start + .seconds(9))
            _ = try await stores.queue.settle([ticket], lease: .ours)
            #expect(
                try await stores.deliveries.history(of: new.delivery.id, scope: .all)?.receipt
                    == DeliveryHistory.Receipt(dueAt: .start + .seconds(9), askedTimes: 0))
            let due = try await stores.queue.dueReceipts(now: .start + .seconds(10), limit: 1)
            let gone = Outcome(verdict: .recipientGone(asOf: nil), rule: "expo.receipt.DeviceNotRegistered", reason: "DeviceNotRegistered")
            try await stores.queue.settleReceipts(
                [ReceiptSettlement(receipt: due[0], outcome: gone, action: .closed(next: .settled(.failed), error: "gone"))],
                now: .start + .seconds(10))
            let history = try #require(try await stores.deliveries.history(of: new.delivery.id, scope: .all))
            #expect(history.events == [DeliveryEvent(at: .start + .seconds(10), kind: .receipt)])
            #expect(history.receipt == nil && history.attempts.map(\.rule) == ["expo.receipt.DeviceNotRegistered"])
        }
    }

    @Test(arguments: Backend.available)
    func `steps go through everything that the filter lets through, once, also while it changes`(backend: Backend) async throws {
        try await backend.withStores { stores in
            var all: [Delivery] = []
            for second in 0..<40 {
                let now = Timestamp.start + .seconds(Int64(second))
                let lane = second.isMultiple(of: 3) ? LaneKey(orgID: "org_top", provider: .apns, credential: "in-main") : .apns
                let new = (0..<25).map { newNotification(user: "user_\($0)", lane: lane, to: [Target(address: "t\($0)")], state: .sending, at: now) }
                try await stores.queue.insert(new, lease: .ours)
                _ = try await stores.queue.settle(
                    new.enumerated().map { index, new in
                        index.isMultiple(of: 5) ? .delivered(new.delivery) : .failed(new.delivery, error: index.isMultiple(of: 2) ? "even" : "odd")
                    }, lease: .ours)
                all += new.map(\.delivery)
            }
            func ids(_ change: (inout DeliveryFilter) -> Void, limit: Int) async throws -> [Identifier] {
                var filter = DeliveryFilter()
                change(&filter)
                var ids: [Identifier] = []
                while true {
                    let step = try await stores.deliveries.step(filter, after: ids.last, limit: limit, scope: .orgA)
                    ids += step.map(\.id)
                    guard step.count == limit else { return ids }
                }
            }
            let every = try await ids({ _ in }, limit: 77)
            #expect(every == all.map(\.id).sorted(by: >))
            let odd = try await ids({ ($0.state, $0.reason) = (.failed, "odd") }, limit: 10)
            #expect(odd.count == 40 * 10 && odd == odd.sorted(by: >) && Set(odd).count == odd.count)
            #expect(try await ids({ $0.credential = "main" }, limit: 100).count == 26 * 25)
            #expect(try await ids({ $0.credential = "in-main" }, limit: 100).count == 14 * 25)
            #expect(try await ids({ $0.credential = "ain" }, limit: 100) == [])
            #expect(try await ids({ ($0.userID, $0.state) = ("user_1", .failed) }, limit: 7).count == 40)
            var filter = DeliveryFilter()
            (filter.state, filter.reason) = (.failed, "odd")
            #expect(try await stores.deliveries.list(filter, page: Page(limit: 3), scope: .orgA).total == 400)
            // What has been changed on the way is not met again, and what follows is not missed.
            filter.reason = nil
            var seen = 0
            var last: Identifier?
            while true {
                let step = try await stores.deliveries.step(filter, after: last, limit: 50, scope: .orgA)
                seen += try await stores.queue.retry(step.map { RetryOrder(id: $0.id) }, scope: .orgA, by: nil, now: .start).count
                guard step.count == 50 else { break }
                last = step.last?.id
            }
            #expect(seen == 40 * 20)
        }
    }
}
