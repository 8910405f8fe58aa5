import Foundation
import Testing

@testable import MockProviders

@Suite("FCM's topics and quotas") struct FCMTopicTests {
    private static func call(
        _ mocks: MockProviders, _ method: String, _ path: String, token: String?, body: String? = nil, extra: [String] = []
    ) async throws -> Curl.Answer {
        let own = (body.map { ["--json", $0] } ?? []) + (token.map { ["-H", "authorization: Bearer \($0)"] } ?? [])
        return try await Curl.run(ca: nil, ["-X", method] + own + extra + ["http://127.0.0.1:\(mocks.httpPort)\(path)"])
    }

    private static func path(_ registration: String) -> String {
        "/v1/projects/mock-project/registrations/\(registration.replacing(":", with: "%3A"))/topicSubscriptions"
    }

    private static func subscribe(_ mocks: MockProviders, _ registration: String, to topic: String, token: String) async throws -> Int {
        try await call(mocks, "POST", path(registration) + "?topic_name=\(topic)", token: token, body: "{}").status
    }

    private static let anna = "anna:APA91b_anna"
    private static let bob = "bob:APA91b_bob"

    @Test func `a message to a topic or condition reaches those who have subscribed`() async throws {
        try await withMockProviders { mocks in
            let token = try await FCMTests.accessToken(mocks)
            for (registration, topic) in [(Self.anna, "news"), (Self.anna, "oslo"), (Self.bob, "news")] {
                #expect(try await Self.subscribe(mocks, registration, to: topic, token: token) == 200)
            }
            #expect(try await Self.subscribe(mocks, Self.bob, to: "news", token: token) == 409, "once is enough")
            for (target, reached) in [
                (#""topic":"news""#, [Self.anna, Self.bob]), (#""topic":"nobody""#, []),
                (#""condition":"'news' in topics && !('oslo' in topics)""#, [Self.bob]),
                (#""condition":"'none' in topics || ('oslo' in topics && 'news' in topics)""#, [Self.anna]),
            ] {
                let answer = try await FCMTests.send(mocks, #"{"message":{\#(target),"notification":{"title":"x"}}}"#, token: token)
                #expect(answer.status == 200)
                #expect(mocks.messages().last?.reached == reached, "\(target)")
            }
            #expect(try await FCMTests.send(mocks, FCMTests.message(), token: token).status == 200)
            #expect(mocks.messages().last?.reached == nil)
            let listed = try await ControlClient(mocks).call("GET", "fcm/topics").json as? [String: [String]]
            #expect(listed == ["news": [Self.anna, Self.bob], "oslo": [Self.anna]])
        }
    }

    @Test func `a subscription can be read and ended, and a missing one is missed unless it may be`() async throws {
        try await withMockProviders { mocks in
            let token = try await FCMTests.accessToken(mocks)
            #expect(try await Self.subscribe(mocks, Self.anna, to: "news", token: token) == 200)
            let one = try await Self.call(mocks, "GET", Self.path(Self.anna) + "/news", token: token)
            #expect(one.json["name"] as? String == "projects/mock-project/registrations/\(Self.anna)/topicSubscriptions/news")
            #expect((one.json["create_time"] as? String)?.hasSuffix("Z") == true && one.json["topic_name"] as? String == "news")
            let all = try await Self.call(mocks, "GET", Self.path(Self.anna), token: token)
            #expect((all.json["topic_subscriptions"] as? [Any])?.count == 1)
            var statuses: [Int] = []
            for query in ["", "", "?allow_missing=true"] {
                statuses.append(try await Self.call(mocks, "DELETE", Self.path(Self.anna) + "/news" + query, token: token).status)
            }
            #expect(statuses == [200, 404, 200])
            #expect(try await Self.call(mocks, "GET", Self.path(Self.anna) + "/news", token: token).status == 404)
        }
    }

    @Test func `subscriptions are held to the same rules as messages`() async throws {
        try await withMockProviders { mocks in
            let token = try await FCMTests.accessToken(mocks)
            #expect(try await Self.call(mocks, "POST", Self.path(Self.anna) + "?topic_name=news", token: nil, body: "{}").status == 401)
            #expect(try await Self.subscribe(mocks, Self.anna, to: "a/b", token: token) == 400)
            #expect(try await Self.subscribe(mocks, "x", to: "news", token: token) == 400)
            let gone = try await Self.call(
                mocks, "POST", Self.path("UNREGISTERED:\(Device.fcm)") + "?topic_name=news", token: token, body: "{}")
            #expect(gone.status == 404 && gone.body.contains("UNREGISTERED"))
            let other = "/v1/projects/other/registrations/abcdefgh/topicSubscriptions?topic_name=news"
            #expect(try await Self.call(mocks, "POST", other, token: token, body: "{}").status == 403)
            mocks.script(Script(provider: .fcm, stage: .topic, times: 1, answer: ScriptedAnswer(reason: "UNAVAILABLE")))
            #expect(try await Self.subscribe(mocks, Self.anna, to: "news", token: token) == 503)
            #expect(try await Self.subscribe(mocks, Self.anna, to: "news", token: token) == 200)
        }
    }

    @Test func `the older API takes many at once and answers for each`() async throws {
        try await withMockProviders { mocks in
            let token = try await FCMTests.accessToken(mocks)
            let body = #"{"to":"/topics/news","registration_tokens":["\#(Self.anna)","UNREGISTERED:\#(Device.fcm)","x"]}"#
            let mark = ["-H", "access_token_auth: true"]
            let added = try await Self.call(mocks, "POST", "/iid/v1:batchAdd", token: token, body: body, extra: mark)
            let results = added.json["results"] as? [[String: String]]
            #expect(results == [[:], ["error": "NOT_FOUND"], ["error": "INVALID_ARGUMENT"]])
            #expect(try await Self.call(mocks, "POST", "/iid/v1:batchAdd", token: token, body: body).status == 401)
            #expect(try await ControlClient(mocks).call("GET", "fcm/topics").json["news"] as? [String] == [Self.anna])
            _ = try await Self.call(mocks, "POST", "/iid/v1:batchRemove", token: token, body: body, extra: mark)
            #expect(try await ControlClient(mocks).call("GET", "fcm/topics").json.isEmpty)
        }
    }

    @Test(arguments: [
        ("'a' in topics", ["a"], true), ("'a' in topics && 'b' in topics || 'c' in topics", ["c"], true),
        ("'c' in topics || 'a' in topics && 'b' in topics", ["c"], false), ("!('a' in topics)", [], true), ("!'a' in topics", ["a"], false),
        ("!('a' in topics || 'b' in topics) && 'c' in topics", ["c"], true),
    ])
    func `a condition is read from the left, parentheses first`(condition: String, topics: [String], holds: Bool) throws {
        #expect(try #require(TopicCondition(condition)).holds(for: Set(topics)) == holds)
    }

    @Test func `a condition nested beyond all sense is refused, not followed`() {
        #expect(TopicCondition(String(repeating: "(", count: 100_000) + "'a' in topics") == nil)
        #expect(TopicCondition(String(repeating: "!", count: 100_000) + "'a' in topics") == nil)
    }

    @Test func `a project and a device have quotas where they are set, and time fills them up again`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.fcm.messagesPerMinute = 4
        configuration.fcm.messagesPerMinuteAndDevice = 2
        let clock = ManualClock(Date(timeIntervalSince1970: 1_800_000_000))
        try await withMockProviders(configuration, clock: MockClock { clock.now }) { mocks in
            let token = try await ControlClient(mocks).call("GET", "fcm/token").body
            func send(_ registration: String) async throws -> Curl.Answer {
                try await FCMTests.send(mocks, FCMTests.message(to: registration), token: token)
            }
            #expect(try await [send(Self.anna), send(Self.anna)].map(\.status) == [200, 200])
            let device = try await send(Self.anna)
            #expect(device.status == 429 && device.body.contains("QUOTA_EXCEEDED") && device.body.contains("for the device"))
            #expect(device.headers["retry-after"] == nil)
            #expect(try await send(Self.bob).status == 200)
            let project = try await send(Self.bob)
            #expect(project.status == 429 && project.body.contains("project:mock-project"))
            #expect(project.headers["retry-after"] == "15")
            clock.advance(by: .seconds(15))
            #expect(try await send(Self.bob).status == 200)
            clock.advance(by: .seconds(60))
            #expect(try await send(Self.anna).status == 200)
        }
    }

    @Test func `a form is no JSON, though it may hold some`() async throws {
        try await withMockProviders { mocks in
            let token = try await FCMTests.accessToken(mocks)
            let form = ["-H", "content-type: application/x-www-form-urlencoded"]
            let answer = try await FCMTests.send(mocks, FCMTests.message(), token: token, extra: form)
            #expect(answer.status == 400 && answer.body.contains("Cannot bind query parameter"))
        }
    }
}
