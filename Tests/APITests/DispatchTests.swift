import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// Sending through both push contracts: outcomes, waiting, batches.
struct DispatchTests {
    private static let b = "/api/v1/notifications"
    private static let e = "/api/v1/push-notifications"

    private static func message(_ user: String, _ more: JSONObject = [:]) -> JSON {
        .object(JSONObject(members: (JSON.object(["user_id": .string(user), "title": "t", "body": "b"]).object?.members ?? []) + more.members))
    }

    @Test func `a user without a device gets a failed record that says so`() async throws {
        try await withWorld { world in
            for path in [Self.b, Self.e] {
                let reply = try await world.call(.post, path, Self.message("nobody"))
                #expect(reply.status == 201)
                #expect(reply.json["status"]?.string == "failed")
                #expect(reply.json["error"]?.string?.isEmpty == false)
                let record = try await world.call(.get, "\(path)/\(try #require(reply.json["id"]?.string))")
                #expect(record.json["status"]?.string == "failed")
                #expect(record.json["error"] == reply.json["error"])
            }
        }
    }

    @Test func `counts tell the exact split, and one reached device makes it sent`() async throws {
        try await withWorld { world in
            for token in ["good-1", "good-2", "gone"] { try await world.register(token, of: "u") }
            world.provider.answer("gone", .recipientGone(asOf: nil))
            let reply = try await world.call(.post, Self.b, Self.message("u"))
            #expect(reply.status == 201)
            #expect(reply.json["device_tokens_targeted"]?.integer == 3)
            #expect(reply.json["delivered_count"]?.integer == 2)
            #expect(reply.json["failed_count"]?.integer == 1)
            #expect(reply.json["status"]?.string == "sent")
            #expect(reply.json["error"] == nil)
            let tokens = try await world.call(.get, Self.b + "/device-tokens?user_id=u")
            #expect(Set(tokens.json["tokens"]?.array?.compactMap { $0["token"]?.string } ?? []) == ["good-1", "good-2"])
        }
    }

    @Test func `a device that refuses makes it failed, with the reason`() async throws {
        try await withWorld { world in
            try await world.register("bad", of: "u")
            world.provider.answer("bad", .rejected, reason: "MessageTooBig")
            let reply = try await world.call(.post, Self.e, Self.message("u"))
            #expect(reply.status == 201)
            #expect(reply.json["status"]?.string == "failed")
            #expect(reply.json["error"]?.string?.isEmpty == false)
        }
    }

    @Test func `who does not want to wait is told queued, and learns the rest later`() async throws {
        try await withWorld { world in
            try await world.register("slow", of: "u")
            world.provider.hold("slow")
            let reply = try await world.call(.post, Self.b, Self.message("u"), headers: [.prefer: "respond-async"])
            #expect(reply.status == 202)
            #expect(reply.headers[.preferenceApplied] == "respond-async")
            #expect(reply.json["status"]?.string == "queued")
            #expect(reply.json["sent_at"] == .null)
            await world.provider.untilHeld()
            let id = try #require(reply.json["id"]?.string)
            #expect(try await world.call(.get, "\(Self.b)/\(id)").json["status"]?.string == "queued")
            world.provider.release()
            let settled = await world.engine.settled(try await world.stores.notifications.get([id], scope: .all), within: .seconds(10))
            #expect(settled.first?.tally.reached == 1)
            #expect(try await world.call(.get, "\(Self.b)/\(id)").json["status"]?.string == "sent")
        }
    }

    @Test func `a wait that is too short answers queued too`() async throws {
        try await withWorld(syncWait: .milliseconds(100)) { world in
            try await world.register("slow", of: "u")
            world.provider.hold("slow")
            let reply = try await world.call(.post, Self.e, Self.message("u"))
            #expect(reply.status == 202)
            #expect(reply.json["status"]?.string == "queued")
            #expect(reply.headers[.preferenceApplied] == nil)
            let batch = try await world.call(.post, Self.e + "/batch", ["user_ids": ["u"], "payload": ["title": "t", "body": "b"]])
            #expect(batch.status == 200)
            #expect(batch.json["queued"]?.integer == 1)
            #expect(batch.json["delivered"]?.integer == 0)
        }
    }

