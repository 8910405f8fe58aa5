import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// coordinator-notifications: one call to many recipients, one entry for each, and what each has read.
struct CoordinatorTests {
    static let path = "/api/v1/notifications"

    static func letter(to recipients: [String], _ more: JSONObject = [:]) -> JSON {
        let body: JSONObject = [
            "recipient_ids": .array(recipients.map(JSON.string)), "type": "mentor_status_change", "title": "Mentor paused", "body": "Paused.",
            "payload": ["mentor_id": "mntr_1", "deep_link": "/mentors/mntr_1"],
        ]
        return .object(JSONObject(members: body.members.filter { more[$0.key] == nil } + more.members))
    }

    private func send(_ world: World, to recipients: [String], _ more: JSONObject = [:]) async throws -> String {
        let reply = try await world.call(.post, Self.path, Self.letter(to: recipients, more))
        #expect(reply.status == 201)
        return try #require(reply.json["notification_id"]?.string)
    }

    private func recipients(_ reply: Reply) -> [String] { reply.json["data"]?.array?.compactMap { $0["recipient_id"]?.string } ?? [] }

    private func total(_ world: World, _ query: String) async throws -> Int64? {
        try await world.call(.get, Self.path + query).json["pagination"]?["total"]?.integer
    }

    @Test func `a call reaches every recipient in-app, by push where there is a device, and does not wait for it`() async throws {
        try await withWorld { world in
            try await world.register("slow", of: "ada")
            world.provider.hold("slow")
            let reply = try await world.call(.post, Self.path, Self.letter(to: ["ada", "bob", "ada"]), headers: [.prefer: "wait=5"])
            #expect(reply.status == 201)
            #expect(reply.headers[.preferenceApplied] == nil)
            #expect(reply.json["recipient_ids"] == ["ada", "bob"])
            await world.provider.untilHeld()
            let list = try await world.call(.get, Self.path)
            #expect(recipients(list) == ["bob", "ada"])
            let id = try #require(reply.json["notification_id"]?.string)
            #expect(list.json["data"]?.array?.allSatisfy { $0["notification_id"]?.string == id && $0["read"] == false } ?? false)
            let log = try await world.call(.get, "/api/v1/deliveries")
            #expect(log.json["data"]?.array?.compactMap { $0["provider"]?.string }.sorted() == ["fcm", "in_app", "in_app"])
            #expect(try await world.call(.get, "/api/v1/deliveries?provider=in_app").json["pagination"]?["total"] == 2)
        }
    }

    @Test func `in-app has its story in the delivery log like any other channel`() async throws {
        try await withWorld(credentials: TestCredentials(providers: [])) { world in
            _ = try await send(world, to: ["ada"])
            let item = try #require(try await world.call(.get, "/api/v1/deliveries").json["data"]?[0])
            #expect(item["channel"] == "in_app" && item["provider"] == "in_app" && item["state"] == "delivered" && item["attempts"] == 1)
            #expect(item["user_id"] == "ada" && item["error"]?.isNull ?? false)
            let story = try await world.call(.get, "/api/v1/deliveries/\(item["id"]?.string ?? "")")
            #expect(story.json["timeline"]?.array?.compactMap { $0["event"]?.string } == ["accepted", "queued", "attempt", "delivered"])
            #expect(story.json["timeline"]?[2]?["rule"] == "in_app.stored")
        }
    }

