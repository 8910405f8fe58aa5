import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// Whom coordinator-notifications reaches: the two calls that count, recipients of other orgs, a mentor's coordinators.
struct CoordinatorReachTests {
    private static let path = CoordinatorTests.path

    private func push(to recipients: JSON, _ more: JSONObject = [:]) -> JSON {
        .object(
            JSONObject(members: JSONObject(dictionaryLiteral: ("recipient_ids", recipients), ("title", "t"), ("body", "b")).members + more.members))
    }

    /// `insider` of the caller's org and `outsider` of another, as the directory has them.
    private func settle(_ world: World) async throws {
        let entries: [DirectoryEntry] = [
            .organisation(Organisation(id: "org_default", name: "Default")), .organisation(Organisation(id: "org_other", name: "Other")),
            .user(User(id: "insider", orgID: "org_default", fullName: "Lena Fischer", email: "lena@example.org", chapterID: "chpt_1")),
            .user(User(id: "outsider", orgID: "org_other", fullName: "Otto Fremd", email: "otto@example.org")),
            .mentor(Mentor(id: "mntr_1", orgID: "org_default", coordinatorIDs: ["insider", "unheard.of:1", "outsider"])),
            .mentor(Mentor(id: "mntr/2", orgID: "org_default", coordinatorIDs: [])),
            .mentor(Mentor(id: "mntr_3", orgID: "org_other", coordinatorIDs: ["outsider"])),
        ]
        #expect(try await world.stores.directory.put(entries, scope: .all).allSatisfy { $0 == .created })
    }

    @Test func `push waits, and counts recipients and not devices`() async throws {
        try await withWorld { world in
            for token in ["a1", "a2"] { try await world.register(token, of: "ada") }
            try await world.register("b1", of: "bob")
            world.provider.answer("a2", .rejected)
            world.provider.answer("b1", .rejected)
            let reply = try await world.call(.post, Self.path + "/push", push(to: ["ada", "bob", "nobody", "ada", 5]))
            #expect(reply.status == 200)
            #expect(reply.json["sent_count"] == 1 && reply.json["failed_count"] == 3)
            #expect(reply.json["sent_to"] == ["ada"])
            #expect(reply.json["queued"] == nil)
            let failures = try #require(reply.json["failures"]?.array)
            #expect(failures.compactMap { $0["recipient_id"]?.string } == ["bob", "nobody"])
            #expect(failures.last?["error"] == "/recipient_ids/4: must be a string, not a number")
            let list = try await world.call(.get, Self.path)
            #expect(list.json["pagination"]?["total"] == 3)
            #expect(list.json["data"]?[0]?["error"] == "The user has no active device token")
            #expect(list.json["data"]?[0]?["type"]?.isNull ?? false)
        }
    }

    @Test func `what is neither sent nor failed in time is told beside the two`() async throws {
        try await withWorld { world in
            try await world.register("a", of: "ada")
            try await world.register("b", of: "bob")
            world.provider.hold("b")
            async let answer = world.call(.post, Self.path + "/push", push(to: ["ada", "bob"]), headers: [.prefer: "wait=1"])
            await world.provider.untilHeld()
            let reply = try await answer
            #expect(reply.status == 200 && reply.headers[.preferenceApplied] == "wait=1")
            #expect(reply.json["sent_count"] == 1 && reply.json["failed_count"] == 0 && reply.json["queued"] == 1)
            #expect(reply.json["sent_to"] == ["ada"] && reply.json["failures"] == nil)
            let rushed = try await world.call(.post, Self.path + "/push", push(to: ["bob"]), headers: [.prefer: "respond-async"])
            #expect(rushed.json["sent_count"] == 0 && rushed.json["queued"] == 1)
        }
    }

