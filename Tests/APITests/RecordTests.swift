import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// Lists, changes and deletions of notifications, and the registry of tokens.
struct RecordTests {
    private static let b = "/api/v1/notifications"
    private static let e = "/api/v1/push-notifications"

    private func send(_ world: World, _ path: String, _ user: String, _ more: JSONObject = [:]) async throws -> String {
        let body = JSONObject(members: [.init(key: "user_id", value: .string(user)), .init(key: "title", value: "t"), .init(key: "body", value: "b")])
        let reply = try await world.call(.post, path, .object(JSONObject(members: body.members + more.members)))
        return try #require(reply.json["id"]?.string)
    }

    private func ids(_ reply: Reply) -> [String] { reply.json["data"]?.array?.compactMap { $0["id"]?.string } ?? [] }

    @Test func `each path shows its own contract's records`() async throws {
        try await withWorld { world in
            let ours = try await send(world, Self.b, "u")
            let theirs = try await send(world, Self.e, "u")
            #expect(ids(try await world.call(.get, Self.b)) == [ours])
            #expect(ids(try await world.call(.get, Self.e)) == [theirs])
            #expect(try await world.call(.get, "\(Self.b)/\(theirs)").status == 404)
            #expect(try await world.call(.delete, "\(Self.e)/\(ours)").status == 404)
            #expect(ids(try await world.call(.get, Self.b + "?contract=push-dispatcher")) == [ours])
            let others = try await world.call(.get, Self.b + "?contract=coordinator-notifications")
            #expect(others.status == 200)
            #expect(others.json["data"] == [])
            #expect(others.json["pagination"] == ["page": 1, "limit": 20, "total": 0])
            for neither in ["contract=coordinator-notifications&user_id=u", "contract=push-dispatcher&recipient_id=u", "recipient_id=u&user_id=u"] {
                #expect(try await world.call(.get, Self.b + "?" + neither).json["data"] == [])
            }
        }
    }

    @Test func `lists are narrowed by what they show`() async throws {
        try await withWorld { world in
            try await world.register("t", of: "reached")
            let failed = try await send(world, Self.b, "nobody", ["scenario_id": "s1", "prompt_id": "p1"])
            let sent = try await send(world, Self.b, "reached", ["data": ["scenario_id": "s2", "prompt_id": "p2"]])
            let resolved = try await send(world, Self.b, "nobody")
            _ = try await world.call(.put, "\(Self.b)/\(resolved)", ["status": "resolved"])
            for (query, expected) in [
                ("", [resolved, sent, failed]), ("?user_id=reached", [sent]), ("?status=failed", [failed]), ("?status=sent", [sent]),
                ("?status=resolved", [resolved]), ("?scenario_id=s1", [failed]), ("?prompt_id=p2", [sent]), ("?scenario_id=s2&prompt_id=p1", []),
                ("?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z", []), ("?from=2020-01-01T00:00:00Z", [resolved, sent, failed]),
            ] {
                #expect(ids(try await world.call(.get, Self.b + query)) == expected, Comment(rawValue: query))
            }
        }
    }

