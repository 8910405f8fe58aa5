import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import API

/// Direct dispatch and the delivery log.
struct DeliveryEndpointTests {
    private static let path = "/api/v1/deliveries"

    @Test func `a mail is sent to an address, and the log masks it`() async throws {
        try await withWorld { world in
            let reply = try await world.call(
                .post, Self.path, ["to": ["email": "someone@example.org"], "title": "Hello", "body": "text", "html": "<p>text</p>"])
            #expect(reply.status == 201)
            #expect(reply.json["status"]?.string == "sent")
            #expect(reply.json["user_id"] == .null)
            let delivery = try #require(reply.json["deliveries"]?[0])
            #expect(delivery["state"]?.string == "delivered")
            #expect(delivery["channel"]?.string == "email")
            #expect(delivery["provider"]?.string == "smtp")
            #expect(delivery["target"]?.string == "s…@example.org")
            #expect(world.provider.sent.first?.delivery.target.address == "someone@example.org")
            let list = try await world.call(.get, "\(Self.path)?notification_id=\(try #require(reply.json["id"]?.string))")
            #expect(list.json["data"]?[0] == delivery)
            #expect(list.json["pagination"]?["total"]?.integer == 1)
            #expect(!list.json.text.contains("someone@"))
        }
    }

    @Test func `a timeline tells each attempt, the rule that judged it, and what comes next`() async throws {
        try await withWorld { world in
            world.provider.answer(
                "abc123", .deferred(Wait(floor: .seconds(600))), rule: "fcm.503", status: 503, reason: "UNAVAILABLE", detail: "abc123 later")
            let reply = try await world.call(
                .post, Self.path, ["to": ["token": "abc123", "platform": "android"], "title": "t"], headers: [.prefer: "wait=0"])
            #expect(reply.status == 202)
            let id = try #require(reply.json["deliveries"]?[0]?["id"]?.string)
            var story = JSON.null
            try await until("the attempt is written down") {
                story = try await world.call(.get, "\(Self.path)/\(id)").json
                return story["attempts"]?.integer == 1
            }
            let timeline = try #require(story["timeline"]?.array)
            #expect(timeline.map { $0["event"]?.string } == ["accepted", "queued", "attempt", "next_attempt"])
            #expect(timeline[2]["rule"]?.string == "fcm.503")
            #expect(timeline[2]["status"]?.integer == 503)
            #expect(timeline[2]["reason"]?.string == "UNAVAILABLE")
            #expect(timeline[3]["at"] == timeline[2]["next_attempt_at"])
            #expect(story["next_attempt_at"] == timeline[3]["at"])
            #expect(story["lane"]?["provider"]?.string == "fcm")
            #expect(!story.text.contains("abc123"))
        }
    }

    @Test func `retry and cancel act in the one state that allows them`() async throws {
        try await withWorld { world in
            world.provider.answer("bad", .rejected)
            let failed = try await world.call(.post, Self.path, ["to": ["token": "bad", "platform": "web"], "title": "t"])
            let id = try #require(failed.json["deliveries"]?[0]?["id"]?.string)
            let refused = try await world.call(.post, "\(Self.path)/\(id)/cancel")
            #expect(refused.status == 409)
            #expect(refused.json["detail"]?.string == "Only a delivery that is queued can be cancelled; this one is failed.")
            world.provider.answer("bad", .deferred(Wait(floor: .seconds(600))))
            let retried = try await world.call(.post, "\(Self.path)/\(id)/retry", headers: [.idempotencyKey: "k"])
            #expect(retried.status == 200)
            #expect(["queued", "sending"].contains(retried.json["state"]?.string))
            let again = try await world.call(.post, "\(Self.path)/\(id)/retry", headers: [.idempotencyKey: "k"])
            #expect(again.headers[.idempotencyReplayed] == "true")
            #expect(try await world.call(.post, "\(Self.path)/\(id)/retry").status == 409)
            try await until("the second attempt is made") { world.provider.sent.count == 2 }
            var cancelled = try await world.call(.post, "\(Self.path)/\(id)/cancel")
            try await until("the second attempt is written down") {
                if cancelled.status == 409 { cancelled = try await world.call(.post, "\(Self.path)/\(id)/cancel") }
                return cancelled.status != 409
            }
            #expect(cancelled.status == 200)
            #expect(cancelled.json["state"]?.string == "cancelled")
            #expect(try await world.call(.get, "\(Self.path)/\(id)").json["timeline"]?.array?.last?["event"]?.string == "cancelled")
        }
    }

    @Test func `an org without a credential gets a failed message that says so`() async throws {
        try await withWorld(credentials: TestCredentials(providers: [.fcm])) { world in
            let reply = try await world.call(.post, Self.path, ["to": ["email": "a@example.org"], "title": "t", "body": "b"])
            #expect(reply.status == 201)
            #expect(reply.json["status"]?.string == "failed")
            #expect(reply.json["error"]?.string?.contains("smtp") == true)
        }
    }

    @Test func `the log is narrowed by what it shows`() async throws {
        try await withWorld { world in
            try await world.register("good", of: "u")
            try await world.register("bad", of: "u")
            world.provider.answer("bad", .rejected)
            _ = try await world.call(.post, Self.path, ["to": ["user_id": "u"], "title": "t"])
            _ = try await world.call(.post, Self.path, ["to": ["email": "a@example.org"], "title": "t", "body": "b"])
            for (query, count) in [
                ("", 3), ("?user_id=u", 2), ("?state=failed", 1), ("?state=delivered", 2), ("?provider=smtp", 1), ("?provider=expo", 0),
                ("?org_id=org_default", 3), ("?org_id=org_other", 0), ("?to=2020-01-01T00:00:00Z", 0), ("?limit=1", 1),
            ] {
                #expect(try await world.call(.get, Self.path + query).json["data"]?.array?.count == count, Comment(rawValue: query))
            }
        }
    }
}
