import Foundation
import Testing

@testable import MockProviders

@Suite("APNs connections") struct APNsConnectionTests {
    static func headers(_ token: String) -> [(String, String)] {
        [("authorization", "bearer \(token)"), ("apns-topic", "com.example.app"), ("apns-push-type", "alert")]
    }

    static func status(_ event: FrameClient.Event, stream: Int) -> Int? {
        if case .answered(stream, let status, _, _) = event { return status }
        return nil
    }

    static func text(_ event: FrameClient.Event, stream: Int) -> String? {
        if case .data(stream, let text, _) = event { return text }
        return nil
    }

    @Test func `one stream is allowed until a provider token is accepted, then a thousand`() async throws {
        try await withMockProviders { mocks in
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            #expect(try await client.first { if case .streamLimit(let limit) = $0 { limit } else { nil } } == 1)
            client.post("/3/device/\(Device.apns)", stream: 1, headers: Self.headers("no.such.token"), body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 1) } == 403)
            client.post(
                "/3/device/\(Device.apns)", stream: 3, headers: Self.headers(try ClientCredentials(of: mocks).providerToken()),
                body: APNsTests.payload)
            #expect(try await client.first { if case .streamLimit(let limit) = $0 { limit } else { nil } } == 1000)
            #expect(try await client.first { Self.status($0, stream: 3) } == 200)
            await client.close()
        }
    }

    @Test func `streams beyond the limit are refused, unprocessed`() async throws {
        try await withMockProviders { mocks in
            let path = "/3/device/\(Device.apns)"
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate) {
                [FrameClient.beginning(path, stream: 1), FrameClient.beginning(path, stream: 3)]
            }
            let refused = try await client.first { if case .reset(let stream, let code) = $0 { [stream, code] } else { nil } }
            #expect(refused == [3, 7], "REFUSED_STREAM")
            #expect(mocks.messages(MessageFilter(accepted: nil)).isEmpty)
            await client.close()
        }
    }

    @Test func `a burst that is refused leaves the connection in use, and its window open`() async throws {
        try await withMockProviders { mocks in
            let path = "/3/device/\(Device.apns)"
            let streams = Array(stride(from: 1, to: 200, by: 2))
            // A hundred bodies of 512 bytes eat most of the connection's window.
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate) {
                streams.map { FrameClient.beginning(path, stream: $0) }
                    + streams.map { FrameClient.body(String(repeating: "x", count: 512), stream: $0) }
            }
            #expect(try await client.first { Self.status($0, stream: 1) } == 400)
            let token = try ClientCredentials(of: mocks).providerToken()
            for stream in stride(from: 201, to: 221, by: 2) {
                client.post(path, stream: stream, headers: Self.headers(token), body: String(repeating: "x", count: 4000))
                #expect(try await client.first { Self.status($0, stream: stream) } == 200)
            }
            await client.close()
        }
    }

    @Test func `a second provider token within twenty minutes is one too many, after them it is welcome`() async throws {
        let clock = ManualClock()
        try await withMockProviders(clock: MockClock { clock.now }) { mocks in
            let credentials = try ClientCredentials(of: mocks)
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            let path = "/3/device/\(Device.apns)"
            client.post(path, stream: 1, headers: Self.headers(try credentials.providerToken(issuedAt: clock.date)), body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 1) } == 200)
            let second = try credentials.providerToken(issuedAt: clock.date.addingTimeInterval(-5))
            client.post(path, stream: 3, headers: Self.headers(second), body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 3) } == 429)
            #expect(try await client.first { Self.text($0, stream: 3) } == #"{"reason":"TooManyProviderTokenUpdates"}"#)
            clock.advance(by: .seconds(21 * 60))
            client.post(path, stream: 5, headers: Self.headers(second), body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 5) } == 200)
            await client.close()
        }
    }

    @Test func `a provider token grows too old on a connection that stays open`() async throws {
        let clock = ManualClock()
        try await withMockProviders(clock: MockClock { clock.now }) { mocks in
            let token = try ClientCredentials(of: mocks).providerToken(issuedAt: clock.date)
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            client.post("/3/device/\(Device.apns)", stream: 1, headers: Self.headers(token), body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 1) } == 200)
            clock.advance(by: .seconds(3700))
            client.post("/3/device/\(Device.apns)", stream: 3, headers: Self.headers(token), body: APNsTests.payload)
            #expect(try await client.first { Self.text($0, stream: 3) } == #"{"reason":"ExpiredProviderToken"}"#)
            await client.close()
        }
    }

    /// What the client sees of each fault, and whether the push counts as taken.
    @Test(arguments: Fault.allCases)
    func `a fault on the way back looks as it does on the wire`(fault: Fault) async throws {
        try await withMockProviders { mocks in
            let token = try ClientCredentials(of: mocks).providerToken()
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            client.post("/3/device/\(Device.apns)", stream: 1, headers: Self.headers(token), body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 1) } == 200)
            mocks.script(Script(provider: .apns, answer: ScriptedAnswer(fault: fault)))
            client.post("/3/device/\(Device.apns)", stream: 3, headers: Self.headers(token), body: APNsTests.payload)
            let shutdown = #"{"reason":"Shutdown"}"#
            let expected: FrameClient.Event? =
                switch fault {
                case .resetStream: .reset(stream: 3, code: 2)
                case .cancelStream: .reset(stream: 3, code: 8)
                case .refusedStream: .reset(stream: 3, code: 7)
                case .goaway: .goAway(lastStream: 1, debug: shutdown)
                case .goawayAfter: .goAway(lastStream: 3, debug: shutdown)
                case .goawayZero: .goAway(lastStream: 0, debug: shutdown)
                case .reset, .closeAfterBody, .closeMidResponse: .closed
                case .never, .stall: nil
                }
            if fault == .stall {
                // Nothing is read any more, so a second push is not even seen; a third, on a connection of its own, is.
                try await mocks.waitForMessages(count: 2)
                client.post("/3/device/\(Device.apns)", stream: 5, headers: Self.headers(token), body: APNsTests.payload)
                mocks.removeScripts()
                #expect(try await APNsTests.push(mocks).status == 200)
                #expect(mocks.count() == 3)
            } else if let expected {
                _ = try await client.first { $0 == expected ? true : nil }
            } else {
                // Silence can't be waited for; what comes first must be the answer to the next push.
                try await mocks.waitForMessages(count: 2)
                mocks.removeScripts()
                client.post("/3/device/\(Device.apns)", stream: 5, headers: Self.headers(token), body: APNsTests.payload)
                let answered = try await client.first { if case .answered(let stream, _, _, _) = $0 { stream } else { nil } }
                #expect(answered == 5)
            }
            let taken = mocks.messages().filter { $0.fault == fault }.count
            #expect(taken == (fault.accepts ? 1 : 0))
            await client.close()
        }
    }

    @Test func `curl sends again what was refused or gone away, and is answered`() async throws {
        try await withMockProviders { mocks in
            mocks.script(Script(provider: .apns, times: 1, answer: ScriptedAnswer(fault: .refusedStream)))
            let answer = try await APNsTests.push(mocks)
            #expect(answer.status == 200)
            #expect(mocks.count() == 1 && mocks.count(MessageFilter(accepted: false)) == 1)
        }
    }

    @Test func `curl reports what was accepted and never answered as a timeout`() async throws {
        try await withMockProviders { mocks in
            mocks.script(Script(provider: .apns, answer: ScriptedAnswer(fault: .never)))
            // Long enough for a busy machine to shake hands and send; what is waited for is the silence after it.
            let answer = try await APNsTests.push(mocks, extra: ["--max-time", "5"])
            #expect(answer.exit == 28)
            #expect(mocks.count() == 1)
        }
    }

    @Test func `the same apns-id accepted twice counts as a duplicate`() async throws {
        try await withMockProviders { mocks in
            let id = "0f3d5a4e-9c1b-4f6e-8a37-2b1c0d9e8f7a"
            for _ in 0..<2 { _ = try await APNsTests.push(mocks, headers: ["apns-id": id]) }
            _ = try await APNsTests.push(mocks)
            #expect(mocks.duplicates == [Duplicate(provider: .apns, target: Device.apns, identity: id, count: 2)])
        }
    }

    @Test func `a GOAWAY gives the reason that the script names`() async throws {
        try await withMockProviders { mocks in
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            mocks.script(Script(provider: .apns, answer: ScriptedAnswer(reason: "BadCertificateEnvironment", fault: .goawayZero)))
            client.post(
                "/3/device/\(Device.apns)", stream: 1, headers: Self.headers(try ClientCredentials(of: mocks).providerToken()),
                body: APNsTests.payload)
            _ = try await client.first {
                $0 == .goAway(lastStream: 0, debug: #"{"reason":"BadCertificateEnvironment"}"#) ? true : nil
            }
        }
    }

    @Test func `an error body may come in several frames`() async throws {
        try await withMockProviders { mocks in
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            mocks.script(
                Script(provider: .apns, answer: ScriptedAnswer(reason: "TooManyRequests", pieces: 3, pieceDelay: .milliseconds(1))))
            client.post(
                "/3/device/\(Device.apns)", stream: 1, headers: Self.headers(try ClientCredentials(of: mocks).providerToken()),
                body: APNsTests.payload)
            var frames: [String] = []
            var hasEnded = false
            while !hasEnded {
                let (text, ended) = try await client.first { if case .data(1, let text, let ended) = $0 { (text, ended) } else { nil } }
                frames.append(text)
                hasEnded = ended
            }
            #expect(frames.count == 3 && frames.joined() == #"{"reason":"TooManyRequests"}"#)
            await client.close()
        }
    }

    @Test func `a hundred refusals without a success slow the connection down to one stream, and a success frees it`() async throws {
        try await withMockProviders { mocks in
            let token = try ClientCredentials(of: mocks).providerToken()
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            func push(_ stream: Int, to device: String) async throws {
                client.post("/3/device/\(device)", stream: stream, headers: Self.headers(token), body: APNsTests.payload)
            }
            try await push(1, to: Device.apns)
            #expect(try await client.first { if case .streamLimit(1000) = $0 { true } else { nil } })
            for number in 1...100 {
                try await push(2 * number + 1, to: Device.apns("BadDeviceToken"))
                if number < 100 { _ = try await client.first { Self.status($0, stream: 2 * number + 1) } }
            }
            #expect(try await client.first { if case .streamLimit(let limit) = $0 { limit } else { nil } } == 1)
            try await push(203, to: Device.apns)
            #expect(try await client.first { if case .streamLimit(let limit) = $0 { limit } else { nil } } == 1000)
            await client.close()
        }
    }

    @Test func `PRIORITY frames are ignored, as Apple says it does`() async throws {
        try await withMockProviders { mocks in
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            client.prioritise(stream: 3, over: 0)
            client.post(
                "/3/device/\(Device.apns)", stream: 5, headers: Self.headers(try ClientCredentials(of: mocks).providerToken()),
                body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 5) } == 200)
            await client.close()
        }
    }

    @Test func `an idle connection is told so and closed`() async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.apns.idleTimeout = .milliseconds(50)
        try await withMockProviders(configuration) { mocks in
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            _ = try await client.first { $0 == .goAway(lastStream: 0, debug: #"{"reason":"IdleTimeout"}"#) ? true : nil }
            _ = try await client.first { $0 == .closed ? true : nil }
        }
    }

    @Test func `another key of the same team, and another team, need a connection of their own`() async throws {
        try await withMockProviders { mocks in
            let http = ControlClient(mocks)
            let sibling = try await http.credentials(#"{"org":"sibling","apns":{"team_id":"MOCKTEAM01"}}"#)
            let stranger = try await http.credentials(#"{"org":"stranger"}"#)
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            let path = "/3/device/\(Device.apns)"
            client.post(path, stream: 1, headers: Self.headers(try ClientCredentials(of: mocks).providerToken()), body: APNsTests.payload)
            #expect(try await client.first { Self.status($0, stream: 1) } == 200)
            client.post(path, stream: 3, headers: Self.headers(try sibling.providerToken()), body: APNsTests.payload)
            #expect(try await client.first { Self.text($0, stream: 3) } == #"{"reason":"UnrelatedKeyIdInToken"}"#)
            client.post(path, stream: 5, headers: Self.headers(try stranger.providerToken()), body: APNsTests.payload)
            #expect(try await client.first { Self.text($0, stream: 5) } == #"{"reason":"InvalidProviderToken"}"#)
            await client.close()
            #expect(try await APNsTests.push(mocks, token: stranger.providerToken()).status == 200)
        }
    }
}
