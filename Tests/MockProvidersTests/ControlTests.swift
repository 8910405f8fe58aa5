import Foundation
import Testing

@testable import MockProviders

@Suite("Control API") struct ControlTests {
    private static func call(_ mocks: MockProviders, _ method: String, _ path: String, _ body: String? = nil) async throws -> Curl.Answer {
        try await Curl.run(
            ca: nil, ["-X", method] + (body.map { ["--data-binary", $0] } ?? []) + ["http://127.0.0.1:\(mocks.httpPort)/_mock/\(path)"])
    }

    private static func list(_ answer: Curl.Answer) -> [[String: Any]] { answer.json["messages"] as? [[String: Any]] ?? [] }

    @Test func `messages are listed with what a person would read, and filtered`() async throws {
        try await withMockProviders { mocks in
            _ = try await ExpoTests.send(mocks, #"{"to":"\#(Device.expo)","title":"Grüße","body":"World"}"#)
            _ = try await ExpoTests.send(mocks, #"{"to":"ExponentPushToken[DeviceNotRegistered]","body":"x"}"#)
            _ = try await APNsTests.push(mocks)
            let all = Self.list(try await Self.call(mocks, "GET", "messages"))
            #expect(all.map { $0["provider"] as? String } == ["expo", "expo", "apns"])
            #expect(all[0]["title"] as? String == "Grüße" && all[0]["body"] as? String == "World" && all[0]["status"] as? Int == 200)
            #expect(all[1]["accepted"] as? Bool == false && all[1]["reason"] as? String == "DeviceNotRegistered")
            #expect(all[2]["title"] as? String == "Hello" && all[2]["to"] as? String == Device.apns)
            let accepted = Self.list(try await Self.call(mocks, "GET", "messages?provider=expo&accepted=true"))
            #expect(accepted.count == 1)
            let after = Self.list(try await Self.call(mocks, "GET", "messages?after=2"))
            #expect(after.count == 1)
            let wrong = try await Self.call(mocks, "GET", "messages?colour=red")
            #expect(wrong.status == 400 && (wrong.json["error"] as? String)?.contains("colour") == true)
        }
    }

    @Test func `a call may wait for messages to come`() async throws {
        try await withMockProviders { mocks in
            async let waiting = Self.call(mocks, "GET", "messages?provider=expo&wait=10s&min=2")
            _ = try await ExpoTests.send(mocks, #"{"to":["\#(Device.expo)","ExponentPushToken[b]"],"body":"x"}"#)
            #expect(Self.list(try await waiting).count == 2)
            let short = try await Self.call(mocks, "GET", "messages?provider=smtp&wait=10ms")
            #expect(short.status == 200 && Self.list(short).isEmpty)
        }
    }

    @Test func `a script given as JSON answers for the nth request and as often as told`() async throws {
        try await withMockProviders { mocks in
            let script =
                #"{"match":{"provider":"apns","token":"\#(Device.apns)","nth":2},"answer":{"status":503,"reason":"ServiceUnavailable","retry_after":7}}"#
            let added = try await Self.call(mocks, "POST", "script", script)
            #expect(added.status == 201 && added.json["ids"] as? [Int] == [1])
            var statuses: [Int] = []
            for _ in 0..<3 {
                let answer = try await APNsTests.push(mocks)
                statuses.append(answer.status)
                if answer.status == 503 { #expect(answer.headers["retry-after"] == "7") }
            }
            #expect(statuses == [200, 503, 200])
            let listed = try await Self.call(mocks, "GET", "script")
            #expect((listed.json["scripts"] as? [[String: Any]])?.first?["spent"] as? Bool == true)
            #expect(try await Self.call(mocks, "DELETE", "script/1").status == 204)
            #expect(try await Self.call(mocks, "DELETE", "script/1").status == 404)
        }
    }

    @Test func `a script may answer with anything at all`() async throws {
        try await withMockProviders { mocks in
            let script = #"{"match":{"provider":"apns"},"answer":{"status":418,"body":{"reason":"Teapot"},"headers":{"X-Brew":"1"}},"times":1}"#
            _ = try await Self.call(mocks, "POST", "script", script)
            let answer = try await APNsTests.push(mocks)
            #expect(answer.status == 418 && answer.body == #"{"reason":"Teapot"}"# && answer.headers["x-brew"] == "1")
            let second = try await APNsTests.push(mocks)
            #expect(second.status == 200)
        }
    }

    @Test(arguments: [
        (#"{"answr":{}}"#, "answr"), (#"{"match":{"provider":"gcm"},"answer":{"status":500}}"#, "expo, apns, fcm, smtp"),
        (#"{"answer":{"status":42}}"#, "status"), ("{}", "says nothing"), ("[", "JSON"), (#"{"fault":"explode"}"#, "goaway"),
    ])
    func `a script that makes no sense is refused in words`(script: String, word: String) async throws {
        try await withMockProviders { mocks in
            let answer = try await Self.call(mocks, "POST", "script", script)
            #expect(answer.status == 400)
            #expect((answer.json["error"] as? String)?.contains(word) == true)
        }
    }

    @Test func `duplicates and statistics are counted, and a reset forgets them`() async throws {
        try await withMockProviders { mocks in
            let body = #"{"to":"\#(Device.expo)","body":"x","data":{"delivery_id":"d-1"}}"#
            for _ in 0..<3 { _ = try await ExpoTests.send(mocks, body) }
            let duplicates = try await Self.call(mocks, "GET", "duplicates")
            #expect(duplicates.json["extra"] as? Int == 2)
            let statistics = try await Self.call(mocks, "GET", "stats")
            let expo = (statistics.json["providers"] as? [String: [String: Any]])?["expo"]
            #expect(expo?["accepted"] as? Int == 3 && statistics.json["requests"] as? Int == 3)
            mocks.script(Script(provider: .expo, answer: ScriptedAnswer(reason: "ExpoError")))
            #expect(try await Self.call(mocks, "POST", "reset").status == 204)
            #expect(mocks.count() == 0 && mocks.duplicates.isEmpty)
            let answer = try await ExpoTests.send(mocks, body)
            #expect((answer.json["data"] as? [String: Any])?["status"] as? String == "ok")
        }
    }

    @Test func `certificate and credentials can be fetched`() async throws {
        try await withMockProviders { mocks in
            #expect(try await Self.call(mocks, "GET", "ca.pem").body == mocks.certificate)
            let credentials = try await Self.call(mocks, "GET", "credentials")
            #expect((credentials.json["apns"] as? [String: Any])?["team_id"] as? String == "MOCKTEAM01")
            #expect((credentials.json["fcm"] as? [String: Any])?["token_uri"] as? String == "https://localhost:\(mocks.tlsPort)/token")
        }
    }
}
