import Foundation
import Testing

@testable import MockProviders

@Suite("Chaos and the clock") struct ChaosTests {
    private static let chaos = Chaos(
        seed: 7,
        fates: [
            .init(rate: 0.2, script: Script(provider: .apns, answer: ScriptedAnswer(reason: "TooManyRequests"))),
            .init(rate: 0.1, script: Script(provider: .apns, answer: ScriptedAnswer(fault: .reset))),
        ])

    private static func fates(_ chaos: Chaos, targets: [String], attempts: Int = 1) -> [String: [String]] {
        let book = ScriptBook()
        book.setChaos(chaos)
        var fates: [String: [String]] = [:]
        for _ in 0..<attempts {
            for target in targets {
                let answer = book.answer(.apns, target: target, stage: .message)
                fates[target, default: []].append(answer?.reason ?? answer?.fault?.rawValue ?? "-")
            }
        }
        return fates
    }

    @Test func `the same seed brings the same fates in whatever order requests come, another seed others`() {
        let targets = (0..<500).map { "token\($0)" }
        let first = Self.fates(Self.chaos, targets: targets, attempts: 3)
        #expect(Self.fates(Self.chaos, targets: targets.reversed(), attempts: 3) == first)
        var other = Self.chaos
        other.seed = 8
        #expect(Self.fates(other, targets: targets, attempts: 3) != first)
    }

    @Test func `fates befall at their rates, attempts of one target as well as targets`() {
        for (targets, attempts) in [((0..<20_000).map { "token\($0)" }, 1), (["one"], 20_000)] {
            let fates = Self.fates(Self.chaos, targets: targets, attempts: attempts).values.flatMap { $0 }
            let counts = Dictionary(grouping: fates, by: \.self).mapValues(\.count)
            // Five standard deviations of 20,000 draws: 283 and 212.
            #expect(abs((counts["TooManyRequests"] ?? 0) - 4000) < 283)
            #expect(abs((counts["reset"] ?? 0) - 2000) < 212)
        }
    }

    @Test func `chaos is set, shown and ended by control calls, and spares what it does not match`() async throws {
        try await withMockProviders { mocks in
            let control = ControlClient(mocks)
            let body = #"{"seed":7,"fates":[{"rate":1,"match":{"provider":"apns"},"answer":{"reason":"InternalServerError"}}]}"#
            #expect(try await control.call("POST", "chaos", body).status == 204)
            #expect(try await APNsTests.push(mocks).status == 500)
            #expect(try await ExpoTests.send(mocks, #"{"to":"\#(Device.expo)","body":"x"}"#).body.contains("ok"))
            let shown = try await control.call("GET", "chaos")
            #expect(shown.json["seed"] as? Int == 7 && (shown.json["fates"] as? [[String: Any]])?.first?["rate"] as? Double == 1)
            #expect(try await control.call("DELETE", "chaos").status == 204)
            #expect(try await APNsTests.push(mocks).status == 200)
        }
    }

    @Test(arguments: [
        (#"{"seed":1}"#, "fates"), (#"{"fates":[{"rate":0.1,"fault":"reset"}]}"#, "seed"), (#"{"seed":1,"fates":[{"fault":"reset"}]}"#, "rate"),
        (#"{"seed":1,"fates":[{"rate":2,"fault":"reset"}]}"#, "rate"), (#"{"seed":1,"fates":[{"rate":0.5,"fault":"reset","times":2}]}"#, "times"),
    ])
    func `chaos that makes no sense is refused in words`(body: String, word: String) async throws {
        try await withMockProviders { mocks in
            let answer = try await ControlClient(mocks).call("POST", "chaos", body)
            #expect(answer.status == 400 && answer.body.contains(word))
        }
    }

    @Test func `the clock can be moved, set, stopped and put right`() {
        let machine = ManualClock(Date(timeIntervalSince1970: 1000))
        let clock = VirtualClock(MockClock { machine.now })
        clock.advance(by: .seconds(60))
        machine.advance(by: .seconds(1))
        #expect(clock.now() == 1_061_000 && clock.offset == 60_000)
        clock.setRunning(false)
        machine.advance(by: .seconds(10))
        #expect(clock.now() == 1_061_000 && !clock.isRunning)
        clock.advance(by: .seconds(5))
        clock.setRunning(true)
        #expect(clock.now() == 1_066_000)
        machine.advance(by: .seconds(1))
        #expect(clock.now() == 1_067_000)
        clock.set(to: 5_000_000)
        #expect(clock.now() == 5_000_000)
        clock.reset()
        #expect(clock.now() == machine.now)
    }

    @Test func `receipts, access tokens and provider tokens go by the clock`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.receiptDelay = .seconds(900)
        try await withMockProviders(configuration) { mocks in
            let control = ControlClient(mocks)
            let ticket = try await ExpoTests.send(mocks, #"{"to":"\#(Device.expo)","body":"x"}"#).json["data"] as? [String: Any]
            let id = try #require(ticket?["id"] as? String)
            let access = try await FCMTests.accessToken(mocks)
            let provider = try ClientCredentials(of: mocks).providerToken()
            #expect((try await ExpoTests.receipts(mocks, [id]).json["data"] as? [String: Any])?.isEmpty == true)
            try await control.call("POST", "clock", #"{"advance":"15m"}"#)
            #expect((try await ExpoTests.receipts(mocks, [id]).json["data"] as? [String: Any])?.count == 1)
            #expect(try await FCMTests.send(mocks, FCMTests.message(), token: access).status == 200)
            #expect(try await APNsTests.push(mocks, token: provider).status == 200)
            try await control.call("POST", "clock", #"{"advance":"46m"}"#)
            #expect(try await FCMTests.send(mocks, FCMTests.message(), token: access).status == 401)
            #expect(try await APNsTests.push(mocks, token: provider).json["reason"] as? String == "ExpiredProviderToken")
            try await control.call("POST", "clock", #"{"advance":"23h"}"#)
            #expect((try await ExpoTests.receipts(mocks, [id]).json["data"] as? [String: Any])?.isEmpty == true, "a day is over")
            try await control.call("POST", "reset")
            #expect(try await APNsTests.push(mocks, token: provider).status == 200)
            #expect(try await control.call("POST", "clock", #"{"advance":"soon"}"#).status == 400)
        }
    }

    @Test func `Retry-After may be a date of the run's clock`() async throws {
        try await withMockProviders { mocks in
            let control = ControlClient(mocks)
            try await control.call("POST", "clock", #"{"set":784111777000,"running":false}"#)
            mocks.script(
                Script(provider: .expo, stage: .request, answer: ScriptedAnswer(reason: "TOO_MANY_REQUESTS", retryAfterDate: .seconds(30))))
            let answer = try await ExpoTests.send(mocks, #"{"to":"\#(Device.expo)","body":"x"}"#)
            #expect(answer.status == 429 && answer.headers["retry-after"] == "Sun, 06 Nov 1994 08:50:07 GMT")
        }
    }
}
