import Domain
import Testing

@testable import Storage

@Suite("Lists and their lengths")
struct ListTests {
    /// The same numbers in every run.
    private struct Numbers: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            // SplitMix64.
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let orgs = ["org_a", "org_b", "org_c"]
    private static let contracts: [Contract] = [.adminNotifications, .pushDispatcher, .coordinatorNotifications]
    private static let categories: [String?] = ["s1", "s2", nil]
    private static let stated = ["read", "resolved", "failed"]
    /// So small that a few hundred rows are many blocks.
    private static let full = 16

    private struct Story {
        var numbers: Numbers
        var now = Timestamp.start
        var known: [NewNotification] = []
        var receipts: [OpenReceipt] = []
        /// By notification.
        var places: [String: NotificationPlace] = [:]

        mutating func pick<T>(_ values: [T]) -> T { values[Int.random(in: 0..<values.count, using: &numbers)] }
    }

    private func insert(_ story: inout Story, _ stores: Stores) async throws {
        // Bursts of one moment, quiet stretches, and a clock that is set back a little at times.
        story.now = story.now + .microseconds(story.pick([0, 0, 1, 700, 5_000, 60_000_000, -3_000]))
        let batch = (0..<story.pick([1, 1, 3, 40])).map { _ in
            newNotification(
                org: story.pick(Self.orgs), user: story.pick(["u1", "u2", "u3"]), lane: story.pick([.apns, .expo, .smtp]),
                to: (0..<story.pick([0, 1, 1, 2])).map { Target(address: "t\($0)") }, state: story.pick([.queued, .sending]), at: story.now,
                contract: story.pick(Self.contracts), category: story.pick(Self.categories),
                attributes: ["prompt_id": .string(story.pick(["p1", "p2"]))])
        }
        let keys = try await stores.queue.insert(batch, lease: .ours)
        story.known += batch
        for (new, key) in zip(batch, keys) {
            story.places[new.notification.id] = NotificationPlace(
                key: key, contract: new.notification.contract, category: new.notification.category)
        }
    }

    private func settle(_ story: inout Story, _ stores: Stores) async throws {
        let some = story.known.suffix(story.pick([5, 60, 400])).flatMap(\.deliveries)
        var settlements: [Settlement] = []
        for known in some where Bool.random(using: &story.numbers) {
            // As a claim reads it, with the attempts that were made.
            guard let delivery = try await stores.deliveries.get(known.id, scope: .all) else { continue }
            // As a gateway that has just inserted it knows it, or as one that has not.
            let place = Bool.random(using: &story.numbers) ? story.places[delivery.notificationID] : nil
            switch story.pick([0, 1, 2, 3]) {
            case 0: settlements.append(.failed(delivery))
            case 1:
                settlements.append(
                    Settlement(
                        delivery, .awaitingReceipt, next: .awaitingReceipt, messageID: delivery.idText, receiptDueAt: .start, place: place))
            case 2: settlements.append(Settlement(delivery, .rejected, next: .queued(at: .start, counted: true)))
            default: settlements.append(.delivered(delivery, place: place))
            }
        }
        _ = try await stores.queue.settle(settlements, lease: .ours)
    }

