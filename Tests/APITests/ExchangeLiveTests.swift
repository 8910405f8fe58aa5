import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// What every exchange has in common.
struct ExchangeLiveTests {
    private static let message: JSON = ["user_id": "u", "title": "t", "body": "b"]

    @Test func `a request id is repeated when it is fit to be, else made`() async throws {
        try await withWorld(isServing: false) { world in
            let given = try await world.call(.get, "/healthz", headers: [.requestID: "abc-123"])
            #expect(given.headers[.requestID] == "abc-123")
            for unfit in ["a b", String(repeating: "x", count: 129), "ü"] {
                let made = try await world.call(.get, "/healthz", headers: [.requestID: unfit])
                #expect(made.headers[.requestID]?.hasPrefix("req_") == true)
            }
            let missed = try await world.call(.get, "/nowhere")
            #expect(missed.headers[.requestID]?.hasPrefix("req_") == true)
            #expect(missed.headers[.xContentTypeOptions] == "nosniff")
        }
    }

    @Test func `the log knows the route and never the token`() async throws {
        try await withWorld { world in
            try await world.register("secret-token-0123456789", of: "u")
            _ = try await world.call(.delete, "/api/v1/notifications/device-tokens/secret-token-0123456789")
            _ = try await world.call(.delete, "/api/v1/push-notifications/device-tokens/secret-token-0123456789?x=secret-token-0123456789")
            _ = try await world.call(.get, "/api/v1/secret-token-0123456789")
            let lines = world.log.all.filter { $0.contains("request") }
            #expect(lines.contains { $0.contains("/api/v1/notifications/device-tokens/{token}") && $0.contains("200") })
            #expect(!world.log.all.contains { $0.contains("secret-token") })
        }
    }

    @Test func `unknown members and parameters are named and ignored`() async throws {
        try await withWorld { world in
            var body = try #require(Self.message.object)
            body["colour"] = "red"
            let sent = try await world.call(.post, "/api/v1/notifications", .object(body))
            #expect(sent.status == 201)
            #expect(sent.headers[.warning] == #"299 - "unknown and ignored: /colour""#)
            let batch = try await world.call(
                .post, "/api/v1/push-notifications/batch", ["user_ids": ["u"], "payload": ["title": "t", "body": "b", "sound": "x"], "later": true])
            #expect(batch.headers[.warning] == #"299 - "unknown and ignored: /later, /payload/sound""#)
            let list = try await world.call(.get, "/api/v1/notifications?statuss=failed")
            #expect(list.headers[.warning] == #"299 - "unknown and ignored: ?statuss""#)
        }
    }

    @Test func `HEAD answers as GET does, without a body`() async throws {
        try await withWorld(.live, isServing: false) { world in
            let reply = try await world.call(.head, "/healthz")
            #expect(reply.status == 200)
            #expect(reply.json == .null)
            #expect(reply.headers[.contentLength] == "15")
        }
    }

    @Test func `a gateway that does not serve says what is missing`() async throws {
        try await withWorld(configurationFaults: ["demo.yaml:7: credentials[0]: no such file"], isServing: false) { world in
            let notReady = try await world.call(.get, "/readyz")
            #expect(notReady.status == 503)
            #expect(notReady.headers[.retryAfter] == "1")
            #expect(notReady.json["checks"]?["engine"]?.string == "not serving lanes")
            #expect(notReady.json["checks"]?["storage"]?.string == "ok")
            await world.database.close()
            let closed = try await world.call(.get, "/readyz")
            #expect(closed.json["checks"]?["storage"]?.string == "does not answer")
        }
    }

    @Test func `a fault in an org's file is told and takes nobody out of service`() async throws {
        try await withWorld(configurationFaults: ["demo.yaml:7: credentials[0]: no such file"]) { world in
            let ready = try await world.call(.get, "/readyz")
            #expect(ready.status == 200)
            #expect(ready.json["status"]?.string == "ready")
            #expect(ready.json["checks"]?["organisations"]?[0]?.string == "demo.yaml:7: credentials[0]: no such file")
        }
    }

    @Test func `a database that is gone is a 5xx without details`() async throws {
        try await withWorld(isServing: false) { world in
            await world.database.close()
            let reply = try await world.call(.get, "/api/v1/notifications")
            #expect(reply.status >= 500)
            #expect(reply.headers[.contentType] == "application/problem+json")
            #expect(reply.json["detail"]?.string?.contains("sqlite") == false)
        }
    }

    @Test(
        arguments: [
            (StorageError.diskFull("no space left on /srv"), "30"), (.locked("/srv/hermod.sqlite"), "2"), (.overloaded, "1"),
        ] as [(StorageError, String)])
    func `a database that can't take a message says so, and keeps nothing of it`(error: StorageError, retryAfter: String) async throws {
        try await withWorld { world in
            world.database.refuseWrites(with: error)
            for (path, body) in [
                ("/api/v1/notifications", Self.message), ("/api/v1/push-notifications/batch", ["user_ids": ["u"], "payload": Self.message]),
            ] as [(String, JSON)] {
                let refused = try await world.call(.post, path, body)
                #expect(refused.status == 503)
                #expect(refused.headers[.retryAfter] == retryAfter)
                #expect(!refused.json.text.contains("/srv"))
            }
            world.database.refuseWrites(with: nil)
            let stored = try await world.stores.notifications.list(NotificationFilter(), page: Page(), scope: .all)
            #expect(stored.total == 0)
            let accepted = try await world.call(.post, "/api/v1/notifications", Self.message)
            #expect(accepted.status == 201)
        }
    }
}
