import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// Every kind of 4xx, in one table: what is sent, what is answered, what is pointed at.
struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var method: HTTPRequest.Method = .post
        var path: String
        var body: String?
        var headers: HTTPFields = [:]
        var status: Int
        var pointers: [String] = []
        var header: (HTTPField.Name, String)?

        var testDescription: String { name }
    }

    private static let b = "/api/v1/notifications"
    private static let e = "/api/v1/push-notifications"
    private static let good = #""user_id": "u", "title": "t", "body": "b""#

    private static let letter = #""type": "t", "title": "t", "body": "b""#

    private static func many(_ element: String, _ count: Int) -> String { Array(repeating: element, count: count).joined(separator: ",") }

    static let cases: [Case] = [
        Case(name: "an unknown path", method: .get, path: "/api/v2/notifications", status: 404),
        Case(name: "the root", method: .get, path: "/", status: 404),
        Case(name: "an unknown notification", method: .get, path: b + "/notif_x", status: 404),
        Case(name: "an unknown notification of the other path", method: .put, path: e + "/notif-x", body: #"{"status": "opened"}"#, status: 404),
        Case(name: "an unknown notification to delete", method: .delete, path: e + "/notif-x", status: 404),
        Case(name: "an unknown token to invalidate", method: .delete, path: b + "/device-tokens/nope", status: 404),
        Case(name: "an unknown token to remove", method: .delete, path: e + "/device-tokens/nope", status: 404),
        Case(name: "a path that is not UTF-8", method: .delete, path: e + "/device-tokens/%ff", status: 400),
        Case(name: "an id that is none", method: .get, path: "/api/v1/deliveries/dlv_1", status: 404),
        Case(name: "a delivery nobody knows", path: "/api/v1/deliveries/dlv_0000000000000000000001/retry", status: 404),
        Case(name: "a method that the path doesn't know", method: .delete, path: b, status: 405, header: (.allow, "POST, GET, HEAD")),
        Case(
            name: "a method for one record", method: .post, path: e + "/notif-1", body: "{}", status: 405, header: (.allow, "GET, HEAD, PUT, DELETE")),
        Case(name: "a fixed word wins over an id", method: .get, path: b + "/batch", status: 405, header: (.allow, "POST")),
        Case(name: "PATCH", method: .patch, path: b + "/notif_1", body: "{}", status: 405, header: (.allow, "GET, HEAD, PUT, DELETE")),
        Case(name: "a form", path: b, body: "user_id=u", headers: [.contentType: "application/x-www-form-urlencoded"], status: 415),
        Case(name: "JSON in another charset", path: b, body: "{}", headers: [.contentType: "application/json; charset=latin1"], status: 415),
        Case(name: "an empty body", path: b, body: "", status: 400),
        Case(name: "half a body", path: b, body: #"{"user_id": "#, status: 400),
        Case(name: "a body with something behind it", path: b, body: "{} x", status: 400),
        Case(name: "an array for a body", path: b, body: "[]", status: 400),
        Case(name: "a lone surrogate", path: b, body: #"{"user_id": "\ud800"}"#, status: 400),
        Case(name: "a body nested too deep", path: b, body: String(repeating: "[", count: 200), status: 400),
        Case(name: "a body that is too long", path: b, body: #"{"x": ""# + String(repeating: "a", count: 1_048_576) + #""}"#, status: 413),
        Case(name: "neither user nor recipients", path: b, body: "{}", status: 422, pointers: ["/recipient_ids", "/user_id", "/title", "/body"]),
        Case(
            name: "user and recipients", path: b, body: #"{\#(good), "recipient_ids": ["r"]}"#, status: 422, pointers: ["/user_id", "/recipient_ids"]),
        Case(
            name: "recipients with nothing to say to them", path: b, body: #"{"recipient_ids": ["r"]}"#, status: 422,
            pointers: ["/type", "/title", "/body"]),
        Case(
            name: "recipients that are none", path: b, body: #"{"recipient_ids": ["r", 5, ""], \#(letter)}"#, status: 422,
            pointers: ["/recipient_ids/1", "/recipient_ids/2"]),
        Case(name: "no recipients at all", path: b, body: #"{"recipient_ids": [], \#(letter)}"#, status: 422, pointers: ["/recipient_ids"]),
        Case(
            name: "recipients in no list", path: b, body: #"{"recipient_ids": "r", \#(letter)}"#, status: 422, pointers: ["/recipient_ids"]),
        Case(
            name: "10,001 recipients", path: b, body: #"{"recipient_ids": [\#(many("\"r\"", 10_001))], \#(letter)}"#, status: 422,
            pointers: ["/recipient_ids"]),
        Case(
            name: "a letter of wrong types", path: b,
            body:
                #"{"recipient_ids": ["r"], "type": 1, "title": [], "body": {}, "payload": "x", "provider": "in_app", "expires_at": 3, "priority": "low"}"#,
            status: 422, pointers: ["/type", "/title", "/body", "/payload", "/provider", "/expires_at", "/priority"]),
        Case(
            name: "a control character in a payload", path: b, body: #"{"recipient_ids": ["r"], \#(letter), "payload": {"a": ["\u0007"]}}"#,
            status: 422,
            pointers: ["/payload/a/0"]),
        Case(name: "a push to nobody", path: b + "/push", body: "{}", status: 422, pointers: ["/recipient_ids", "/title", "/body"]),
        Case(
            name: "a push to none that is one", path: b + "/push", body: #"{"recipient_ids": [1, null], "title": "t", "body": "b"}"#, status: 422,
            pointers: ["/recipient_ids/0", "/recipient_ids/1"]),
        Case(
            name: "a push through the inbox", path: b + "/push", body: #"{"recipient_ids": ["r"], "title": "t", "body": "b", "provider": "in_app"}"#,
            status: 422, pointers: ["/provider"]),
        Case(name: "in-app with nothing in it", path: b + "/in-app", body: #"{"recipient_ids": ["r"]}"#, status: 422, pointers: ["/payload"]),
        Case(
            name: "in-app with odd members in it", path: b + "/in-app",
            body: #"{"recipient_ids": ["r"], "payload": {"type": 1, "title": 2, "body": [], "x": "\u0000"}, "provider": "apns"}"#, status: 422,
            pointers: ["/payload/x", "/payload/type", "/payload/title", "/payload/body", "/provider"]),
        Case(name: "push is a word and no id", method: .get, path: b + "/push", status: 405, header: (.allow, "POST")),
        Case(name: "in-app is a word and no id", method: .delete, path: b + "/in-app", status: 405, header: (.allow, "POST")),
        Case(
            name: "device-tokens is a word and no id", method: .put, path: b + "/device-tokens", body: "{}", status: 405,
            header: (.allow, "GET, HEAD")),
        Case(
            name: "a mentor's coordinators are only read", path: "/api/v1/mentors/m/coordinators", body: "{}", status: 405,
            header: (.allow, "GET, HEAD")),
        Case(name: "coordinators of an unknown mentor", method: .get, path: "/api/v1/mentors/m/coordinators", status: 404),
        Case(name: "a read state that is none", method: .get, path: b + "?read=yes", status: 422, pointers: ["/read"]),
        Case(name: "an empty recipient", method: .get, path: b + "?recipient_id=&type=", status: 422, pointers: ["/recipient_id", "/type"]),
        Case(
            name: "wrong types", path: b,
            body:
                #"{"user_id": 1, "title": [], "body": {}, "data": "x", "prompt_id": 1, "scenario_id": true, "provider": 1, "credential": 2, "expires_at": 3, "collapse_id": 4, "priority": 5}"#,
            status: 422,
            pointers: [
                "/user_id", "/title", "/body", "/data", "/scenario_id", "/prompt_id", "/provider", "/credential", "/expires_at", "/collapse_id",
                "/priority",
            ]),
        Case(
            name: "a control character", path: e, body: #"{"user_id": "u\u0000", "title": "t\u0007", "body": "b\r"}"#, status: 422,
            pointers: ["/user_id", "/title", "/body"]),
        Case(name: "a control character in data", path: e, body: #"{\#(good), "data": {"a": "\u0000"}}"#, status: 422, pointers: ["/data/a"]),
        Case(
            name: "a title and a body that are too long", path: e,
            body: #"{"user_id": "u", "title": "\#(String(repeating: "t", count: 1_025))", "body": "\#(String(repeating: "b", count: 16_385))"}"#,
            status: 422, pointers: ["/title", "/body"]),
        Case(name: "a provider that is not for push", path: b, body: #"{\#(good), "provider": "smtp"}"#, status: 422, pointers: ["/provider"]),
        Case(
            name: "a collapse id that is too long", path: b, body: #"{\#(good), "collapse_id": "\#(String(repeating: "ü", count: 33))"}"#,
            status: 422,
            pointers: ["/collapse_id"]),
        Case(
            name: "empty options", path: b, body: #"{\#(good), "collapse_id": "", "credential": ""}"#, status: 422,
            pointers: ["/credential", "/collapse_id"]),
        Case(name: "a batch without targets", path: b + "/batch", body: "{}", status: 422, pointers: ["/targets"]),
        Case(name: "an empty batch", path: b + "/batch", body: #"{"targets": []}"#, status: 422, pointers: ["/targets"]),
        Case(
            name: "a batch of 1,001", path: b + "/batch",
            body: #"{"targets": [\#(Array(repeating: "{\(good)}", count: 1_001).joined(separator: ","))]}"#, status: 422, pointers: ["/targets"]),
        Case(
            name: "a batch in which nothing can be sent", path: b + "/batch", body: #"{"targets": [5, {"user_id": "u", "body": "b"}]}"#, status: 422,
            pointers: ["/targets/0", "/targets/1/title"]),
        Case(name: "a batch without payload", path: e + "/batch", body: #"{"user_ids": ["u"]}"#, status: 422, pointers: ["/payload"]),
        Case(
            name: "a payload that says nothing", path: e + "/batch", body: #"{"user_ids": "u", "payload": {}}"#, status: 422,
            pointers: ["/user_ids", "/payload/title", "/payload/body"]),
        Case(
            name: "only users that are none", path: e + "/batch", body: #"{"user_ids": [1, ""], "payload": {"title": "t", "body": "b"}}"#,
            status: 422,
            pointers: ["/user_ids/0", "/user_ids/1"]),
        Case(
            name: "a batch of 10,001 users", path: e + "/batch",
            body: #"{"user_ids": [\#(Array(repeating: "\"u\"", count: 10_001).joined(separator: ","))], "payload": {"title": "t", "body": "b"}}"#,
            status: 422, pointers: ["/user_ids"]),
        Case(name: "a registration of nothing", path: e + "/device-tokens", body: "{}", status: 422, pointers: ["/user_id", "/token", "/platform"]),
        Case(
            name: "a registration with odd words", path: e + "/device-tokens",
            body: #"{"user_id": "u", "token": "t\n", "platform": "fridge", "provider": "smtp"}"#, status: 422,
            pointers: ["/token", "/platform", "/provider"]),
        Case(name: "tokens of nobody", method: .get, path: b + "/device-tokens", status: 422, pointers: ["/user_id"]),
        Case(name: "a page before the first", method: .get, path: b + "?page=0", status: 422, pointers: ["/page"]),
        Case(name: "a limit out of range", method: .get, path: e + "?limit=101&page=x", status: 422, pointers: ["/page", "/limit"]),
        Case(name: "a status that the contract doesn't know", method: .get, path: b + "?status=delivered", status: 422, pointers: ["/status"]),
        Case(name: "a status of the other contract", method: .get, path: e + "?status=sent", status: 422, pointers: ["/status"]),
        Case(name: "a contract that is none", method: .get, path: b + "?contract=push-service", status: 422, pointers: ["/contract"]),
        Case(
            name: "times that are none", method: .get, path: e + "?from=yesterday&to=2026-02-30T00:00:00Z", status: 422, pointers: ["/from", "/to"]),
        Case(
            name: "filters of the delivery log", method: .get, path: "/api/v1/deliveries?provider=pigeon&state=lost&limit=0", status: 422,
            pointers: ["/limit", "/provider", "/state"]),
        Case(name: "a direct dispatch to nobody", path: "/api/v1/deliveries", body: #"{"title": "t"}"#, status: 422, pointers: ["/to"]),
        Case(
            name: "an idempotency key with a space", path: b, body: "{\(good)}", headers: [.idempotencyKey: "a b"], status: 422,
            pointers: ["/Idempotency-Key"]),
        Case(
            name: "an idempotency key that is too long", path: b, body: "{\(good)}", headers: [.idempotencyKey: String(repeating: "k", count: 256)],
            status: 422, pointers: ["/Idempotency-Key"]),
        Case(
            name: "a credential that was never issued", method: .get, path: b, headers: [.authorization: "Bearer x"], status: 401,
            header: (
                .wwwAuthenticate,
                #"Bearer realm="hermod", error="invalid_token", error_description="This gateway checks no JWTs; send an API key (hk_...).""#
            )),
    ]

    @Test func `every refusal is a problem that names its fault`() async throws {
        try await withWorld(.live, isServing: false) { world in
            for refusal in Self.cases {
                let reply = try await world.call(refusal.method, refusal.path, text: refusal.body, headers: refusal.headers)
                let name = Comment(rawValue: refusal.name)
                #expect(reply.status == refusal.status, name)
                #expect(reply.headers[.contentType] == "application/problem+json", name)
                #expect(reply.json.object?.members.prefix(5).map(\.key) == ["type", "title", "status", "detail", "instance"], name)
                #expect(reply.json["status"]?.integer == Int64(refusal.status), name)
                #expect(reply.json["instance"]?.string == refusal.path.split(separator: "?").first.map(String.init), name)
                #expect(reply.errors == refusal.pointers, name)
                if let (field, value) = refusal.header { #expect(reply.headers[field] == value, name) }
            }
            let stored = try await world.stores.notifications.list(NotificationFilter(), page: Page(), scope: .all)
            #expect(stored.total == 0)
        }
    }

    @Test func `what is no JSON is told to the byte`() async throws {
        try await withWorld(isServing: false) { world in
            let reply = try await world.call(.post, Self.b, text: #"{"user_id": tru}"#)
            #expect(reply.json["detail"]?.string == "The body is not JSON: unexpected word at byte 12.")
        }
    }

    @Test func `a closed gateway asks for a credential`() async throws {
        try await withWorld(isOpen: false, isServing: false) { world in
            let reply = try await world.call(.get, Self.b)
            #expect(reply.status == 401)
            #expect(reply.headers[.wwwAuthenticate] != nil)
            #expect(try await world.call(.get, "/healthz").status == 200)
        }
    }
}
