import Foundation
import Testing

@testable import MockProviders

@Suite("FCM") struct FCMTests {
    static func grant(_ mocks: MockProviders, _ assertion: String, type: String = TokenEndpoint.grantType) async throws -> Curl.Answer {
        try await Curl.run(
            ca: mocks.caFile,
            [
                "--data-urlencode", "grant_type=\(type)", "--data-urlencode", "assertion=\(assertion)",
                try ClientCredentials(of: mocks).value("token_uri", in: "service-account.json"),
            ])
    }

    static func accessToken(_ mocks: MockProviders) async throws -> String {
        let answer = try await grant(mocks, ClientCredentials(of: mocks).assertion())
        return try #require(answer.json["access_token"] as? String)
    }

    static func send(
        _ mocks: MockProviders, _ body: String, token: String?, project: String = "mock-project", extra: [String] = []
    ) async throws -> Curl.Answer {
        let authorization = token.map { ["-H", "authorization: Bearer \($0)"] } ?? []
        return try await Curl.run(
            ca: mocks.caFile,
            (extra.contains { $0.hasPrefix("content-type:") } ? ["--data-binary", body] : ["--json", body]) + authorization + extra
                + ["https://localhost:\(mocks.tlsPort)/v1/projects/\(project)/messages:send"])
    }

    static func message(to token: String = Device.fcm, _ more: String = "") -> String {
        #"{"message":{"token":"\#(token)","notification":{"title":"Hello","body":"World"}\#(more)}}"#
    }

    private static func detail(_ answer: Curl.Answer, _ type: String) -> [String: Any]? {
        let error = answer.json["error"] as? [String: Any]
        return (error?["details"] as? [[String: Any]])?.first { ($0["@type"] as? String)?.hasSuffix(type) ?? false }
    }

    @Test func `a signed assertion earns an access token, and each one is counted`() async throws {
        try await withMockProviders { mocks in
            let credentials = try ClientCredentials(of: mocks)
            for audience in [nil, TokenEndpoint.googleAudience] as [String?] {
                let answer = try await Self.grant(mocks, try credentials.assertion(audience.map { ["aud": $0] } ?? [:]))
                #expect(answer.status == 200)
                #expect(answer.json["token_type"] as? String == "Bearer" && answer.json["expires_in"] as? Int == 3599)
            }
            #expect(mocks.statistics.grants == 2)
        }
    }

    @Test func `an assertion is checked for signature, account, audience, scope and time`() async throws {
        try await withMockProviders { mocks in
            let credentials = try ClientCredentials(of: mocks)
            let good = try credentials.assertion()
            let cases: [(String, String)] = [
                (String(good.dropLast(8)) + "AAAAAAAA", "invalid_grant"),
                ("nonsense", "invalid_grant"),
                (try credentials.assertion(["iss": "other@mock-project.iam.gserviceaccount.com"]), "invalid_grant"),
                (try credentials.assertion(["aud": "https://example.org/token"]), "invalid_grant"),
                (try credentials.assertion(["scope": "https://www.googleapis.com/auth/drive"]), "invalid_scope"),
                (try credentials.assertion(issuedAt: Date(timeIntervalSinceNow: -7200)), "invalid_grant"),
                (try credentials.assertion(issuedAt: Date(timeIntervalSinceNow: 900)), "invalid_grant"),
                (try credentials.assertion(lifetime: 7200), "invalid_grant"),
            ]
            for (assertion, error) in cases {
                let answer = try await Self.grant(mocks, assertion)
                #expect(answer.status == 400 && answer.json["error"] as? String == error)
            }
            let type = try await Self.grant(mocks, good, type: "password")
            #expect(type.json["error"] as? String == "unsupported_grant_type")
            #expect(mocks.statistics.grants == 0)
        }
    }

    @Test func `a message is accepted under the project's name for it`() async throws {
        try await withMockProviders { mocks in
            let more =
                #","data":{"id":"n-1"},"android":{"ttl":"3.5s","priority":"HIGH","notification":{"channelId":"c"}},"apns":{"headers":{"apns-priority":"10"},"payload":{"aps":{"badge":1}}}"#
            let answer = try await Self.send(mocks, Self.message(to: Device.fcm, more), token: Self.accessToken(mocks))
            #expect(answer.status == 200)
            #expect((answer.json["name"] as? String)?.hasPrefix("projects/mock-project/messages/") == true)
            let message = try #require(try await mocks.waitForMessages(MessageFilter(provider: .fcm)).first)
            #expect(message.target == Device.fcm && message.identity == "n-1" && message.id == answer.json["name"] as? String)
            #expect(message.header("authorization") == nil)
        }
    }

