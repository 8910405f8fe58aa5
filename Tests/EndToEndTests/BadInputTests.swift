import Domain
import Foundation
import MockProviders
import Testing

/// Bad input of every kind: a 4xx problem+json that names the fault, and nothing kept.
@Suite struct BadInputTests {
    private struct Case: Sendable {
        var method: String
        var path: String
        var body: [UInt8]?
        var headers = ["content-type": "application/json"]
        var status: Int
        /// Stands in the answer.
        var names: String

        init(_ method: String, _ path: String, _ body: String?, headers: [String: String] = [:], _ status: Int, _ names: String) {
            self.method = method
            self.path = path
            self.body = body.map { Array($0.utf8) }
            self.headers.merge(headers) { $1 }
            self.status = status
            self.names = names
        }
    }

    private static let mail = #"{"to": {"email": "a@example.org"}, "title": "t", "body": "b"}"#

    private static let cases: [Case] = [
        Case("POST", "/api/v1/deliveries", "{", 400, "JSON"),
        Case("POST", "/api/v1/deliveries", "", 400, "body"),
        Case("POST", "/api/v1/deliveries", "[1]", 400, "object"),
        Case("POST", "/api/v1/deliveries", String(repeating: "[", count: 5_000), 400, "nest"),
        Case("POST", "/api/v1/deliveries", "{}", 422, "/to"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"email": "a@example.org", "user_id": "u"}, "title": "t", "body": "b"}"#, 422, "exactly one"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"email": "nobody"}, "title": "t", "body": "b"}"#, 422, "/to/email"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"email": "a@example.org\r\nBcc: b@example.org"}, "title": "t", "body": "b"}"#, 422, "/to/email"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"email": "a@example.org"}, "title": "t\nBcc: b", "body": "b"}"#, 422, "/title"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"email": "a@example.org"}, "title": 5, "body": "b"}"#, 422, "/title"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"token": "x", "platform": "windows"}, "title": "t"}"#, 422, "/to/platform"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"user_id": "u"}, "title": "t", "expires_at": "tomorrow"}"#, 422, "/expires_at"),
        Case("POST", "/api/v1/deliveries", #"{"to": {"user_id": "u"}, "title": "t", "data": []}"#, 422, "/data"),
        Case("POST", "/api/v1/deliveries", mail, headers: ["content-type": "text/plain"], 415, "application/json"),
        Case("POST", "/api/v1/deliveries", String(repeating: "x", count: 1_100_000), 413, "1048576"),
        Case("POST", "/api/v1/notifications", #"{"user_id": "u", "recipient_ids": ["u"], "title": "t", "body": "b"}"#, 422, "recipient_ids"),
        Case("POST", "/api/v1/notifications", #"{"user_id": "u", "body": "b"}"#, 422, "/title"),
        Case("POST", "/api/v1/notifications/batch", #"{"targets": []}"#, 422, "/targets"),
        Case("POST", "/api/v1/push-notifications/batch", #"{"user_ids": "u", "payload": {}}"#, 422, "/user_ids"),
        Case("POST", "/api/v1/push-notifications/device-tokens", #"{"user_id": "u", "token": "t", "platform": "amiga"}"#, 422, "/platform"),
        Case("GET", "/api/v1/notifications?page=0", nil, 422, "page"),
        Case("GET", "/api/v1/notifications?limit=101", nil, 422, "limit"),
        Case("GET", "/api/v1/deliveries?state=lost", nil, 422, "state"),
        Case("GET", "/api/v1/notifications/notif_doesnotexist", nil, 404, "notification"),
        Case("GET", "/api/v1/nothing", nil, 404, "nothing"),
        Case("DELETE", "/api/v1/deliveries", nil, 405, "answers to POST, GET"),
        Case("GET", "/api/v1/notifications", nil, headers: ["authorization": "Bearer nonsense"], 401, "credential"),
    ]

    @Test(.timeLimit(.minutes(1)))
    func `each kind is refused with a problem that names the fault, and nothing of it is kept`() async throws {
        try await withGateway { gateway, mocks, _ in
            for wrong in Self.cases {
                let answer = try await gateway.send(wrong.method, wrong.path, body: wrong.body, headers: wrong.headers)
                let what =
                    "\(wrong.method) \(wrong.path) \(String(decoding: (wrong.body ?? []).prefix(120), as: UTF8.self)): \(answer.status) \(answer.json.text)"
                #expect(answer.status == wrong.status, "\(what)")
                #expect(answer.headers["content-type"] == "application/problem+json", "\(what)")
                #expect(answer.json["status"]?.integer == Int64(wrong.status), "\(what)")
                #expect(answer.json.text.contains(wrong.names), "\(what)")
                if wrong.status == 405 { #expect(answer.headers["allow"] != nil, "\(what)") }
            }
            #expect(try await gateway.get("/api/v1/deliveries").json["data"]?.array == [])
            #expect(try await gateway.get("/api/v1/notifications").json["data"]?.array == [])
            #expect(mocks.count(MessageFilter(accepted: nil)) == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the same key with another body is refused, with the same body it answers as before`() async throws {
        try await withGateway { gateway, mocks, _ in
            let body = Array(Self.mail.utf8)
            let headers = ["content-type": "application/json", "idempotency-key": "one"]
            let first = try await gateway.send("POST", "/api/v1/deliveries", body: body, headers: headers)
            let again = try await gateway.send("POST", "/api/v1/deliveries", body: body, headers: headers)
            #expect(first.status == 201 && again.status == 201)
            #expect(first.json["id"]?.string == again.json["id"]?.string)
            #expect(again.headers["idempotency-replayed"] == "true")
            let other = try await gateway.send(
                "POST", "/api/v1/deliveries", body: Array(#"{"to": {"email": "b@example.org"}, "title": "t", "body": "b"}"#.utf8), headers: headers)
            #expect(other.status == 422)
            #expect(mocks.count(MessageFilter(provider: .smtp)) == 1)
        }
    }
}