    @Test func `push hands over a type and a payload too, and goes to no inbox`() async throws {
        try await withWorld { world in
            try await world.register("a", of: "ada")
            let reply = try await world.call(.post, Self.path + "/push", push(to: ["ada"], ["type": "alarm", "payload": ["link": "/x"]]))
            #expect(reply.json["sent_count"] == 1 && reply.headers[.warning] == nil)
            let sent = try #require(world.provider.sent.first)
            #expect(sent.content.data == ["link": "/x", "notification_id": .string(sent.delivery.notificationID), "type": "alarm"])
            #expect(try await world.call(.get, "/api/v1/deliveries?provider=in_app").json["data"] == [])
            #expect(try await world.call(.get, Self.path + "?type=alarm").json["pagination"]?["total"] == 1)
        }
    }

    @Test func `in-app is delivered when it is stored, its words are the payload's`() async throws {
        try await withWorld(credentials: TestCredentials(providers: []), isServing: false) { world in
            try await world.register("a", of: "ada")
            let payload: JSON = ["type": "mentor_status_change", "title": "Hello", "reason": nil, "deep_link": "/m"]
            let reply = try await world.call(
                .post, Self.path + "/in-app", ["recipient_ids": ["ada", "bob", "ada"], "payload": payload, "provider": "in_app"])
            #expect(reply.status == 200 && reply.headers[.warning] == nil)
            #expect(reply.json.object?.members.map(\.key) == ["sent_count", "failed_count", "dispatched_at"])
            #expect(reply.json["sent_count"] == 2 && reply.json["failed_count"] == 0)
            let entries = try #require(try await world.call(.get, Self.path).json["data"]?.array)
            #expect(entries.compactMap { $0["recipient_id"]?.string } == ["bob", "ada"])
            for entry in entries {
                #expect(entry["type"] == "mentor_status_change" && entry["title"] == "Hello" && entry["body"]?.isNull ?? false)
            }
            let record = try await world.call(.get, "\(Self.path)/\(entries[0]["notification_id"]?.string ?? "")")
            #expect(record.json["payload"] == payload)
            #expect(try await world.call(.get, "/api/v1/deliveries").json["pagination"]?["total"] == 2)
        }
    }

    @Test func `an inbox is not filled with what has expired, and says so`() async throws {
        try await withWorld(isServing: false) { world in
            let reply = try await world.call(
                .post, Self.path + "/in-app", ["recipient_ids": ["ada"], "payload": ["x": 1], "expires_at": "2020-01-01T00:00:00Z"])
            #expect(reply.json["sent_count"] == 0 && reply.json["failed_count"] == 1)
            #expect(reply.json["failures"]?[0]?["error"]?.string?.contains("Expired") ?? false)
            let letter = try await world.call(.post, Self.path, CoordinatorTests.letter(to: ["ada"], ["expires_at": "2020-01-01T00:00:00Z"]))
            #expect(letter.status == 201 && letter.json["failures"]?[0]?["recipient_id"] == "ada")
            let entries = try await world.call(.get, Self.path).json["data"]?.array ?? []
            #expect(entries.count == 2 && entries.allSatisfy { $0["error"]?.string?.contains("Expired") ?? false })
        }
    }

    @Test func `recipients beyond the caller's orgs are named in a 404, and nobody is written to`() async throws {
        try await withWorld { world in
            try await settle(world)
            let reply = try await world.call(.post, Self.path, CoordinatorTests.letter(to: ["insider", "outsider", "unheard.of:1"]))
            #expect(reply.status == 404)
            #expect(reply.errors == ["/recipient_ids/1"])
            #expect(reply.json["errors"]?[0]?["detail"]?.string?.contains("outsider") ?? false)
            #expect(try await world.call(.get, Self.path).json["pagination"]?["total"] == 0)
            #expect(try await world.call(.post, Self.path, CoordinatorTests.letter(to: ["insider", "unheard.of:1"])).status == 201)
        }
    }