    @Test func `a dry run is validated and not sent`() async throws {
        try await withMockProviders { mocks in
            let body = #"{"validate_only":true,"message":{"token":"\#(Device.fcm)"}}"#
            let answer = try await Self.send(mocks, body, token: Self.accessToken(mocks))
            #expect(answer.status == 200)
            #expect(mocks.messages(MessageFilter(accepted: nil)).isEmpty)
        }
    }

    @Test func `without a valid access token the answer is 401, in another's project 403`() async throws {
        try await withMockProviders { mocks in
            let token = try await Self.accessToken(mocks)
            let missing = try await Self.send(mocks, Self.message(), token: nil)
            #expect(missing.status == 401)
            let unknown = try await Self.send(mocks, Self.message(), token: "ya29.unknown")
            #expect(unknown.status == 401 && Self.detail(unknown, "ErrorInfo")?["reason"] as? String == "ACCESS_TOKEN_EXPIRED")
            let foreign = try await Self.send(mocks, Self.message(), token: token, project: "other")
            #expect(foreign.status == 403 && Self.detail(foreign, "FcmError") == nil)
            mocks.revokeAccessTokens()
            let revoked = try await Self.send(mocks, Self.message(), token: token)
            #expect(revoked.status == 401)
        }
    }

    @Test func `an access token ends after its hour`() async throws {
        let clock = ManualClock()
        try await withMockProviders(clock: MockClock { clock.now }) { mocks in
            let token = try await Self.accessToken(mocks)
            clock.advance(by: .seconds(3600))
            let answer = try await Self.send(mocks, Self.message(), token: token)
            #expect(answer.status == 401)
        }
    }

