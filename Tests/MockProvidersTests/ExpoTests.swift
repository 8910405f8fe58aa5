import Foundation
import Testing

@testable import MockProviders

@Suite("Expo") struct ExpoTests {
    static func send(_ mocks: MockProviders, _ body: String, extra: [String] = []) async throws -> Curl.Answer {
        try await Curl.run(
            ca: nil,
            ["--data-binary", body, "-H", "content-type: application/json"] + extra
                + ["http://127.0.0.1:\(mocks.httpPort)/--/api/v2/push/send"])
    }

    static func receipts(_ mocks: MockProviders, _ ids: [String]) async throws -> Curl.Answer {
        let body = String(decoding: try JSONSerialization.data(withJSONObject: ["ids": ids]), as: UTF8.self)
        return try await Curl.run(
            ca: nil,
            ["--data-binary", "@-", "-H", "content-type: application/json", "http://127.0.0.1:\(mocks.httpPort)/--/api/v2/push/getReceipts"],
            input: body)
    }

    private static func tickets(_ answer: Curl.Answer) -> [[String: Any]] { answer.json["data"] as? [[String: Any]] ?? [] }

    static func code(_ answer: Curl.Answer) -> String? {
        (answer.json["errors"] as? [[String: Any]])?.first?["code"] as? String
    }

    private static func tokens(_ count: Int) -> String {
        (0..<count).map { "\"ExponentPushToken[t\($0)]\"" }.joined(separator: ",")
    }

    @Test func `a single message gets a single ticket, and its receipt`() async throws {
        try await withMockProviders { mocks in
            let answer = try await Self.send(mocks, #"{"to":"\#(Device.expo)","title":"Hello","body":"World","data":{"id":"n-1"}}"#)
            let ticket = try #require(answer.json["data"] as? [String: Any])
            #expect(answer.status == 200 && ticket["status"] as? String == "ok")
            let id = try #require(ticket["id"] as? String)
            let message = try #require(try await mocks.waitForMessages(MessageFilter(provider: .expo)).first)
            #expect(message.id == id && message.target == Device.expo && message.identity == "n-1")
            let receipts = try await Self.receipts(mocks, [id, "unknown"])
            let data = try #require(receipts.json["data"] as? [String: [String: String]])
            #expect(data == [id: ["status": "ok"]])
        }
    }

    @Test func `tickets come in the order of the recipients`() async throws {
        try await withMockProviders { mocks in
            let body = #"[{"to":["ExponentPushToken[a]","ExponentPushToken[DeviceNotRegistered]"],"title":"x"},{"to":"not a token","title":"y"}]"#
            let tickets = Self.tickets(try await Self.send(mocks, body))
            #expect(tickets.map { $0["status"] as? String } == ["ok", "error", "error"])
            #expect((tickets[1]["details"] as? [String: String])?["error"] == "DeviceNotRegistered")
            #expect(tickets[2]["details"] == nil)
        }
    }

    @Test func `a gzipped batch is taken`() async throws {
        try await withMockProviders { mocks in
            let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: directory) }
            let file = directory.appending(path: "batch.json")
            try Data(#"[{"to":"\#(Device.expo)","body":"\#(String(repeating: "x", count: 2000))"}]"#.utf8).write(to: file)
            #expect(try await Child(["gzip", file.path]).finish().exit == 0)
            let answer = try await Self.send(mocks, "@\(file.path).gz", extra: ["-H", "content-encoding: gzip"])
            #expect(Self.tickets(answer).first?["status"] as? String == "ok")
        }
    }

