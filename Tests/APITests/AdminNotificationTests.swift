import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// The contract admin-notifications, one dispatch at a time.
struct AdminNotificationTests {
    static let path = "/api/v1/admin/notifications"
    private static let post = path + "/certification-reminder"

    private func keys(_ json: JSON?) -> [String] { json?.object?.members.map(\.key) ?? [] }

    /// Sends a reminder and gives its id.
    private func remind(_ world: World, _ user: String, status: Int = 202, _ more: JSONObject = [:]) async throws -> String {
        let reply = try await world.call(
            .post, Self.post, .object(JSONObject(members: [.init(key: "user_id", value: .string(user))] + more.members)))
        #expect(reply.status == status)
        return try #require(reply.json["data"]?["dispatch_id"]?.string)
    }

    /// The dispatch once it shows this status.
    private func dispatch(_ world: World, _ id: String, _ status: String) async throws -> JSON {
        var last = JSON.null
        try await until("\(id) is \(status)") {
            last = try await world.call(.get, "\(Self.path)/\(id)").json["data"] ?? .null
            return last["status"]?.string == status
        }
        return last
    }

    @Test func `a reminder is queued at once and sent to the user's address in the user's language`() async throws {
        try await withWorld { world in
            try await world.know("usr_1", name: "Kari & Co", locale: "nb-NO", days: 30)
            try await world.certify("usr_1", "later", days: 90)
            try await world.certify("usr_1", "expired", days: -1)
            let reply = try await world.call(.post, Self.post, ["user_id": "usr_1"], headers: [.prefer: "wait=5"])
            #expect(reply.status == 202)
            #expect(reply.headers[.preferenceApplied] == nil)
            #expect(keys(reply.json["data"]) == ["dispatch_id", "user_id", "type", "status", "queued_at"])
            #expect(reply.json["data"]?["status"] == "queued" && reply.json["data"]?["type"] == "certification_reminder")
            let id = try #require(reply.json["data"]?["dispatch_id"]?.string)
            #expect(id.hasPrefix("dsp_"))
            let shown = try await dispatch(world, id, "delivered")
            #expect(
                keys(shown) == [
                    "dispatch_id", "org_id", "type", "recipient_user_id", "status", "subject", "sent_at", "delivered_at",
                ])
            #expect(shown["subject"] == "Sertifiseringen din utløper om 30 dager")
            #expect(shown["delivered_at"]?.string?.hasSuffix("Z") == true && shown["org_id"] == "org_default")
            let sent = try #require(world.provider.sent.first)
            #expect(sent.delivery.lane.provider == .smtp && sent.delivery.target.address == "usr_1@example.org")
            #expect(sent.content.body?.contains("Hei Kari & Co,") == true && sent.content.html?.contains("Hei Kari &amp; Co,") == true)
        }
    }

    @Test func `what can't be sent is on file as failed, with the reason`() async throws {
        try await withWorld { world in
            try await world.know("unverified", isVerified: false, days: 3)
            try await world.know("homeless", hasEmail: false, days: 3)
            try await world.know("garbled", email: "no address", days: 3)
            try await world.know("fine", days: 3)
            for (user, more, error) in [
                ("unverified", [:], "Email address not verified"), ("homeless", [:], "No email address on file"),
                ("garbled", [:], "Email address must be an e-mail address with one @"),
                ("fine", ["credential": "other"], "The organisation org_default has no smtp credential named other; set it, or leave out its name"),
                ("fine", ["expires_at": "2020-01-01T00:00:00Z"], "Expired before it was accepted (expires_at 2020-01-01T00:00:00Z)"),
            ] as [(String, JSONObject, String)] {
                let body = JSONObject(members: [.init(key: "user_id", value: .string(user))] + more.members)
                let reply = try await world.call(.post, Self.post, .object(body))
                #expect(reply.status == 201)
                #expect(reply.json["data"]?["status"] == "failed")
                #expect(reply.json["data"]?["error"]?.string == error)
                let id = reply.json["data"]?["dispatch_id"]?.string ?? ""
                let shown = try await world.call(.get, "\(Self.path)/\(id)").json["data"]
                #expect(shown?["error"]?.string == error)
                #expect(shown?["delivered_at"] == .null && shown?["subject"]?.string == "Your certification expires in 3 days")
            }
            #expect(world.provider.sent.isEmpty)
        }
    }

    @Test func `who is unknown, elsewhere, or has nothing to be reminded of`() async throws {
        try await withWorld { world in
            try await world.know("elsewhere", org: "org_other", days: 3)
            try await world.know("expired", days: -2)
            try await world.know("none")
            for user in ["nobody", "elsewhere"] { #expect(try await world.call(.post, Self.post, ["user_id": .string(user)]).status == 404) }
            for user in ["expired", "none"] {
                let reply = try await world.call(.post, Self.post, ["user_id": .string(user)])
                #expect(reply.status == 422)
                #expect(reply.errors == ["/user_id"])
            }
            for (body, pointers) in [
                ([:], ["/user_id"]), (["user_id": 7], ["/user_id"]), (["user_id": ""], ["/user_id"]),
                (["user_id": "u", "provider": "fcm", "priority": 1, "expires_at": "soon"], ["/provider", "/expires_at", "/priority"]),
            ] as [(JSON, [String])] {
                #expect(try await world.call(.post, Self.post, body).errors == pointers)
            }
            #expect(try await world.call(.post, Self.post, text: "{").status == 400)
            #expect(try await world.call(.get, Self.path).json["pagination"]?["total"]?.integer == 0)
        }
    }

    @Test func `a repeat is told what was sent, whatever the directory says by now`() async throws {
        try await withWorld { world in
            try await world.know("u", days: 30)
            let body: JSON = ["user_id": "u", "odd": 1]
            let first = try await world.call(.post, Self.post, body, headers: [.idempotencyKey: "k"])
            #expect(first.status == 202)
            #expect(first.headers[.warning]?.contains("/odd") == true)
            _ = try await world.stores.directory.deleteUser("u", scope: .all)
            let again = try await world.call(.post, Self.post, body, headers: [.idempotencyKey: "k"])
            #expect(again.json == first.json && again.status == 202)
            #expect(again.headers[.idempotencyReplayed] == "true" && again.headers[.warning] == first.headers[.warning])
            #expect(try await world.call(.get, Self.path).json["pagination"]?["total"]?.integer == 1)
            // A refusal leaves the key free.
            #expect(try await world.call(.post, Self.post, ["user_id": "u"], headers: [.idempotencyKey: "k2"]).status == 404)
            try await world.know("u", days: 30)
            #expect(try await world.call(.post, Self.post, ["user_id": "u"], headers: [.idempotencyKey: "k2"]).status == 202)
        }
    }

    @Test func `the log is narrowed by what it shows`() async throws {
        let credentials = TestCredentials(organisations: [
            Organisation(id: "org_default", name: "D"), Organisation(id: "org_below", parentID: "org_default", name: "B"),
        ])
        try await withWorld(credentials: credentials) { world in
            try await world.know("a", days: 3)
            try await world.know("b", org: "org_below", isVerified: false, days: 3)
            let a = try await remind(world, "a")
            _ = try await dispatch(world, a, "delivered")
            let b = try await remind(world, "b", status: 201)
            // Of another contract, and not in this log.
            _ = try await world.call(.post, "/api/v1/notifications", ["user_id": "a", "title": "t", "body": "b"])
            for (query, expected) in [
                ("", [b, a]), ("?org_id=org_default", [a]), ("?org_id=org_below", [b]), ("?org_id=org_else", []),
                ("?type=certification_reminder", [b, a]), ("?type=other", []), ("?status=failed", [b]), ("?status=delivered", [a]),
                ("?status=queued", []), ("?recipient_user_id=b", [b]), ("?recipient_user_id=b&status=delivered", []),
                ("?from=2020-01-01T00:00:00Z", [b, a]), ("?to=2020-01-01T00:00:00Z", []), ("?limit=1&page=2", [a]),
            ] {
                let reply = try await world.call(.get, Self.path + query)
                #expect(reply.json["data"]?.array?.compactMap { $0["dispatch_id"]?.string } == expected, Comment(rawValue: query))
            }
            #expect(try await world.call(.get, Self.path + "?status=sent&limit=0").errors == ["/limit", "/status"])
            let entries = try await world.call(.get, Self.path).json["data"]?.array ?? []
            let head = ["dispatch_id", "org_id", "type", "recipient_user_id", "status", "sent_at"]
            #expect(entries.map { keys($0) } == [head + ["error"], head])
            #expect(entries.first?["org_id"] == "org_below")
        }
    }

    @Test func `a failed dispatch is retried as the same one, others are not`() async throws {
        try await withWorld { world in
            try await world.know("u", days: 30)
            world.provider.answer("u@example.org", .rejected, reason: "550", detail: "no such user")
            let id = try await remind(world, "u")
            #expect(try await dispatch(world, id, "failed")["error"] != nil)
            // The certification's text stays, the address is the present one.
            try await world.know("u", email: "new@example.org")
            let retried = try await world.call(.put, "\(Self.path)/\(id)", ["action": "retry", "why": "x"])
            #expect(retried.status == 200)
            #expect(keys(retried.json["data"]) == ["dispatch_id", "status", "retried_at"])
            #expect(retried.json["data"]?["status"] == "queued" && retried.json["data"]?["dispatch_id"]?.string == id)
            #expect(retried.headers[.warning]?.contains("/why") == true)
            let shown = try await dispatch(world, id, "delivered")
            #expect(shown["error"] == nil && shown["subject"] == "Your certification expires in 30 days")
            #expect(world.provider.sent.map(\.delivery.target.address) == ["u@example.org", "new@example.org"])
            #expect(Set(world.provider.sent.map(\.delivery.id)).count == 1)
            #expect(world.provider.sent.map(\.delivery.attempts) == [0, 1])
            let again = try await world.call(.put, "\(Self.path)/\(id)", ["action": "retry"])
            #expect(again.status == 409)
            #expect(again.json["detail"] == "Only a dispatch that is failed can be retried; this one is delivered.")
        }
    }

    @Test func `a retry that would fail again says why, and works when that is mended`() async throws {
        try await withWorld { world in
            try await world.know("u", isVerified: false, days: 1)
            let id = try await remind(world, "u", status: 201)
            func retry() async throws -> Reply { try await world.call(.put, "\(Self.path)/\(id)", ["action": "retry"]) }
            let still = try await retry()
            #expect(still.status == 409)
            #expect(still.json["detail"] == "The dispatch can't be retried, because it would fail again: Email address not verified.")
            _ = try await world.stores.directory.deleteUser("u", scope: .all)
            #expect(try await retry().json["detail"] == "The dispatch can't be retried: its user is in the directory no more.")
            try await world.know("u", days: 1)
            #expect(try await retry().status == 200)
            _ = try await dispatch(world, id, "delivered")
            #expect(world.provider.sent.map(\.content.title) == ["Your certification expires in 1 day"])
            let named = try await remind(world, "u", status: 201, ["credential": "other"])
            #expect(
                try await world.call(.put, "\(Self.path)/\(named)", ["action": "retry"]).json["detail"]?.string?.contains("named other") == true)
            let late = try await remind(world, "u", status: 201, ["expires_at": "2020-01-01T00:00:00Z"])
            #expect(try await world.call(.put, "\(Self.path)/\(late)", ["action": "retry"]).status == 409)
        }
    }

    @Test func `PUT knows one action`() async throws {
        try await withWorld(isServing: false) { world in
            try await world.know("u", isVerified: false, days: 1)
            let id = try await remind(world, "u", status: 201)
            for body in [[:], ["action": "cancel"], ["action": 1], ["status": "failed"]] as [JSON] {
                #expect(try await world.call(.put, "\(Self.path)/\(id)", body).errors == ["/action"])
            }
        }
    }

    @Test func `what is queued can be cancelled, once`() async throws {
        try await withWorld(isServing: false) { world in
            try await world.know("u", days: 1)
            let id = try await remind(world, "u")
            let shown = try await world.call(.get, "\(Self.path)/\(id)").json["data"]
            #expect(shown?["status"] == "queued" && shown?["sent_at"] == .null && shown?["delivered_at"] == .null)
            let cancelled = try await world.call(.delete, "\(Self.path)/\(id)")
            #expect(cancelled.status == 200)
            #expect(keys(cancelled.json["data"]) == ["dispatch_id", "status", "cancelled_at"])
            #expect(cancelled.json["data"]?["status"] == "cancelled")
            let again = try await world.call(.delete, "\(Self.path)/\(id)")
            #expect(again.status == 409)
            #expect(again.json["detail"] == "Only a dispatch that is queued can be cancelled; this one is cancelled.")
            #expect(try await world.call(.put, "\(Self.path)/\(id)", ["action": "retry"]).status == 409)
            #expect(try await world.call(.get, Self.path + "?status=cancelled").json["pagination"]?["total"]?.integer == 1)
        }
    }

    @Test func `what is being sent is cancelled no more`() async throws {
        try await withWorld { world in
            try await world.know("u", days: 1)
            world.provider.hold("u@example.org")
            let id = try await remind(world, "u")
            await world.provider.untilHeld()
            let refused = try await world.call(.delete, "\(Self.path)/\(id)")
            #expect(refused.status == 409)
            #expect(refused.json["detail"] == "Only a dispatch that is queued can be cancelled; this one is being sent.")
            world.provider.release()
            _ = try await dispatch(world, id, "delivered")
            #expect(try await world.call(.delete, "\(Self.path)/\(id)").status == 409)
        }
    }

    @Test func `another contract's record, another org's and none are all not here`() async throws {
        try await withWorld(isServing: false) { world in
            let other = try await world.call(.post, "/api/v1/notifications", ["user_id": "a", "title": "t", "body": "b"]).json["id"]?.string ?? ""
            let foreign = Notification(
                id: "dsp_foreign", orgID: "org_other", contract: .adminNotifications, userID: "x", content: Content(title: "t"),
                createdAt: SystemTime().now)
            try await world.stores.queue.insert(
                [NewNotification(notification: foreign, deliveries: [])], lease: Lease(holder: "test"))
            for id in [other, "dsp_foreign", "dsp_none"] {
                #expect(try await world.call(.get, "\(Self.path)/\(id)").status == 404)
                #expect(try await world.call(.put, "\(Self.path)/\(id)", ["action": "retry"]).status == 404)
                #expect(try await world.call(.delete, "\(Self.path)/\(id)").status == 404)
            }
        }
    }
}