    /// Status, google.rpc code, FcmError, ApnsError.
    static let rows: [(String, Int, String, String?, String?)] = [
        ("INVALID_TOKEN", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", nil),
        ("INVALID_ARGUMENT", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", nil),
        ("MESSAGE_TOO_BIG", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", nil),
        ("APNS_UNREGISTERED", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Unregistered"),
        ("UNREGISTERED", 404, "NOT_FOUND", "UNREGISTERED", nil),
        ("SENDER_ID_MISMATCH", 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", nil),
        ("PERMISSION_DENIED", 403, "PERMISSION_DENIED", nil, nil),
        ("SERVICE_DISABLED", 403, "PERMISSION_DENIED", nil, nil),
        ("ACCESS_TOKEN_EXPIRED", 401, "UNAUTHENTICATED", nil, nil),
        ("THIRD_PARTY_AUTH_ERROR", 401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "InvalidProviderToken"),
        ("QUOTA_EXCEEDED", 429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", nil),
        ("INTERNAL", 500, "INTERNAL", "INTERNAL", nil),
        ("UNAVAILABLE", 503, "UNAVAILABLE", "UNAVAILABLE", nil),
        ("UNSPECIFIED_ERROR", 500, "UNKNOWN", "UNSPECIFIED_ERROR", nil),
    ]

    @Test func `a registration token may name any row, and has it come true`() async throws {
        try await withMockProviders { mocks in
            let token = try await Self.accessToken(mocks)
            for (name, status, code, fcm, apns) in Self.rows {
                let answer = try await Self.send(mocks, Self.message(to: "\(name):\(Device.fcm)"), token: token)
                #expect(answer.status == status, "\(name)")
                #expect((answer.json["error"] as? [String: Any])?["status"] as? String == code, "\(name)")
                #expect(Self.detail(answer, "FcmError")?["errorCode"] as? String == fcm, "\(name)")
                #expect(Self.detail(answer, "ApnsError")?["reason"] as? String == apns, "\(name)")
            }
            let gateway = try await Self.send(mocks, Self.message(to: "BAD_GATEWAY:\(Device.fcm)"), token: token)
            #expect(gateway.status == 502 && gateway.body.hasPrefix("<!DOCTYPE html>"))
            #expect(mocks.count() == 0)
        }
    }

    @Test func `a magic token tells when to come back`() async throws {
        try await withMockProviders { mocks in
            let token = try await Self.accessToken(mocks)
            let device = "UNAVAILABLE-retry-after-30-x1:\(Device.fcm)"
            let first = try await Self.send(mocks, Self.message(to: device), token: token)
            #expect(first.status == 503 && first.headers["retry-after"] == "30")
            let second = try await Self.send(mocks, Self.message(to: device), token: token)
            #expect(second.status == 200)
        }
    }

    @Test(arguments: [
        (#"{"message":{"token":"TOKEN","colour":"red"}}"#, "message", "Unknown name \"colour\""),
        (#"{"message":{"token":"TOKEN"},"dry":true}"#, "", "Unknown name \"dry\""),
        (#"{"message":{"token":"TOKEN","data":{"n":1}}}"#, "message.data[0].value", "TYPE_STRING"),
        (#"{"message":{"token":"TOKEN","data":{"google.x":"1"}}}"#, "message.data", "Invalid data payload key"),
        (#"{"message":{"token":"TOKEN","data":{"from":"1"}}}"#, "message.data", "Invalid data payload key"),
        (#"{"message":{"token":"TOKEN","android":{"ttl":60}}}"#, "message.android.ttl", "Duration"),
        (#"{"message":{"token":"TOKEN","android":{"ttl":"2419201s"}}}"#, "message.android.ttl", "Invalid ttl"),
        (#"{"message":{"token":"TOKEN","android":{"priority":"urgent"}}}"#, "message.android.priority", "HIGH"),
        (#"{"message":{"token":"TOKEN","apns":{"headers":{"apns-priority":10}}}}"#, "message.apns.headers[0].value", "TYPE_STRING"),
        (#"{"message":{"notification":{"title":"x"}}}"#, "message", "Recipient of the message is not set"),
        (#"{"message":{"token":"TOKEN","topic":"news"}}"#, "message", "already set"),
        (#"{"message":"#, "", "Invalid JSON"),
    ])
    func `a faulty body is refused with the field at fault`(body: String, field: String, text: String) throws {
        let filled = body.replacingOccurrences(of: "TOKEN", with: Device.fcm)
        let parsed = try? JSON(parsing: filled.utf8)
        let error = try #require(parsed.map { FCMValidator.fault(of: $0) } ?? FCMError.invalid(field: "", "Invalid JSON payload received."))
        #expect(error.status == 400 && error.code == "INVALID_ARGUMENT")
        #expect(error.message.contains(text))
        let violations = error.details.compactMap { $0["fieldViolations"]?.elements?.first }
        #expect(violations.first?["field"]?.text == field)
    }

    @Test func `payloads beyond 4096 bytes and tokens of another kind are refused`() throws {
        let big = #"{"message":{"token":"\#(Device.fcm)","data":{"k":"\#(String(repeating: "x", count: 4096))"}}}"#
        #expect(FCMValidator.fault(of: try JSON(parsing: big.utf8)) == .tooBig)
        for token in [Device.apns, "with space and more", "short"] {
            #expect(FCMValidator.fault(of: try JSON(parsing: Self.message(to: token).utf8)) == .invalidToken)
        }
    }

    @Test func `the token endpoint fails by script`() async throws {
        try await withMockProviders { mocks in
            mocks.script(
                Script(
                    provider: .fcm, stage: .grant, times: 1, answer: ScriptedAnswer(status: 503, reason: "temporarily_unavailable", retryAfter: "2")))
            let assertion = try ClientCredentials(of: mocks).assertion()
            let first = try await Self.grant(mocks, assertion)
            #expect(first.status == 503 && first.headers["retry-after"] == "2" && first.json["error"] as? String == "temporarily_unavailable")
            let second = try await Self.grant(mocks, assertion)
            #expect(second.status == 200)
        }
    }

    @Test(arguments: [
        ("'a' in topics", true), ("'a' in topics && ('b' in topics || !('c' in topics))", true), ("'a' in topics &&", false),
        ("('a' in topics", false),
        ("'a' in topics 'b' in topics", false), ("'a b' in topics", false), ("", false),
        ((1...5).map { "'\($0)' in topics" }.joined(separator: "||"), true), ((1...6).map { "'\($0)' in topics" }.joined(separator: "||"), false),
    ])
    func `a condition joins up to five topics`(condition: String, isValid: Bool) {
        #expect((TopicCondition(condition) != nil) == isValid)
    }

    @Test(arguments: [
        (#""android":{"notification":{"color":"red"}}"#, "message.android.notification.color"),
        (#""webpush":{"fcmOptions":{"link":"http://example.org"}}"#, "message.webpush.fcm_options.link"),
        (#""fcm_options":{"analytics_label":"no blanks"}"#, "message.fcm_options.analytics_label"),
        (#""apns":{"fcm_options":{"analytics_label":""}}"#, "message.apns.fcm_options.analytics_label"),
    ])
    func `a field with a form of its own is held to it`(member: String, field: String) throws {
        let fault = FCMValidator.fault(of: try JSON(parsing: #"{"message":{"token":"\#(Device.fcm)",\#(member)}}"#.utf8))
        #expect(fault?.details.first?["fieldViolations"]?.elements?.first?["field"]?.text == field)
    }
}
