import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Storage
import Testing

@testable import API

/// The contract admin-notifications, a whole org at once.
struct BulkReminderTests {
    private static let path = AdminNotificationTests.path
    private static let post = path + "/bulk-certification-reminders"
    private static let orgs = TestCredentials(organisations: [
        Organisation(id: "org_default", name: "D"), Organisation(id: "org_below", parentID: "org_default", name: "B"),
        Organisation(id: "org_deep", parentID: "org_below", name: "C"),
    ])

    private func bulk(_ days: JSON = 30, org: String = "org_default", below: Bool? = nil, with more: JSONObject = [:]) -> JSON {
        var body: JSONObject = ["org_id": .string(org), "days_threshold": days]
        if let below { body["include_sub_orgs"] = .bool(below) }
        return .object(JSONObject(members: body.members + more.members))
    }

    private func ids(_ reply: Reply) -> [String] { reply.json["data"]?["dispatch_ids"]?.array?.compactMap(\.string) ?? [] }

    /// The recipients of the bulk's dispatches, in the answer's order.
    private func recipients(_ world: World, _ reply: Reply) async throws -> [String] {
        try await world.stores.notifications.get(ids(reply), scope: .all).compactMap(\.userID)
    }

    private func counts(_ reply: Reply) -> [Int64] {
        ["total_eligible", "dispatched", "failed"].compactMap { reply.json["data"]?[$0]?.integer }
    }