    @Test func `pages don't shift while new entries arrive`() async throws {
        try await withWorld { world in
            var sent: [String] = []
            for index in 0..<7 { sent.append(try await send(world, Self.e, "u\(index)")) }
            var seen: [String] = []
            var path: String? = Self.e + "?limit=3"
            var pages = 0
            while let next = path {
                let reply = try await world.call(.get, next)
                seen += ids(reply)
                pages += 1
                #expect(reply.json["pagination"]?["page"]?.integer == Int64(pages))
                _ = try await send(world, Self.e, "late")
                let link = reply.headers[.link]
                path = try link.map { String(try #require($0.firstMatch(of: /^<(.*)>; rel="next"$/)).output.1) }
            }
            #expect(seen == sent.reversed())
            #expect(pages == 3)
            let beyond = try await world.call(.get, Self.e + "?page=4000000000000000000")
            #expect(beyond.status == 200)
            #expect(beyond.json["data"] == [])
            #expect(beyond.json["pagination"]?["total"]?.integer == 10)
        }
    }

    @Test func `a record can be annotated, and its status stated, but not its outcome`() async throws {
        try await withWorld { world in
            let id = try await send(world, Self.b, "u")
            let path = "\(Self.b)/\(id)"
            #expect(try await world.call(.put, path, ["status": "sent"]).errors == ["/status"])
            #expect(try await world.call(.put, path, [:]).errors == ["/status"])
            #expect(try await world.call(.put, path, ["status": "retried", "retry_note": 5]).errors == ["/retry_note"])
            let noted = try await world.call(.put, path, ["retry_note": "again"])
            #expect(noted.json["status"]?.string == "failed")
            let stated = try await world.call(.put, path, ["status": "retried"])
            #expect(stated.json["status"]?.string == "retried")
            #expect(stated.json["retry_note"]?.string == "again")
            let record = try await world.call(.get, path)
            #expect(record.json["retry_note"]?.string == "again")
            #expect(record.json["status"]?.string == "retried")
        }
    }

    @Test func `opened without a time means now`() async throws {
        try await withWorld { world in
            let id = try await send(world, Self.e, "u")
            let opened = try await world.call(.put, "\(Self.e)/\(id)", ["status": "opened"])
            #expect(opened.json["opened_at"] == opened.json["updated_at"])
            let dated = try await world.call(.put, "\(Self.e)/\(id)", ["opened_at": "2026-03-26T10:15:00+01:00"])
            #expect(dated.json["opened_at"]?.string == "2026-03-26T09:15:00Z")
            #expect(dated.json["status"]?.string == "opened")
            #expect(try await world.call(.put, "\(Self.e)/\(id)", ["opened_at": "now"]).errors == ["/opened_at"])
        }
    }

    @Test func `a deleted record is gone from everywhere`() async throws {
        try await withWorld { world in
            let id = try await send(world, Self.b, "u")
            #expect(try await world.call(.delete, "\(Self.b)/\(id)").json == ["deleted": true, "id": .string(id)])
            #expect(try await world.call(.get, "\(Self.b)/\(id)").status == 404)
            #expect(try await world.call(.delete, "\(Self.b)/\(id)").status == 404)
            #expect(try await world.call(.get, Self.b).json["pagination"]?["total"]?.integer == 0)
        }
    }

    @Test(arguments: ["ExponentPushToken[a:b_c-d]", "ExponentPushToken%5Ba%3Ab_c-d%5D"])
    func `a token in a path may come with raw brackets or encoded`(segment: String) async throws {
        try await withWorld(.live, isServing: false) { world in
            let token = "ExponentPushToken[a:b_c-d]"
            let body: JSON = ["user_id": "u", "token": .string(token), "platform": "ios"]
            #expect(try await world.call(.post, Self.e + "/device-tokens", body).status == 201)
            let first = try await world.call(.delete, "\(Self.b)/device-tokens/\(segment)")
            #expect(first.status == 200)
            #expect(first.json["token"]?.string == token)
            // Repeating it is the same answer; registering again brings the device back.
            #expect(try await world.call(.delete, "\(Self.b)/device-tokens/\(segment)").json == first.json)
            #expect(try await world.call(.get, Self.b + "/device-tokens?user_id=u").json["tokens"] == [])
            #expect(try await world.call(.post, Self.e + "/device-tokens", body).status == 200)
            #expect(try await world.call(.get, Self.b + "/device-tokens?user_id=u").json["tokens"]?.array?.count == 1)
            let removed = try await world.call(.delete, "\(Self.e)/device-tokens/\(segment)")
            #expect(removed.json == ["deleted": true, "token": .string(token), "user_id": "u"])
            #expect(try await world.call(.delete, "\(Self.e)/device-tokens/\(segment)").status == 404)
        }
    }

    @Test func `a token that is registered by another user moves to that one`() async throws {
        try await withWorld(isServing: false) { world in
            let first = try await world.call(.post, Self.e + "/device-tokens", ["user_id": "a", "token": "t", "platform": "android"])
            let second = try await world.call(.post, Self.e + "/device-tokens", ["user_id": "b", "token": "t", "platform": "web", "provider": "fcm"])
            #expect(second.status == 200)
            #expect(second.json["id"] == first.json["id"])
            #expect(second.json["user_id"]?.string == "b")
            #expect(try await world.call(.get, Self.b + "/device-tokens?user_id=a").json["tokens"] == [])
        }
    }
}
