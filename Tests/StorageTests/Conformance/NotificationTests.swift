import Domain
import Storage
import Testing

@Suite("Notifications")
struct NotificationTests {
    private func filter(_ change: (inout NotificationFilter) -> Void) -> NotificationFilter {
        var filter = NotificationFilter()
        change(&filter)
        return filter
    }

    @Test(arguments: Backend.available)
    func `a notification is found by its id within the scope, several in the order asked for`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let a = newNotification(batch: "batch_1")
            let b = newNotification(org: "org_b", batch: "batch_1")
            let c = newNotification()
            try await stores.queue.insert([a, b, c], lease: .ours)
            let (idA, idB, idC) = (a.notification.id, b.notification.id, c.notification.id)
            #expect(try await stores.notifications.get([idC, "notif_unknown", idB, idA], scope: .all).map(\.id) == [idC, idB, idA])
            #expect(try await stores.notifications.get([idC, idB, idA], scope: .orgA).map(\.id) == [idC, idA])
            #expect(try await stores.notifications.get(idB, scope: .orgA) == nil)
            #expect(try await stores.notifications.get(idB, scope: .orgs([])) == nil)
            #expect(try await stores.notifications.inBatch("batch_1", scope: .all).map(\.id) == [idA, idB])
            #expect(try await stores.notifications.inBatch("batch_1", scope: .orgA).map(\.id) == [idA])
        }
    }

    @Test(arguments: Backend.available)
    func `lists are newest first over all contracts, and pages neither overlap nor leave out`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let contracts: [Contract] = [.pushDispatcher, .coordinatorNotifications, .pushService]
            // All in the same microsecond: the order of insertion decides.
            let all = (0..<25).map { newNotification(id: "notif_\(99 - $0)", org: $0 % 4 == 3 ? "org_b" : "org_a", contract: contracts[$0 % 3]) }
            try await stores.queue.insert(all, lease: .ours)
            let expected = all.reversed().map(\.notification.id)
            for scope in [OrgScope.all, .orgs(["org_a", "org_b"])] {
                var numbered: [String] = []
                for number in 1...4 {
                    let listing = try await stores.notifications.list(NotificationFilter(), page: Page(number: number, limit: 7), scope: scope)
                    #expect(listing.total == 25)
                    #expect(listing.hasMore == (number < 4))
                    numbered += listing.elements.map(\.id)
                }
                #expect(numbered == expected)
                var walked: [String] = []
                var cursor: String?
                repeat {
                    let listing = try await stores.notifications.list(NotificationFilter(), page: Page(limit: 4, after: cursor), scope: scope)
                    walked += listing.elements.map(\.id)
                    cursor = listing.hasMore ? listing.elements.last?.id : nil
                } while cursor != nil
                #expect(walked == expected)
            }
            let past = try await stores.notifications.list(NotificationFilter(), page: Page(number: 9), scope: .all)
            #expect(past.elements.isEmpty && past.total == 25 && !past.hasMore)
            let unknown = try await stores.notifications.list(NotificationFilter(), page: Page(after: "notif_unknown"), scope: .all)
            #expect(unknown.elements.isEmpty)
        }
    }

    @Test(arguments: Backend.available)
    func `a page stays as it is while newer rows arrive`(backend: Backend) async throws {
        try await backend.withStores { stores in
            try await stores.queue.insert((0..<6).map { _ in newNotification() }, lease: .ours)
            let first = try await stores.notifications.list(NotificationFilter(), page: Page(limit: 3), scope: .all)
            let second = try await stores.notifications.list(NotificationFilter(), page: Page(limit: 3, after: first.elements.last?.id), scope: .all)
            try await stores.queue.insert((0..<5).map { _ in newNotification(at: .start + .seconds(1)) }, lease: .ours)
            let again = try await stores.notifications.list(NotificationFilter(), page: Page(limit: 3, after: first.elements.last?.id), scope: .all)
            #expect(again.elements == second.elements)
            #expect(again.total == 11)
        }
    }

    @Test(arguments: Backend.available)
    func `each filter lets through what it names, alone and with others`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let a = newNotification(user: "user_1", state: .sending, category: "s1", attributes: ["prompt_id": "p1"])
            let b = newNotification(user: "user_2", state: .sending, at: .start + .seconds(10), category: "s1")
            let c = newNotification(user: "user_1", at: .start + .seconds(20), contract: .pushService, attributes: ["prompt_id": "p1"])
            let d = newNotification(org: "org_b", user: "user_1", state: .sending, at: .start + .seconds(30))
            try await stores.queue.insert([a, b, c, d], lease: .ours)
            _ = try await stores.queue.settle([.delivered(a.delivery), .failed(b.delivery), .delivered(d.delivery)], lease: .ours)
            var change = NotificationChange()
            change.statedStatus = .set("failed")
            _ = try await stores.notifications.update(d.notification.id, change, scope: .all, now: .start)

            let names = [a.notification.id: "a", b.notification.id: "b", c.notification.id: "c", d.notification.id: "d"]
            func list(_ scope: OrgScope = .all, _ change: (inout NotificationFilter) -> Void) async throws -> String {
                let listing = try await stores.notifications.list(filter(change), page: Page(), scope: scope)
                #expect(listing.total == listing.elements.count)
                return listing.elements.map { names[$0.id] ?? "?" }.joined()
            }
            #expect(try await list { _ in } == "dcba")
            #expect(try await list(.orgA) { _ in } == "cba")
            #expect(try await list { $0.contracts = [.pushService] } == "c")
            #expect(try await list { $0.contracts = [.pushService, .pushDispatcher] } == "dcba")
            #expect(try await list { $0.userID = "user_1" } == "dca")
            #expect(try await list(.orgA) { $0.userID = "user_1" } == "ca")
            #expect(try await list { $0.category = "s1" } == "ba")
            #expect(try await list { $0.promptID = "p1" } == "ca")
            #expect(
                try await list {
                    $0.promptID = "p1"
                    $0.userID = "user_1"
                    $0.contracts = [.pushDispatcher]
                } == "a")
            #expect(try await list { $0.statuses = [.folded(.reached)] } == "a")
            #expect(try await list { $0.statuses = [.folded(.failed)] } == "b", "a stated word is no folded status")
            #expect(try await list { $0.statuses = [.folded(.queued)] } == "c")
            #expect(try await list { $0.statuses = [.stated("failed")] } == "d")
            #expect(
                try await list {
                    $0.statuses = [.folded(.reached)]
                    $0.userID = "user_1"
                } == "a")
            #expect(
                try await list {
                    $0.statuses = [.folded(.failed)]
                    $0.category = "s1"
                } == "b")
            #expect(try await list { $0.from = .start + .seconds(10) } == "dcb")
            #expect(try await list { $0.to = .start + .seconds(20) } == "ba")
            #expect(
                try await list {
                    $0.from = .start + .seconds(10)
                    $0.to = .start + .seconds(21)
                    $0.userID = "user_1"
                } == "c")
            #expect(try await list(.orgs([])) { _ in } == "")
        }
    }

    @Test(arguments: Backend.available)
    func `a span of time is exact to the microsecond, however many rows share one`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let end = Timestamp.start + .seconds(5)
            let early = (0..<6).map { _ in newNotification(at: end - .microseconds(2)) }
            let late = (0..<3).map { _ in newNotification(at: end) }
            try await stores.queue.insert(early + late, lease: .ours)
            let before = try await stores.notifications.list(filter { $0.to = end }, page: Page(), scope: .all)
            #expect(before.total == 6 && before.elements.count == 6)
            let after = try await stores.notifications.list(filter { $0.from = end }, page: Page(), scope: .all)
            #expect(after.total == 3 && Set(after.elements.map(\.id)) == Set(late.map(\.notification.id)))
            let both = try await stores.notifications.list(
                filter {
                    $0.from = end - .microseconds(2)
                    $0.to = end + .microseconds(1)
                }, page: Page(), scope: .all)
            #expect(both.total == 9 && both.elements.count == 9)
            let none = try await stores.notifications.list(
                filter {
                    $0.from = end - .microseconds(1)
                    $0.to = end
                }, page: Page(), scope: .all)
            #expect(none.total == 0 && none.elements.isEmpty)
        }
    }

    @Test(arguments: Backend.available)
    func `a change sets the status and members it names, and leaves the rest`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(attributes: ["prompt_id": "p1", "keep": 1])
            try await stores.queue.insert([new], lease: .ours)
            var change = NotificationChange()
            change.statedStatus = .set("resolved")
            change.attributes = ["retry_note": "x", "prompt_id": "p2"]
            let now = Timestamp.start + .seconds(60)
            #expect(try await stores.notifications.update(new.notification.id, change, scope: .orgs(["org_b"]), now: now) == nil)
            let changed = try #require(try await stores.notifications.update(new.notification.id, change, scope: .orgA, now: now))
            #expect(changed == (try await stores.notifications.get(new.notification.id, scope: .orgA)))
            #expect(changed.statedStatus == "resolved" && changed.updatedAt == now)
            #expect(changed.attributes == ["prompt_id": "p2", "keep": 1, "retry_note": "x"])
            #expect(changed.content == new.notification.content)
            #expect(try await stores.notifications.list(filter { $0.promptID = "p2" }, page: Page(), scope: .orgA).total == 1)
            #expect(try await stores.notifications.list(filter { $0.promptID = "p1" }, page: Page(), scope: .orgA).total == 0)
            #expect(try await stores.notifications.list(filter { $0.statuses = [.folded(.queued)] }, page: Page(), scope: .orgA).total == 0)
        }
    }

    @Test(arguments: Backend.available)
    func `a stated status stays when the deliveries settle later`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(state: .sending)
            try await stores.queue.insert([new], lease: .ours)
            var change = NotificationChange()
            change.statedStatus = .set("resolved")
            _ = try await stores.notifications.update(new.notification.id, change, scope: .orgA, now: .start)
            _ = try await stores.queue.settle([.delivered(new.delivery)], lease: .ours)
            let listing = try await stores.notifications.list(filter { $0.statuses = [.stated("resolved")] }, page: Page(), scope: .orgA)
            #expect(listing.elements.map(\.tally) == [Tally(targeted: 1, reached: 1)])
        }
    }

    @Test(arguments: Backend.available)
    func `a deleted notification is in no list, and its queued deliveries are cancelled`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let new = newNotification(to: [Target(address: "a"), Target(address: "b")], batch: "batch_1")
            let other = newNotification()
            try await stores.queue.insert([new, other], lease: .ours)
            let sending = try await stores.queue.claim(lane: .apns, limit: 1, now: .start, lease: .ours)
            let id = new.notification.id
            #expect(try await stores.notifications.delete(id, scope: .orgs(["org_b"]), now: .start) == false)
            #expect(try await stores.notifications.delete(id, scope: .orgA, now: .start) == true)
            #expect(try await stores.notifications.delete(id, scope: .orgA, now: .start) == false)
            #expect(try await stores.notifications.get(id, scope: .orgA) == nil)
            #expect(try await stores.notifications.inBatch("batch_1", scope: .orgA).isEmpty)
            for filter in [NotificationFilter(), filter { $0.userID = "user_1" }, filter { $0.statuses = [.folded(.queued)] }] {
                let listing = try await stores.notifications.list(filter, page: Page(), scope: .orgA)
                #expect(listing.elements.map(\.id) == [other.notification.id])
                #expect(listing.total == 1)
            }
            let states = try await stores.deliveries.deliveries(of: [id], scope: .orgA).map(\.state)
            #expect(Set(states) == (sending.first?.delivery.notificationID == id ? [.sending, .cancelled] : [.cancelled]))
            // What is being sent may still end.
            #expect(try await stores.queue.settle(sending.map { .delivered($0.delivery) }, lease: .ours) == [true])
        }
    }

    @Test(arguments: Backend.available)
    func `a group is the notifications of one call, found by the first one's id, changed and deleted together or one by one`(
        backend: Backend
    ) async throws {
        try await backend.withStores { stores in
            let users = ["user_c", "user_a", "user_b"]
            let members = users.enumerated().map { index, user in
                newNotification(
                    id: index == 0 ? "notif_1" : "notif_other\(9 - index)", user: user, contract: .coordinatorNotifications, batch: "notif_1")
            }
            let stranger = newNotification(user: "user_a", batch: "batch_1")
            try await stores.queue.insert(members + [stranger], lease: .ours)
            func group(_ id: String, userID: String? = nil, limit: Int? = nil, scope: OrgScope = .orgA) async throws -> [String] {
                try await stores.notifications.group(id, userID: userID, limit: limit, scope: scope).compactMap(\.userID)
            }
            #expect(try await group("notif_1") == users)
            #expect(try await group("notif_1", limit: 1) == ["user_c"])
            #expect(try await group("notif_1", userID: "user_b") == ["user_b"])
            #expect(try await group("notif_1", scope: .orgs(["org_b"])) == [])
            #expect(try await group(stranger.notification.id) == ["user_a"])
            #expect(try await group("batch_1") == [], "another batch's id is no notification's")
            #expect(try await stores.notifications.recipients(ofGroup: "notif_1", scope: .orgA) == users)

            var read = NotificationChange()
            read.statedStatus = .set("read")
            func readers() async throws -> Set<String> {
                Set(
                    try await stores.notifications.list(filter { $0.statuses = [.stated("read")] }, page: Page(), scope: .all).elements.compactMap(
                        \.userID))
            }
            let now = Timestamp.start + .seconds(9)
            #expect(try await stores.notifications.update(group: "notif_1", userID: "user_x", read, scope: .orgA, now: now) == nil)
            #expect(try await stores.notifications.update(group: "notif_1", read, scope: .orgs(["org_b"]), now: now) == nil)
            let one = try await stores.notifications.update(group: "notif_1", userID: "user_a", read, scope: .orgA, now: now)
            #expect(one?.userID == "user_a" && one?.statedStatus == "read" && one?.updatedAt == now)
            #expect(try await readers() == ["user_a"])
            #expect(try await stores.notifications.update(group: "notif_1", read, scope: .orgA, now: now)?.userID == "user_c")
            #expect(try await readers() == Set(users))

            #expect(try await stores.notifications.delete(group: "notif_1", scope: .orgs(["org_b"]), now: now) == false)
            #expect(try await stores.notifications.delete(group: "notif_1", userID: "user_c", scope: .orgA, now: now))
            #expect(try await stores.notifications.delete(group: "notif_1", userID: "user_c", scope: .orgA, now: now) == false)
            #expect(try await group("notif_1") == ["user_a", "user_b"], "the first one's id stays the group's")
            #expect(try await stores.notifications.delete(group: "notif_1", scope: .orgA, now: now))
            #expect(try await stores.notifications.delete(group: "notif_1", scope: .orgA, now: now) == false)
            #expect(
                try await stores.notifications.list(NotificationFilter(), page: Page(), scope: .all).elements.map(\.id) == [stranger.notification.id])
        }
    }

    @Test(arguments: Backend.available)
    func `the log lists deliveries newest first by every filter`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let a = newNotification(user: "user_1", state: .sending)
            let b = newNotification(user: "user_2", lane: .expo, at: .start + .seconds(10))
            let c = newNotification(org: "org_b", user: "user_1", state: .sending, at: .start + .seconds(20))
            try await stores.queue.insert([a, b, c], lease: .ours)
            _ = try await stores.queue.settle([.failed(a.delivery), .delivered(c.delivery)], lease: .ours)
            let names = [a.delivery.id: "a", b.delivery.id: "b", c.delivery.id: "c"]
            func list(_ scope: OrgScope = .all, page: Page = Page(), _ change: (inout DeliveryFilter) -> Void) async throws -> String {
                var filter = DeliveryFilter()
                change(&filter)
                return try await stores.deliveries.list(filter, page: page, scope: scope).elements.map { names[$0.id] ?? "?" }.joined()
            }
            #expect(try await list { _ in } == "cba")
            #expect(try await list(.orgA) { _ in } == "ba")
            #expect(try await list { $0.userID = "user_1" } == "ca")
            #expect(try await list { $0.notificationID = b.notification.id } == "b")
            #expect(try await list { $0.orgID = "org_b" } == "c")
            #expect(try await list { $0.provider = .expo } == "b")
            #expect(try await list { $0.state = .failed } == "a")
            #expect(try await list { $0.state = .queued } == "b")
            #expect(try await list { $0.state = .delivered } == "c")
            #expect(
                try await list {
                    $0.from = .start + .seconds(10)
                    $0.to = .start + .seconds(20)
                } == "b")
            #expect(try await list(page: Page(number: 2, limit: 1)) { _ in } == "b")
            #expect(try await list(page: Page(after: b.delivery.idText)) { _ in } == "a")
            #expect(try await list(page: Page(after: "nonsense")) { _ in } == "")
            let counts = try await stores.deliveries.counts()
            #expect(counts.filter { $0.value > 0 } == [.failed: 1, .queued: 1, .delivered: 1])
        }
    }
}