    @Test func `the answer counts everybody once and names their dispatches`() async throws {
        try await withWorld(credentials: Self.orgs) { world in
            try await world.know("a", days: 10)
            try await world.know("b", org: "org_below", days: 30)
            try await world.know("c", org: "org_deep", isVerified: false, days: 1)
            try await world.know("d", days: 31)
            let reply = try await world.call(.post, Self.post, bulk(below: true, with: ["odd": 1]))
            #expect(reply.status == 200)
            #expect(reply.headers[.contentType] == "application/json")
            #expect(reply.headers[.warning]?.contains("/odd") == true)
            #expect(
                reply.json["data"]?.object?.members.map(\.key) == [
                    "org_id", "days_threshold", "total_eligible", "dispatched", "failed", "dispatch_ids", "dispatched_at",
                ])
            #expect(reply.json["data"]?["org_id"] == "org_default" && reply.json["data"]?["days_threshold"] == 30)
            #expect(counts(reply) == [3, 2, 1])
            #expect(ids(reply).allSatisfy { $0.hasPrefix("dsp_") })
            // Org by org, and user by user.
            #expect(try await recipients(world, reply) == ["b", "c", "a"])
            #expect(reply.json["data"]?["dispatched_at"]?.string?.hasSuffix("Z") == true)
            try await until("both are sent") { world.provider.sent.count == 2 }
            #expect(
                Set(world.provider.sent.map(\.content.title)) == ["Your certification expires in 10 days", "Your certification expires in 30 days"])
            // Behind what is sent to single people.
            #expect(world.provider.sent.allSatisfy { $0.delivery.priority == .normal })
            let failed = try await world.call(.get, Self.path + "?status=failed").json["data"]?[0]
            #expect(failed?["recipient_user_id"] == "c" && failed?["error"] == "Email address not verified" && failed?["org_id"] == "org_deep")
        }
    }

    @Test func `orgs below are left out unless they are asked for`() async throws {
        try await withWorld(credentials: Self.orgs) { world in
            try await world.know("a", days: 10)
            try await world.know("b", org: "org_below", days: 10)
            try await world.know("c", org: "org_deep", days: 10)
            for (body, expected) in [
                (bulk(), ["a"]), (bulk(below: false), ["a"]), (bulk(org: "org_below", below: true), ["b", "c"]), (bulk(org: "org_deep"), ["c"]),
            ] {
                #expect(try await recipients(world, try await world.call(.post, Self.post, body)) == expected)
            }
        }
    }

    @Test func `eligible is whose next certification expires on one of these days`() async throws {
        try await withWorld { world in
            let now = SystemTime().now
            let midnight = Timestamp(seconds: (now.seconds / 86_400 + 1) * 86_400)
            func know(_ user: String, _ times: Timestamp...) async throws {
                try await world.know(user)
                for (index, time) in times.enumerated() { try await world.certify(user, "c\(index)", at: time) }
            }
            try await know("1_last_moment", midnight + .seconds(7 * 86_400) - .microseconds(1))
            try await know("2_too_late", midnight + .seconds(7 * 86_400))
            try await know("3_expired", now - .seconds(1))
            try await know("4_renewed", now - .seconds(1), midnight + .seconds(400 * 86_400))
            try await know("5_expired_and_soon", now - .seconds(1), midnight + .seconds(3_600))
            try await know("6_two", midnight + .seconds(2 * 86_400), midnight + .seconds(3 * 86_400))
            try await know("7_none")
            let reply = try await world.call(.post, Self.post, bulk(7))
            // Unless the test itself ran over midnight.
            guard SystemTime().now < midnight else { return }
            #expect(try await recipients(world, reply) == ["1_last_moment", "5_expired_and_soon", "6_two"])
            #expect(try await recipients(world, try await world.call(.post, Self.post, bulk(0))) == [])
            #expect(try await recipients(world, try await world.call(.post, Self.post, bulk(1))) == ["5_expired_and_soon"])
        }
    }

    @Test func `nobody is an answer too`() async throws {
        try await withWorld { world in
            let reply = try await world.call(.post, Self.post, bulk())
            #expect(counts(reply) == [0, 0, 0])
            #expect(reply.json["data"]?["dispatch_ids"] == [])
        }
    }

    @Test func `what is wrong with a bulk is told before anything is sent`() async throws {
        try await withWorld { world in
            try await world.know("elsewhere", org: "org_other", days: 3)
            for org in ["org_other", "org_none"] { #expect(try await world.call(.post, Self.post, bulk(org: org)).status == 404) }
            for (body, pointers) in [
                ([:], ["/org_id", "/days_threshold"]), (bulk("30"), ["/days_threshold"]), (bulk(-1), ["/days_threshold"]),
                (bulk(366), ["/days_threshold"]), (bulk(1, with: ["include_sub_orgs": "yes"]), ["/include_sub_orgs"]),
                (bulk(1, with: ["provider": "expo"]), ["/provider"]),
            ] as [(JSON, [String])] {
                #expect(try await world.call(.post, Self.post, body).errors == pointers)
            }
            #expect(try await world.call(.get, Self.path).json["pagination"]?["total"]?.integer == 0)
        }
    }

    @Test func `what was asked for beside the contract holds for every mail`() async throws {
        try await withWorld(isServing: false) { world in
            try await world.know("a", days: 3)
            let expiry = SystemTime().now + .seconds(3_600)
            let reply = try await world.call(
                .post, Self.post,
                bulk(with: [
                    "priority": "high", "collapse_id": "c", "credential": "main", "provider": "smtp", "expires_at": .string(expiry.rfc3339Seconds),
                ])
            )
            let sent = try #require(try await world.stores.notifications.get(ids(reply), scope: .all).first)
            #expect(sent.content.priority == .high && sent.content.collapseID == "c")
            #expect(sent.expiresAt == Timestamp(seconds: expiry.seconds) && sent.attributes["credential"] == "main")
            let other = try await world.call(.post, Self.post, bulk(with: ["credential": "other"]))
            #expect(counts(other) == [1, 0, 1])
        }
    }

    @Test func `a repeat gets the same answer, made from the database`() async throws {
        try await withWorld { world in
            for index in 0..<1_203 { try await world.know("u\(index)", isVerified: !index.isMultiple(of: 100), days: 3) }
            let first = try await world.call(.post, Self.post, bulk(with: ["odd": 1]), headers: [.idempotencyKey: "k"])
            #expect(counts(first) == [1_203, 1_190, 13])
            #expect(ids(first).count == 1_203 && Set(ids(first)).count == 1_203)
            try await world.know("new", days: 3)
            let again = try await world.call(.post, Self.post, bulk(with: ["odd": 1]), headers: [.idempotencyKey: "k"])
            #expect(again.status == 200)
            #expect(again.json == first.json)
            #expect(again.headers[.idempotencyReplayed] == "true" && first.headers[.idempotencyReplayed] == nil)
            #expect(again.headers[.warning] == first.headers[.warning] && again.headers[.warning] != nil)
            #expect(try await world.call(.post, Self.post, bulk(31, with: ["odd": 1]), headers: [.idempotencyKey: "k"]).status == 422)
            #expect(try await world.call(.get, Self.path).json["pagination"]?["total"]?.integer == 1_203)
            // Another key is another bulk.
            #expect(counts(try await world.call(.post, Self.post, bulk(), headers: [.idempotencyKey: "k2"])) == [1_204, 1_191, 13])
        }
    }

    /// What a gateway that died has left: its key, its bulk, and the first step.
    private func begin(_ world: World, _ body: JSON, seen user: String, lease: Lease) async throws {
        let key = IdempotencyKey(caller: "open:org_default", operation: "POST \(Self.post)", key: "k")
        let now = SystemTime().now
        _ = try await world.stores.idempotency.claim(key, bodyHash: Repeats.hash(ByteBuffer(bytes: body.bytes)), now: now, lease: lease)
        var reader = FieldReader(try #require(body.object))
        let bulk = BulkRequest(&reader).bulk(id: "bulk_lost", orgs: ["org_default", "org_below"], now: now)
        let mark = IdempotencyMark(key: key, reference: bulk.id)
        try await world.stores.bulks.begin(bulk, lease: lease, idempotency: mark)
        let sent = Notification(
            id: "dsp_lost", orgID: "org_below", contract: .adminNotifications, userID: user, content: Content(title: "t"),
            category: "certification_reminder", batchID: bulk.id, createdAt: now, error: "Email address not verified")
        try await world.stores.queue.insert(
            [NewNotification(notification: sent, deliveries: [])], lease: lease, idempotency: mark,
            step: BulkStep(bulkID: bulk.id, from: nil, to: .init(orgID: "org_below", userID: user)))
    }

    @Test func `a repeat after a crash carries on behind the last step, and nobody gets two`() async throws {
        try await withWorld(credentials: Self.orgs) { world in
            try await world.know("b1", org: "org_below", days: 3)
            try await world.know("b2", org: "org_below", days: 3)
            try await world.know("a1", days: 3)
            let body = bulk(below: true)
            try await begin(world, body, seen: "b1", lease: Lease(holder: "dead"))
            // Moved since to an org that is still to come; and an org that was added since is not part of what was asked.
            try await world.know("b1")
            try await world.know("late", org: "org_deep", days: 3)
            let reply = try await world.call(.post, Self.post, body, headers: [.idempotencyKey: "k"])
            #expect(reply.status == 200 && reply.headers[.idempotencyReplayed] == nil)
            #expect(counts(reply) == [3, 2, 1])
            #expect(ids(reply).first == "dsp_lost")
            #expect(try await recipients(world, reply) == ["b1", "b2", "a1"])
            let again = try await world.call(.post, Self.post, body, headers: [.idempotencyKey: "k"])
            #expect(again.json == reply.json && again.headers[.idempotencyReplayed] == "true")
            try await until("both are sent") { world.provider.sent.count == 2 }
        }
    }

    @Test func `as long as a living gateway is at it, a repeat is told to come back`() async throws {
        try await withWorld(credentials: Self.orgs) { world in
            try await world.know("b1", org: "org_below", days: 3)
            let body = bulk(below: true)
            try await begin(world, body, seen: "b1", lease: world.engine.lease)
            let reply = try await world.call(.post, Self.post, body, headers: [.idempotencyKey: "k"])
            #expect(reply.status == 409)
            #expect(reply.headers[.retryAfter] == "1")
        }
    }

    @Test func `a bulk that a full disk stopped is carried on by the same call`() async throws {
        try await withWorld(isServing: false) { world in
            for index in 0..<1_100 { try await world.know("u\(index)", days: 3) }
            // Claiming the key, beginning the bulk and its first step are three writes.
            world.database.refuseWrites(with: .diskFull("test"), after: 3)
            let refused = try await world.call(.post, Self.post, bulk(), headers: [.idempotencyKey: "k"])
            #expect(refused.status == 503)
            #expect(refused.headers[.retryAfter] == "30")
            world.database.refuseWrites(with: nil)
            #expect(try await world.call(.get, Self.path).json["pagination"]?["total"]?.integer == 500)
            let reply = try await world.call(.post, Self.post, bulk(), headers: [.idempotencyKey: "k"])
            #expect(counts(reply) == [1_100, 1_100, 0])
            #expect(Set(try await recipients(world, reply)).count == 1_100)
        }
    }

    @Test func `a moment at which the database is busy is waited for`() async throws {
        try await withWorld(isServing: false) { world in
            for index in 0..<3 { try await world.know("u\(index)", days: 3) }
            world.database.refuseWrites(with: .locked("test"), after: 2)
            async let reply = world.call(.post, Self.post, bulk(), headers: [.idempotencyKey: "k"])
            try await until("a write is refused") { world.database.refused > 0 }
            world.database.refuseWrites(with: nil)
            #expect(counts(try await reply) == [3, 3, 0])
        }
    }

    @Test func `who hangs up cancels nothing`() async throws {
        try await withWorld(isServing: false) { world in
            for index in 0..<700 { try await world.know("u\(index)", days: 3) }
            world.database.refuseWrites(with: .locked("test"), after: 3)
            let caller = Task { try await world.call(.post, Self.post, bulk(), headers: [.idempotencyKey: "k"]) }
            try await until("the second step is refused") { world.database.refused > 0 }
            caller.cancel()
            world.database.refuseWrites(with: nil)
            try await until("all have their reminder") {
                try await world.call(.get, Self.path).json["pagination"]?["total"]?.integer == 700
            }
            try await until("the key has its answer") {
                let reply = try await world.call(.post, Self.post, bulk(), headers: [.idempotencyKey: "k"])
                return reply.status == 200 && reply.headers[.idempotencyReplayed] == "true" && ids(reply).count == 700
            }
        }
    }
}