    @Test func `options reach the provider`() async throws {
        try await withWorld { world in
            try await world.register("t", of: "u")
            let body = Self.message(
                "u",
                [
                    "collapse_id": "c", "priority": "normal", "credential": "main", "provider": "fcm", "expires_at": "2099-01-01T00:00:00+01:00",
                    "data": ["k": .number("1.5")],
                ])
            #expect(try await world.call(.post, Self.e, body).status == 201)
            let sent = try #require(world.provider.sent.first)
            #expect(sent.content.collapseID == "c")
            #expect(sent.content.priority == .normal)
            #expect(sent.content.data == ["k": .number("1.5")])
            #expect(sent.delivery.expiresAt == Timestamp(rfc3339: "2098-12-31T23:00:00Z"))
        }
    }

    @Test func `what has expired is a record that says so, and is not sent`() async throws {
        try await withWorld { world in
            try await world.register("t", of: "u")
            let reply = try await world.call(.post, Self.b, Self.message("u", ["expires_at": "2020-01-01T00:00:00Z"]))
            #expect(reply.status == 201)
            #expect(reply.json["status"]?.string == "failed")
            #expect(world.provider.sent.isEmpty)
        }
    }

    @Test func `one bad target fails alone`() async throws {
        try await withWorld { world in
            try await world.register("a", of: "usr_a")
            try await world.register("c", of: "usr_c")
            let reply = try await world.call(
                .post, Self.b + "/batch",
                [
                    "targets": [
                        Self.message("usr_a"), ["user_id": "usr_b", "title": "t", "body": 5], Self.message("usr_c"), Self.message("nobody"), "x",
                    ]
                ])
            #expect(reply.status == 200)
            let results = try #require(reply.json["results"]?.array)
            #expect(results.map { $0["user_id"]?.string } == ["usr_a", "usr_b", "usr_c", "nobody", nil])
            #expect(results.map { $0["status"]?.string } == ["sent", "failed", "sent", "failed", "failed"])
            #expect(results[1]["error"]?.string == "/targets/1/body: must be a string, not a number")
            #expect(results[1]["notification_id"] == .null)
            #expect(results[3]["notification_id"]?.string?.hasPrefix("notif_") == true)
            #expect(results[4]["error"]?.string == "/targets/4: must be an object, not a string")
            #expect(reply.json["total"]?.integer == 5)
            #expect(reply.json["succeeded"]?.integer == 2)
            #expect(reply.json["failed"]?.integer == 3)
        }
    }

    @Test func `a full batch comes back in its order, and is found by its batch`() async throws {
        try await withWorld { world in
            let users = (0..<1_000).map { "usr_\($0)" }
            try await world.register("only", of: "usr_7")
            let reply = try await world.call(.post, Self.b + "/batch", ["targets": .array(users.map { Self.message($0) })])
            #expect(reply.status == 200)
            #expect(reply.json["results"]?.array?.compactMap { $0["user_id"]?.string } == users)
            #expect(reply.json["succeeded"]?.integer == 1)
            #expect(reply.json["failed"]?.integer == 999)
            let stored = try await world.stores.notifications.inBatch(try #require(reply.json["batch_id"]?.string), scope: .all)
            #expect(stored.map(\.userID) == users)
        }
    }

    @Test func `ten thousand users are one call, and only the bad ones fail`() async throws {
        try await withWorld { world in
            try await world.register("only", of: "usr_7")
            var users: [JSON] = (0..<10_000).map { .string("usr_\($0)") }
            users[3] = 3
            let reply = try await world.call(.post, Self.e + "/batch", ["user_ids": .array(users), "payload": ["title": "t", "body": "b"]])
            #expect(reply.status == 200)
            #expect(reply.json["total"]?.integer == 10_000)
            #expect(reply.json["delivered"]?.integer == 1)
            #expect(reply.json["failed"]?.integer == 9_999)
            let failures = try #require(reply.json["failures"]?.array)
            #expect(failures.count == 9_999)
            #expect(failures.last?["error"]?.string == "/user_ids/3: must be a string, not a number")
        }
    }

    @Test func `what holds for a whole batch may be said otherwise by a target`() async throws {
        try await withWorld { world in
            try await world.register("a", of: "usr_a")
            try await world.register("b", of: "usr_b")
            _ = try await world.call(
                .post, Self.b + "/batch",
                ["targets": [Self.message("usr_a"), Self.message("usr_b", ["collapse_id": "own"])], "collapse_id": "shared", "priority": "normal"])
            let sent = Dictionary(uniqueKeysWithValues: world.provider.sent.map { ($0.delivery.userID, $0.content) })
            #expect(sent["usr_a"]?.collapseID == "shared")
            #expect(sent["usr_b"]?.collapseID == "own")
            #expect(sent["usr_b"]?.priority == .normal)
        }
    }
}