    private func act(_ story: inout Story, _ stores: Stores) async throws {
        guard !story.known.isEmpty else { return try await insert(&story, stores) }
        let new = story.pick(story.known)
        let id = new.notification.id
        switch Int.random(in: 0..<20, using: &story.numbers) {
        case 0..<6: try await insert(&story, stores)
        case 6..<10: try await settle(&story, stores)
        case 10: _ = try await stores.queue.claim(lane: story.pick([.apns, .expo, .smtp]), limit: 7, now: story.now + .seconds(1), lease: .ours)
        case 11: try await stores.queue.release(new.deliveries.map(\.id), nextAttemptAt: story.now, lease: .ours)
        case 12: for delivery in new.deliveries { _ = try await stores.queue.cancel(delivery.id, scope: .all, now: story.now) }
        case 13: for delivery in new.deliveries { _ = try await stores.queue.retry(delivery.id, scope: .all, now: story.now) }
        case 14:
            var change = NotificationChange()
            change.statedStatus = story.pick([.withdrawn, .set(story.pick(Self.stated))])
            _ = try await stores.notifications.update(id, change, scope: .all, now: story.now)
        case 15: _ = try await stores.notifications.delete(id, scope: .all, now: story.now)
        case 16:
            let due = try await stores.queue.dueReceipts(now: story.now + .seconds(1), limit: 5)
            let settlements = due.map { receipt in
                let next: RetryPolicy.Next = story.pick([.settled(.delivered), .settled(.failed), .queued(at: .start, counted: true)])
                return ReceiptSettlement(receipt: receipt, outcome: nil, action: .closed(next: next, error: "x"))
            }
            try await stores.queue.settleReceipts(settlements, now: story.now)
        case 17: _ = try await stores.queue.reap(now: story.now, alone: true, lease: story.pick([.ours, .theirs]))
        case 18: _ = try await stores.queue.expire(now: story.now, limit: 5)
        default: try await fold(stores, below: story.pick([.max, 50]))
        }
    }

    private func fold(_ stores: Stores, below number: Int64) async throws {
        let fold = ListFold(dialect: stores.committer.database.dialect, full: Self.full)
        try await stores.committer.write { connection in try fold.run(below: number, connection) }
    }

    @Test(arguments: Backend.available, [1, 2, 3] as [UInt64])
    func `after whatever happens to its rows, a list's length and pages are those that the rows give`(backend: Backend, seed: UInt64) async throws {
        try await backend.withStores { stores in
            var story = Story(numbers: Numbers(state: seed))
            for step in 1...400 {
                try await act(&story, stores)
                guard step % 20 == 0 else { continue }
                for _ in 0..<10 {
                    try await compare(notificationFilter(&story), &story, stores)
                    try await compare(deliveryFilter(&story), &story, stores)
                }
            }
            try await stores.expectExactCounts(full: Self.full)
            let blocks = try await stores.committer.database.read { try ListBlocks.read("deliveries", $0).starts.count }
            #expect(blocks > 10, "the story must be long enough for many blocks")
        }
    }

    private func moment(_ story: inout Story) -> Timestamp? {
        guard Bool.random(using: &story.numbers), let new = story.known.randomElement(using: &story.numbers) else { return nil }
        return new.notification.createdAt + .microseconds(story.pick([-1, 0, 1, 400, 1_000_000]))
    }

    private func scope(_ story: inout Story) -> OrgScope {
        story.pick([.all, .orgs(["org_a"]), .orgs(["org_a", "org_c"]), .orgs(Set((0..<30).map { "org_x\($0)" } + ["org_b"])), .orgs([])])
    }

    private func notificationFilter(_ story: inout Story) -> (NotificationFilter, OrgScope) {
        var filter = NotificationFilter()
        filter.contracts = story.pick([[], [.pushDispatcher], [.pushDispatcher, .coordinatorNotifications]])
        filter.category = story.pick([nil, nil, "s1", "s2", "unknown"])
        filter.orgID = story.pick([nil, nil, "org_b"])
        filter.userID = story.pick([nil, nil, nil, "u1"])
        filter.promptID = story.pick([nil, nil, nil, "p1"])
        filter.statuses = story.pick([[], [], [.folded(.reached)], [.folded(.queued), .folded(.failed)], [.stated("failed")]])
        filter.from = moment(&story)
        filter.to = moment(&story)
        return (filter, scope(&story))
    }

    private func deliveryFilter(_ story: inout Story) -> (DeliveryFilter, OrgScope) {
        var filter = DeliveryFilter()
        filter.orgID = story.pick([nil, nil, "org_b"])
        filter.userID = story.pick([nil, nil, nil, "u1"])
        filter.provider = story.pick([nil, nil, .apns, .expo])
        filter.state = story.pick([nil, nil] + DeliveryState.allCases.map(Optional.some))
        filter.from = moment(&story)
        filter.to = moment(&story)
        return (filter, scope(&story))
    }

