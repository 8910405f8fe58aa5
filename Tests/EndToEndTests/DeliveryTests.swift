import Domain
import Foundation
import MockProviders
import Testing

/// From REST to the provider and back, over real sockets.
@Suite(.serialized) struct DeliveryTests {
    static let apnsToken = "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad"
    static let fcmToken = "dQw4w9WgXcQ:APA91b" + String(repeating: "x", count: 130)
    static let expoToken = "ExponentPushToken[end-to-end]"

    @Test(.timeLimit(.minutes(1)))
    func `a message through each provider arrives as it was sent`() async throws {
        try await withGateway { gateway, mocks, _ in
            try await gateway.register(Self.expoToken, user: "ada", platform: "ios")
            try await gateway.register(Self.apnsToken, user: "ada", platform: "ios")
            try await gateway.register(Self.fcmToken, user: "ada", platform: "android")
            let push = try await gateway.post(
                "/api/v1/notifications",
                ["user_id": "ada", "title": "Zeit zu laufen!", "body": "Drei Tage ohne.", "data": ["screen": "log", "n": 3]])
            #expect(push.status == 201)
            #expect(push.json["device_tokens_targeted"]?.integer == 3)
            #expect(push.json["delivered_count"]?.integer == 3)
            #expect(push.json["status"]?.string == "sent")

            let mail = try await gateway.post(
                "/api/v1/deliveries", ["to": ["email": "ada@example.org"], "title": "Deine Woche ✓", "body": "12 km", "html": "<p>12 km</p>"])
            #expect(mail.status == 201)
            let mailID = try #require(mail.json["deliveries"]?[0]?["id"]?.string)
            #expect(try await gateway.delivery(mailID, in: ["delivered"])["provider"]?.string == "smtp")

            let apns = try #require(mocks.messages(MessageFilter(provider: .apns)).first)
            #expect(apns.target == Self.apnsToken)
            #expect(apns.header("apns-topic") == "com.example.app" && apns.header("apns-push-type") == "alert")
            let alert = try JSON(parsing: apns.payload)
            #expect(alert["aps"]?["alert"]?["title"]?.string == "Zeit zu laufen!")
            #expect(alert["aps"]?["alert"]?["body"]?.string == "Drei Tage ohne.")
            #expect(alert["screen"]?.string == "log")

            let fcm = try #require(mocks.messages(MessageFilter(provider: .fcm)).first)
            let message = try #require(try JSON(parsing: fcm.payload)["message"])
            #expect(message["token"]?.string == Self.fcmToken)
            #expect(message["notification"]?["title"]?.string == "Zeit zu laufen!")
            // FCM takes strings only.
            #expect(message["data"]?["n"]?.string == "3")

            let expo = try #require(mocks.messages(MessageFilter(provider: .expo)).first)
            #expect(expo.target == Self.expoToken)
            #expect(try JSON(parsing: expo.payload)["body"]?.string == "Drei Tage ohne.")

            let received = try #require(mocks.messages(MessageFilter(provider: .smtp)).first)
            let text = String(decoding: received.payload, as: UTF8.self)
            #expect(received.target == "ada@example.org" && !received.hasBareLineEnds)
            #expect(text.contains("From: Demo <no-reply@example.org>\r\n") && text.contains("Auto-Submitted: auto-generated\r\n"))
            #expect(text.contains("multipart/alternative"))

            // Expo's word is final only with its receipt.
            let log = try await poll(within: .seconds(10)) {
                let list = try await gateway.get("/api/v1/deliveries")
                let states = (list.json["data"]?.array ?? []).compactMap { $0["state"]?.string }
                return states.count == 4 && states.allSatisfy { $0 == "delivered" } ? .found(list.json) : .notYet(list.json.text)
            }
            // The log is for people who have no business knowing whom it is about.
            #expect(!log.text.contains(Self.apnsToken) && !log.text.contains("ada@example.org"))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a device that is gone fails its message and loses its token, one that merely has a bad moment keeps it`() async throws {
        try await withGateway { gateway, mocks, _ in
            try await gateway.register(Self.apnsToken, user: "ada", platform: "ios")
            mocks.script(Script(provider: .apns, times: 1, answer: ScriptedAnswer(reason: "TooManyRequests", retryAfter: "1")))
            let patient = try await gateway.post("/api/v1/notifications", ["user_id": "ada", "title": "t", "body": "b"])
            #expect(patient.json["delivered_count"]?.integer == 1)
            mocks.removeScripts()

            mocks.script(Script(provider: .apns, answer: ScriptedAnswer(reason: "Unregistered")))
            let answer = try await gateway.post("/api/v1/notifications", ["user_id": "ada", "title": "t", "body": "b"])
            #expect(answer.status == 201)
            #expect(answer.json["status"]?.string == "failed" && answer.json["failed_count"]?.integer == 1)
            let tokens = try await gateway.get("/api/v1/notifications/device-tokens?user_id=ada")
            #expect(tokens.json["tokens"]?.array == [])
            let list = try await gateway.get("/api/v1/deliveries?state=failed")
            #expect(list.json["data"]?.array?.count == 1)
            #expect(list.json["data"]?[0]?["reason"]?.string == "Unregistered")

            let next = try await gateway.post("/api/v1/notifications", ["user_id": "ada", "title": "t", "body": "b"])
            #expect(next.json["device_tokens_targeted"]?.integer == 0)
            #expect(next.json["status"]?.string == "failed" && next.json["error"]?.string != nil)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a refused credential holds its own lane only, and a mended file lets it go on`() async throws {
        try await withMockProviders { mocks in
            try await withSite { site in
                try site.configure(for: mocks, dispatch: "sync_wait: 2s")
                try site.declareDemo(for: mocks, smtpPassword: "wrong")
                let gateway = try await GatewayUnderTest.start(site)
                let mail = try await gateway.post("/api/v1/deliveries", ["to": ["email": "ada@example.org"], "title": "t", "body": "b"])
                #expect(mail.status == 202)
                let id = try #require(mail.json["deliveries"]?[0]?["id"]?.string)
                let held = try await poll(within: .seconds(10)) {
                    let story = try await gateway.get("/api/v1/deliveries/\(id)").json
                    return story["lane"]?["state"]?.string == "credential_refused" ? .found(story) : .notYet(story.text)
                }
                #expect(held["state"]?.string == "queued")
                #expect(mocks.count(MessageFilter(provider: .smtp)) == 0)

                try await gateway.register(Self.expoToken, user: "ada", platform: "ios")
                let push = try await gateway.post("/api/v1/notifications", ["user_id": "ada", "title": "t", "body": "b"])
                #expect(push.json["status"]?.string == "sent")

                try site.declareDemo(for: mocks)
                let story = try await gateway.delivery(id, in: ["delivered"])
                #expect(story["state"]?.string == "delivered")
                try await gateway.stop()
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a provider that never answers costs its own attempt until the deadline, and other lanes nothing`() async throws {
        try await withGateway(dispatch: "attempt_timeout: 2s, sync_wait: 1s") { gateway, mocks, _ in
            mocks.script(Script(provider: .apns, answer: ScriptedAnswer(fault: .never)))
            try await gateway.register(Self.apnsToken, user: "silent", platform: "ios")
            try await gateway.register(Self.expoToken, user: "ada", platform: "ios")
            let silent = try await gateway.post(
                "/api/v1/deliveries", ["to": ["user_id": "silent"], "title": "t", "body": "b"], headers: ["prefer": "respond-async"])
            #expect(silent.status == 202)
            try await mocks.waitForMessages(MessageFilter(provider: .apns))

            let start = ContinuousClock.now
            let other = try await gateway.post("/api/v1/notifications", ["user_id": "ada", "title": "t", "body": "b"])
            #expect(other.json["status"]?.string == "sent")
            #expect(ContinuousClock.now - start < .seconds(1))

            let id = try await poll(within: .seconds(5)) {
                let list = try await gateway.get("/api/v1/deliveries?provider=apns")
                return list.json["data"]?[0]?["id"]?.string.map { .found($0) } ?? .notYet(list.json.text)
            }
            let attempt = try await poll(within: .seconds(10)) {
                let story = try await gateway.get("/api/v1/deliveries/\(id)").json
                let attempt = story["timeline"]?.array?.first { $0["event"]?.string == "attempt" }
                return attempt.map { .found($0) } ?? .notYet(story.text)
            }
            let took = try #require(attempt["duration_ms"]?.integer)
            #expect((1_900...4_000).contains(took))
            #expect(attempt["reason"]?.string == "timeout")
        }
    }
}