    @Test func `each code may be named by a token, in the ticket or in the receipt`() async throws {
        try await withMockProviders { mocks in
            for code in ExpoError.messageCodes.sorted() {
                let tickets = Self.tickets(
                    try await Self.send(mocks, #"[{"to":["ExponentPushToken[\#(code)]","ExponentPushToken[receipt-\#(code)]"],"body":"x"}]"#))
                #expect((tickets[0]["details"] as? [String: String])?["error"] == code)
                let id = try #require(tickets[1]["id"] as? String)
                let receipts = try await Self.receipts(mocks, [id])
                let receipt = (receipts.json["data"] as? [String: [String: Any]])?[id]
                #expect((receipt?["details"] as? [String: String])?["error"] == code)
            }
        }
    }

    @Test func `receipts appear after their delay and vanish after a day`() async throws {
        let clock = ManualClock()
        var configuration = MockConfiguration.ephemeral
        configuration.receiptDelay = .seconds(900)
        try await withMockProviders(configuration, clock: MockClock { clock.now }) { mocks in
            let ticket = try await Self.send(mocks, #"{"to":"\#(Device.expo)","body":"x"}"#).json["data"] as? [String: Any]
            let id = try #require(ticket?["id"] as? String)
            func found() async throws -> Int { (try await Self.receipts(mocks, [id]).json["data"] as? [String: Any] ?? [:]).count }
            #expect(try await found() == 0)
            clock.advance(by: .seconds(900))
            #expect(try await found() == 1)
            clock.advance(by: .seconds(24 * 3600))
            #expect(try await found() == 0)
        }
    }

    @Test func `a request is refused whole for one faulty message, too many, or mixed projects`() async throws {
        try await withMockProviders { mocks in
            mocks.assign(["ExponentPushToken[theirs]"], toProject: "@them/app")
            let cases: [(String, Int, String)] = [
                (#"[{"to":"\#(Device.expo)","body":"x"},{"to":"\#(Device.expo)","bdy":"x"}]"#, 400, "VALIDATION_ERROR"),
                (#"{"to":"\#(Device.expo)","badge":"1"}"#, 400, "VALIDATION_ERROR"),
                (#"{"to":"\#(Device.expo)","priority":"urgent"}"#, 400, "VALIDATION_ERROR"),
                (#"{"body":"x"}"#, 400, "VALIDATION_ERROR"),
                ("[]", 400, "VALIDATION_ERROR"),
                ("{", 400, "VALIDATION_ERROR"),
                (#"{"to":[\#(Self.tokens(101))],"body":"x"}"#, 400, "PUSH_TOO_MANY_NOTIFICATIONS"),
                (#"{"to":["\#(Device.expo)","ExponentPushToken[theirs]"],"body":"x"}"#, 400, "PUSH_TOO_MANY_EXPERIENCE_IDS"),
                (#"{"to":"ExponentPushToken[TOO_MANY_REQUESTS]","body":"x"}"#, 429, "TOO_MANY_REQUESTS"),
            ]
            for (body, status, code) in cases {
                let answer = try await Self.send(mocks, body)
                #expect(answer.status == status && Self.code(answer) == code, "\(body)")
            }
            #expect(mocks.count() == 0)
            let mixed = try await Self.send(mocks, #"{"to":["\#(Device.expo)","ExponentPushToken[theirs]"],"body":"x"}"#)
            let details = (mixed.json["errors"] as? [[String: Any]])?.first?["details"] as? [String: [String]]
            #expect(details == ["@mock/app": [Device.expo], "@them/app": ["ExponentPushToken[theirs]"]])
            let hundred = try await Self.send(mocks, #"{"to":[\#(Self.tokens(100))],"body":"x"}"#)
            #expect(Self.tickets(hundred).count == 100)
            let receipts = try await Self.receipts(mocks, (0..<1001).map(String.init))
            #expect(receipts.status == 400 && Self.code(receipts) == "PUSH_TOO_MANY_RECEIPTS")
        }
    }

    @Test func `a payload beyond 4096 bytes is refused in its ticket`() async throws {
        try await withMockProviders { mocks in
            let answer = try await Self.send(mocks, #"[{"to":"\#(Device.expo)","body":"\#(String(repeating: "x", count: 4096))"}]"#)
            #expect((Self.tickets(answer).first?["details"] as? [String: String])?["error"] == "MessageTooBig")
        }
    }

    @Test func `enhanced security asks for the bearer`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.expoAccessToken = "secret"
        try await withMockProviders(configuration) { mocks in
            let body = #"{"to":"\#(Device.expo)","body":"x"}"#
            let without = try await Self.send(mocks, body)
            #expect(without.status == 403 && Self.code(without) == "UNAUTHORIZED")
            let with = try await Self.send(mocks, body, extra: ["-H", "authorization: Bearer secret"])
            #expect(with.status == 200)
        }
    }

    @Test func `a project may send as many a second as it is allowed`() async throws {
        let clock = ManualClock()
        var configuration = MockConfiguration.ephemeral
        configuration.expoRate = 150
        try await withMockProviders(configuration, clock: MockClock { clock.now }) { mocks in
            let body = #"{"to":[\#(Self.tokens(100))],"body":"x"}"#
            var statuses: [Int] = []
            for _ in 0..<2 { statuses.append(try await Self.send(mocks, body).status) }
            clock.advance(by: .seconds(1))
            statuses.append(try await Self.send(mocks, body).status)
            #expect(statuses == [200, 429, 200])
        }
    }

    @Test func `a 504 may hide that the batch was taken`() async throws {
        try await withMockProviders { mocks in
            mocks.script(Script(provider: .expo, stage: .request, times: 1, answer: ScriptedAnswer(status: 504, accepted: true)))
            let body = #"[{"to":"\#(Device.expo)","body":"x","data":{"id":"n-1"}}]"#
            let first = try await Self.send(mocks, body)
            #expect(first.status == 504 && first.body.hasPrefix("<!DOCTYPE html>"))
            _ = try await Self.send(mocks, body)
            #expect(mocks.duplicates == [Duplicate(provider: .expo, target: Device.expo, identity: "n-1", count: 2)])
        }
    }
}