    /// With what a plain search of the rows gives.
    private func compare(_ asked: (NotificationFilter, OrgScope), _ story: inout Story, _ stores: Stores) async throws {
        let (filter, scope) = asked
        var plain = Plain(scope: scope, table: "notifications", order: "sort_key")
        plain.parts.append("deleted_at IS NULL")
        plain.add("contract", filter.contracts.map(\.rawValue))
        plain.add("category", filter.category)
        plain.add("org_id", filter.orgID)
        plain.add("user_id", filter.userID)
        plain.add("prompt_id", filter.promptID)
        plain.add("status", filter.statuses.map(\.column))
        plain.add(from: filter.from, to: filter.to)
        let expected = try await plain.ids(stores)
        try await compare(expected, &story, "\(filter) \(scope)") { page in
            let listing = try await stores.notifications.list(filter, page: page, scope: scope)
            return (listing.elements.map(\.id), listing.total, listing.hasMore)
        }
    }

    private func compare(_ asked: (DeliveryFilter, OrgScope), _ story: inout Story, _ stores: Stores) async throws {
        let (filter, scope) = asked
        var plain = Plain(scope: scope, table: "deliveries", order: "id")
        plain.add("org_id", filter.orgID)
        plain.add("user_id", filter.userID)
        plain.add("provider", filter.provider?.rawValue)
        plain.add("state", filter.state?.rawValue)
        plain.add(from: filter.from, to: filter.to)
        let expected = try await plain.ids(stores).map { "dlv_\($0)" }
        try await compare(expected, &story, "\(filter) \(scope)") { page in
            let listing = try await stores.deliveries.list(filter, page: page, scope: scope)
            return (listing.elements.map(\.idText), listing.total, listing.hasMore)
        }
    }

    private func compare(
        _ expected: [String], _ story: inout Story, _ asked: String, list: (Page) async throws -> (ids: [String], total: Int, hasMore: Bool)
    ) async throws {
        let limit = story.pick([1, 20, 100])
        let first = try await list(Page(limit: limit))
        #expect(first.total == expected.count, "\(asked)")
        #expect(first.ids == Array(expected.prefix(limit)), "\(asked)")
        #expect(first.hasMore == (expected.count > limit), "\(asked)")
        guard !expected.isEmpty else { return }
        let number = Int.random(in: 1...(expected.count / limit + 2), using: &story.numbers)
        let deep = try await list(Page(number: number, limit: limit))
        #expect(deep.ids == Array(expected.dropFirst((number - 1) * limit).prefix(limit)), "page \(number) of \(asked)")
        let place = Int.random(in: 0..<expected.count, using: &story.numbers)
        let following = try await list(Page(limit: limit, after: expected[place]))
        #expect(following.ids == Array(expected.dropFirst(place + 1).prefix(limit)), "behind \(expected[place]) of \(asked)")
        #expect(following.hasMore == (expected.count - place - 1 > limit), "\(asked)")
    }

    /// A search without any of the product's cleverness.
    private struct Plain {
        var parts: [String]
        var arguments: [SQLValue]
        let table: String
        let order: String

        init(scope: OrgScope, table: String, order: String) {
            let visible = scope.condition(on: "org_id")
            parts = [visible.sql]
            arguments = visible.arguments
            self.table = table
            self.order = order
        }

        mutating func add(_ column: String, _ value: String?) {
            if let value { add(column, [value]) }
        }

        mutating func add(_ column: String, _ values: [String]) {
            guard !values.isEmpty else { return }
            parts.append("\(column) IN (\(values.map { _ in "?" }.joined(separator: ", ")))")
            arguments += values.map { .text($0) }
        }

        mutating func add(from: Timestamp?, to: Timestamp?) {
            for (time, comparison) in [(from, ">="), (to, "<")] {
                guard let time else { continue }
                parts.append("created_at \(comparison) ?")
                arguments.append(SQLValue(time))
            }
        }

        func ids(_ stores: Stores) async throws -> [String] {
            let sql = "SELECT id FROM \(table) WHERE \(parts.joined(separator: " AND ")) ORDER BY \(order) DESC"
            let arguments = arguments
            return try await stores.committer.database.read { connection in
                var ids: [String] = []
                try connection.query(sql, arguments) { ids.append($0.text(0) ?? "") }
                return ids
            }
        }
    }
}