    @Test func `the app is handed the payload and the way to the entry, and the payload is shown as it came`() async throws {
        try await withWorld { world in
            try await world.register("a", of: "ada")
            let id = try await send(world, to: ["ada"])
            let own = try await send(world, to: ["ada"], ["payload": ["notification_id": "mine", "type": 7, "x": nil]])
            let bare = try await send(world, to: ["ada"], ["payload": nil])
            try await until("three pushes are out") { world.provider.sent.count == 3 }
            let data = Dictionary(grouping: world.provider.sent, by: \.delivery.notificationID).compactMapValues { $0.first?.content.data }
            #expect(
                data[id] == [
                    "mentor_id": "mntr_1", "deep_link": "/mentors/mntr_1", "notification_id": .string(id), "type": "mentor_status_change",
                ])
            #expect(data[own] == ["notification_id": "mine", "type": 7, "x": nil])
            #expect(data[bare] == ["notification_id": .string(bare), "type": "mentor_status_change"])
            #expect(try await world.call(.get, "\(Self.path)/\(id)").json["payload"] == ["mentor_id": "mntr_1", "deep_link": "/mentors/mntr_1"])
            #expect(try await world.call(.get, "\(Self.path)/\(own)").json["payload"] == ["notification_id": "mine", "type": 7, "x": nil])
            #expect(try await world.call(.get, "\(Self.path)/\(bare)").json["payload"] == [:])
        }
    }

    @Test func `an id with several recipients shows the first and names them all, or the one that is asked for`() async throws {
        try await withWorld { world in
            let id = try await send(world, to: ["ada", "bob", "eve"])
            let first = try await world.call(.get, "\(Self.path)/\(id)")
            #expect(first.json["recipient_id"] == "ada")
            #expect(first.json["recipient_ids"] == ["ada", "bob", "eve"])
            let bob = try await world.call(.get, "\(Self.path)/\(id)?recipient_id=bob")
            #expect(bob.json["notification_id"]?.string == id && bob.json["recipient_id"] == "bob")
            #expect(bob.json["recipient_ids"] == nil && bob.headers[.warning] == nil)
            #expect(try await world.call(.get, "\(Self.path)/\(id)?recipient_id=nobody").status == 404)
            #expect(try await world.call(.get, "\(Self.path)/\(id)?recipient_id=").errors == ["/recipient_id"])
            let alone = try await send(world, to: ["ada"])
            #expect(try await world.call(.get, "\(Self.path)/\(alone)").json["recipient_ids"] == nil)
        }
    }

    @Test func `the rows of the other recipients have no id that anybody knows`() async throws {
        try await withWorld { world in
            let id = try await send(world, to: ["ada", "bob"])
            let rows = try await world.stores.notifications.inBatch(id, scope: .all)
            let other = try #require(rows.last).id
            #expect(rows.first?.id == id && other != id)
            #expect(try await world.call(.get, "\(Self.path)/\(other)").status == 404)
            #expect(try await world.call(.put, "\(Self.path)/\(other)", ["read": true]).status == 404)
            #expect(try await world.call(.delete, "\(Self.path)/\(other)").status == 404)
        }
    }

    @Test func `what one has read the others have not, until it is said of all`() async throws {
        try await withWorld { world in
            let id = try await send(world, to: ["ada", "bob"])
            _ = try await send(world, to: ["ada"])
            let read = try await world.call(.put, "\(Self.path)/\(id)?recipient_id=bob", ["read": true])
            #expect(read.status == 200)
            #expect(read.json["notification_id"]?.string == id && read.json["read"] == true && read.json["updated_at"]?.string != nil)
            #expect(recipients(try await world.call(.get, Self.path + "?read=true")) == ["bob"])
            #expect(recipients(try await world.call(.get, Self.path + "?read=false")) == ["ada", "ada"])
            #expect(try await total(world, "?read=false") == 2)
            #expect(try await total(world, "?read=true&recipient_id=ada") == 0)
            #expect(try await world.call(.get, "\(Self.path)/\(id)?recipient_id=bob").json["read"] == true)
            #expect(try await world.call(.get, "\(Self.path)/\(id)").json["read"] == false)
            _ = try await world.call(.put, "\(Self.path)/\(id)", ["read": true])
            #expect(try await total(world, "?read=true") == 2)
            let back = try await world.call(.put, "\(Self.path)/\(id)", ["read": false])
            #expect(back.json["read"] == false)
            #expect(try await total(world, "?read=true") == 0)
            #expect(try await total(world, "?read=false") == 3)
        }
    }

    @Test func `a push that settles after the entry was read leaves it read`() async throws {
        try await withWorld { world in
            try await world.register("slow", of: "ada")
            world.provider.hold("slow")
            let id = try await send(world, to: ["ada"])
            await world.provider.untilHeld()
            _ = try await world.call(.put, "\(Self.path)/\(id)", ["read": true])
            world.provider.release()
            try await until("the push has settled") {
                try await world.stores.notifications.get(id, scope: .all)?.tally.isSettled ?? false
            }
            #expect(try await total(world, "?read=true") == 1)
            #expect(try await total(world, "?read=false") == 0)
        }
    }

    @Test(arguments: [[:], ["read": 1], ["read": "true"], ["read": nil], ["status": "resolved"]] as [JSON])
    func `only a read state can be set`(body: JSON) async throws {
        try await withWorld(isServing: false) { world in
            let id = try await send(world, to: ["ada"])
            let reply = try await world.call(.put, "\(Self.path)/\(id)", body)
            #expect(reply.status == 422 && reply.errors == ["/read"])
        }
    }

    @Test func `the record's own contract decides what PUT takes and what DELETE says`() async throws {
        try await withWorld(isServing: false) { world in
            let ours = try await send(world, to: ["ada"])
            let theirs = try #require(
                try await world.call(.post, Self.path, ["user_id": "ada", "title": "t", "body": "b"], headers: [.prefer: "respond-async"]).json["id"]?
                    .string)
            #expect(try await world.call(.put, "\(Self.path)/\(theirs)", ["read": true]).errors == ["/status"])
            let odd = try await world.call(.put, "\(Self.path)/\(ours)", ["read": true, "status": "resolved"])
            #expect(odd.status == 200 && odd.headers[.warning]?.contains("/status") ?? false)
            // B knows no recipients, so the parameter is one that nobody asked for.
            #expect(try await world.call(.get, "\(Self.path)/\(theirs)?recipient_id=x").headers[.warning]?.contains("?recipient_id") ?? false)
            let deleted = try await world.call(.delete, "\(Self.path)/\(ours)")
            #expect(deleted.json.object?.members.map(\.key) == ["notification_id", "deleted", "deleted_at"])
            #expect(deleted.json["notification_id"]?.string == ours && deleted.json["deleted"] == true)
            #expect(try await world.call(.delete, "\(Self.path)/\(theirs)").json == ["deleted": true, "id": .string(theirs)])
        }
    }

    @Test func `a recipient's entry can be deleted, the first one's too, and then all`() async throws {
        try await withWorld { world in
            let id = try await send(world, to: ["ada", "bob", "eve"])
            #expect(try await world.call(.delete, "\(Self.path)/\(id)?recipient_id=ada").json["notification_id"]?.string == id)
            #expect(try await world.call(.delete, "\(Self.path)/\(id)?recipient_id=ada").status == 404)
            let rest = try await world.call(.get, "\(Self.path)/\(id)")
            #expect(rest.json["recipient_id"] == "bob" && rest.json["recipient_ids"] == ["bob", "eve"])
            #expect(recipients(try await world.call(.get, Self.path)) == ["eve", "bob"])
            #expect(try await world.call(.put, "\(Self.path)/\(id)", ["read": true]).status == 200)
            #expect(try await total(world, "?read=true") == 2)
            #expect(try await world.call(.delete, "\(Self.path)/\(id)").status == 200)
            #expect(try await world.call(.get, "\(Self.path)/\(id)").status == 404)
            #expect(try await total(world, "") == 0)
        }
    }

    @Test func `a push that waits is withdrawn with its entry`() async throws {
        try await withWorld(isServing: false) { world in
            try await world.register("a", of: "ada")
            let id = try await send(world, to: ["ada"])
            _ = try await world.call(.delete, "\(Self.path)/\(id)")
            let states = try await world.call(.get, "/api/v1/deliveries").json["data"]?.array?.map {
                "\($0["provider"]?.text ?? "") \($0["state"]?.text ?? "")"
            }
            #expect(states?.sorted() == ["\"fcm\" \"cancelled\"", "\"in_app\" \"delivered\""])
        }
    }

    @Test func `lists are narrowed by recipient, type and time, and mix with the other contract's`() async throws {
        try await withWorld(isServing: false) { world in
            _ = try await send(world, to: ["ada", "bob"])
            _ = try await send(world, to: ["ada"], ["type": "other"])
            _ = try await world.call(.post, Self.path, ["user_id": "ada", "title": "t", "body": "b"], headers: [.prefer: "respond-async"])
            for (query, expected) in [
                ("?recipient_id=ada", 2), ("?recipient_id=nobody", 0), ("?type=other", 1), ("?type=other&recipient_id=bob", 0),
                ("?contract=coordinator-notifications", 3), ("?contract=push-dispatcher", 1), ("", 4), ("?user_id=ada", 1),
                ("?contract=push-dispatcher&read=false", 0), ("?read=false", 3), ("?recipient_id=ada&to=2020-01-01T00:00:00Z", 0),
                ("?type=mentor_status_change&from=2020-01-01T00:00:00Z", 2),
            ] {
                #expect(try await total(world, query) == Int64(expected), Comment(rawValue: query))
            }
            let mixed = try await world.call(.get, Self.path)
            #expect(mixed.json["data"]?.array?.map { $0["id"] == nil } == [false, true, true, true])
        }
    }

    @Test func `pages of one call's entries neither repeat nor skip a recipient`() async throws {
        try await withWorld(isServing: false) { world in
            let names = (1...7).map { "user\($0)" }
            _ = try await send(world, to: names)
            var seen: [String] = []
            var path: String? = Self.path + "?limit=3&read=false"
            while let next = path {
                let reply = try await world.call(.get, next)
                seen += recipients(reply)
                path = try reply.headers[.link].map { String(try #require($0.firstMatch(of: /^<(.*)>; rel="next"$/)).output.1) }
            }
            #expect(seen == names.reversed())
        }
    }

    @Test func `a repeat under the same key is answered and not sent again`() async throws {
        try await withWorld { world in
            let headers: HTTPFields = [.idempotencyKey: "k1"]
            let first = try await world.call(.post, Self.path, Self.letter(to: ["ada", "bob"]), headers: headers)
            let again = try await world.call(.post, Self.path, Self.letter(to: ["ada", "bob"]), headers: headers)
            #expect(again.status == 201 && again.json == first.json && again.headers[.idempotencyReplayed] == "true")
            #expect(try await world.call(.post, Self.path, Self.letter(to: ["ada"]), headers: headers).errors == ["/Idempotency-Key"])
            #expect(try await total(world, "") == 2)
        }
    }

    @Test func `unknown members are named and ignored`() async throws {
        try await withWorld(isServing: false) { world in
            let reply = try await world.call(.post, Self.path, Self.letter(to: ["ada"], ["colour": "red"]))
            #expect(reply.status == 201 && reply.headers[.warning]?.contains("/colour") ?? false)
            let plain = try await world.call(
                .post, Self.path, Self.letter(to: ["ada"], ["expires_at": "2036-01-01T00:00:00Z", "priority": "normal"]))
            #expect(plain.status == 201 && plain.headers[.warning] == nil)
        }
    }
}