    @Test(arguments: ["/push", "/in-app"])
    func `where recipients are counted, those beyond the caller's orgs have failed`(call: String) async throws {
        try await withWorld { world in
            try await settle(world)
            try await world.register("i", of: "insider")
            let body = push(to: ["outsider", "insider"], ["payload": ["x": 1]])
            let reply = try await world.call(.post, Self.path + call, body)
            #expect(reply.status == 200)
            #expect(reply.json["sent_count"] == 1 && reply.json["failed_count"] == 1)
            #expect(reply.json["failures"]?[0]?["recipient_id"] == "outsider" && reply.json["failures"]?[0]?["notification_id"]?.isNull ?? false)
            let alone = try await world.call(.post, Self.path + call, push(to: ["outsider"], ["payload": ["x": 1]]), headers: [.idempotencyKey: "k"])
            #expect(alone.status == 200 && alone.json["sent_count"] == 0 && alone.json["failed_count"] == 1)
            #expect(try await world.stores.notifications.list(NotificationFilter(), page: Page(), scope: .all).total == 1)
        }
    }

    @Test func `more than one transaction should hold is refused with what would do`() async throws {
        try await withWorld(isServing: false) { world in
            let recipients = (0..<10_000).map { JSON.string("user\($0)") }
            let body: JSON = [
                "recipient_ids": .array(recipients), "type": "t", "title": "t", "body": "b",
                "payload": ["x": .string(String(repeating: "x", count: 30_000))],
            ]
            let reply = try await world.call(.post, Self.path, body)
            #expect(reply.status == 422 && reply.errors == ["/recipient_ids"])
            #expect(reply.json["detail"]?.string?.contains("at most 8944 recipients at once") ?? false, "\(reply.json.text)")
        }
    }

    @Test func `ten thousand recipients are one call`() async throws {
        try await withWorld(isServing: false) { world in
            let names = (0..<10_000).map { "user\($0)" }
            let reply = try await world.call(.post, Self.path, CoordinatorTests.letter(to: names))
            #expect(reply.status == 201)
            #expect(reply.json["recipient_ids"]?.array?.count == 10_000)
            let id = try #require(reply.json["notification_id"]?.string)
            #expect(try await world.call(.get, "\(Self.path)/\(id)").json["recipient_ids"]?.array?.count == 10_000)
            #expect(try await world.call(.put, "\(Self.path)/\(id)", ["read": true]).status == 200)
            #expect(try await world.call(.get, Self.path + "?read=true").json["pagination"]?["total"] == 10_000)
        }
    }

    @Test func `a mentor's coordinators come in the directory's order, with what is known of them`() async throws {
        try await withWorld(isServing: false) { world in
            try await settle(world)
            let reply = try await world.call(.get, "/api/v1/mentors/mntr_1/coordinators")
            #expect(reply.status == 200)
            #expect(
                reply.json["data"] == [
                    ["coordinator_id": "insider", "full_name": "Lena Fischer", "email": "lena@example.org", "chapter_id": "chpt_1"],
                    ["coordinator_id": "unheard.of:1", "full_name": nil, "email": nil, "chapter_id": nil],
                    ["coordinator_id": "outsider", "full_name": nil, "email": nil, "chapter_id": nil],
                ])
            #expect(reply.json["pagination"] == ["page": 1, "limit": 20, "total": 3])
            #expect(try await world.call(.get, "/api/v1/mentors/mntr%2F2/coordinators").json["data"] == [])
            #expect(try await world.call(.get, "/api/v1/mentors/mntr_3/coordinators").status == 404)
            let end = try await world.call(.get, "/api/v1/mentors/mntr_1/coordinators?limit=2&page=2")
            #expect(end.json["data"]?.array?.count == 1 && end.headers[.link] == nil)
            #expect(try await world.call(.get, "/api/v1/mentors/mntr_1/coordinators?page=9").json["data"] == [])
            let first = try await world.call(.get, "/api/v1/mentors/mntr_1/coordinators?limit=1")
            let next = try #require(first.headers[.link]?.firstMatch(of: /^<(.*)>; rel="next"$/)).output.1
            let second = try await world.call(.get, String(next))
            #expect(second.json["data"]?[0]?["coordinator_id"] == "unheard.of:1")
            let last = try #require(second.headers[.link]?.firstMatch(of: /^<(.*)>; rel="next"$/)).output.1
            #expect(try await world.call(.get, String(last)).json["data"]?[0]?["coordinator_id"] == "outsider")
            #expect(try await world.call(.get, "/api/v1/mentors/mntr_1/coordinators?limit=0").errors == ["/limit"])
        }
    }
}
