import Crypto
import Foundation
import Testing

@testable import MockProviders

@Suite("APNs") struct APNsTests {
    static let payload = #"{"aps":{"alert":{"title":"Hello","body":"World"}}}"#

    /// One push by curl over HTTP/2. `headers` come on top, and a nil takes a header away.
    static func push(
        _ mocks: MockProviders, to device: String = Device.apns, token: String? = nil, method: String = "POST", path: String? = nil,
        headers: [String: String?] = [:], payload: String = payload, extra: [String] = []
    ) async throws -> Curl.Answer {
        let own: [String: String?] = [
            "authorization": "bearer \(try token ?? ClientCredentials(of: mocks).providerToken())", "apns-topic": "com.example.app",
            "apns-push-type": "alert",
        ]
        var arguments = ["--http2", "-X", method, "--data-binary", payload]
        for (name, value) in own.merging(headers, uniquingKeysWith: { $1 }) {
            if let value { arguments += ["-H", "\(name): \(value)"] }
        }
        return try await Curl.run(
            ca: mocks.caFile, arguments + extra + ["https://localhost:\(mocks.tlsPort)\(path ?? "/3/device/\(device)")"])
    }

    @Test func `an accepted push is answered 200 with its own apns-id and no body, and is remembered whole`() async throws {
        try await withMockProviders { mocks in
            let id = "0f3d5a4e-9c1b-4f6e-8a37-2b1c0d9e8f7a"
            let answer = try await Self.push(
                mocks, headers: ["apns-id": id, "apns-collapse-id": "news", "apns-expiration": "0", "apns-priority": "10"])
            #expect(answer.exit == 0 && answer.status == 200 && answer.body.isEmpty)
            #expect(answer.headers["apns-id"] == id)
            let message = try #require(try await mocks.waitForMessages().first)
            #expect(message.provider == .apns && message.target == Device.apns && message.id == id && message.status == 200)
            #expect(String(decoding: message.payload, as: UTF8.self) == Self.payload)
            #expect(message.header("apns-collapse-id") == "news")
            #expect(message.header("authorization") == nil)
        }
    }

    @Test func `an apns-id is made up for a push that has none`() async throws {
        try await withMockProviders { mocks in
            let answer = try await Self.push(mocks)
            #expect(answer.status == 200)
            #expect(APNsRules.isUUID(answer.headers["apns-id"] ?? ""))
        }
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var reason: String
        var status: Int
        var method = "POST"
        var path: String?
        var headers: [String: String?] = [:]
        var payload = APNsTests.payload

        var testDescription: String { "\(reason) \(headers) \(path ?? "")" }
    }

    static let faults = [
        Fault(reason: "BadMessageId", status: 400, headers: ["apns-id": "1"]),
        Fault(reason: "MethodNotAllowed", status: 405, method: "PUT"),
        Fault(reason: "MissingTopic", status: 400, headers: ["apns-topic": nil]),
        Fault(reason: "BadTopic", status: 400, headers: ["apns-topic": "no topic"]),
        Fault(reason: "TopicDisallowed", status: 400, headers: ["apns-topic": "com.example.other"]),
        Fault(reason: "BadCollapseId", status: 400, headers: ["apns-collapse-id": String(repeating: "c", count: 65)]),
        Fault(reason: "BadExpirationDate", status: 400, headers: ["apns-expiration": "soon"]),
        Fault(reason: "BadPriority", status: 400, headers: ["apns-priority": "7"]),
        Fault(reason: "BadPriority", status: 400, headers: ["apns-priority": "10", "apns-push-type": "background"]),
        Fault(reason: "BadPriority", status: 400, headers: ["apns-priority": "1", "apns-push-type": "liveactivity"]),
        Fault(reason: "InvalidPushType", status: 400, headers: ["apns-push-type": "shout"]),
        Fault(reason: "InvalidPushType", status: 400, headers: ["apns-push-type": "voip"]),
        Fault(reason: "MissingDeviceToken", status: 400, path: "/3/device/"),
        Fault(reason: "BadDeviceToken", status: 400, path: "/3/device/nothex"),
        Fault(reason: "BadDeviceToken", status: 400, path: "/3/device/abcd"),
        Fault(reason: "BadDeviceToken", status: 400, path: "/3/device/" + String(repeating: "0", count: 64)),
        Fault(reason: "BadPath", status: 404, path: "/3/gadget/abcd"),
        Fault(reason: "MissingProviderToken", status: 403, headers: ["authorization": nil]),
        Fault(reason: "MissingProviderToken", status: 403, headers: ["authorization": "Basic dTpw"]),
        Fault(reason: "InvalidProviderToken", status: 403, headers: ["authorization": "bearer a.b.c"]),
        Fault(reason: "PayloadEmpty", status: 400, payload: ""),
        Fault(reason: "PayloadTooLarge", status: 413, payload: String(repeating: "x", count: 4097)),
    ]

    @Test func `each fault of a request has its status and reason`() async throws {
        try await withMockProviders { mocks in
            for fault in Self.faults {
                let answer = try await Self.push(
                    mocks, method: fault.method, path: fault.path, headers: fault.headers, payload: fault.payload)
                #expect(answer.status == fault.status, "\(fault)")
                #expect(answer.json["reason"] as? String == fault.reason, "\(fault)")
                #expect(answer.json["timestamp"] == nil)
            }
            #expect(mocks.count() == 0)
            #expect(mocks.count(MessageFilter(accepted: false)) == Self.faults.count)
        }
    }

    @Test func `a repeated header is refused`() async throws {
        try await withMockProviders { mocks in
            let answer = try await Self.push(mocks, extra: ["-H", "apns-priority: 10", "-H", "apns-priority: 5"])
            #expect(answer.status == 400 && answer.json["reason"] as? String == "DuplicateHeaders")
        }
    }

    @Test func `a voip push may have 5120 bytes and has its own topic`() async throws {
        try await withMockProviders { mocks in
            let payload = #"{"k":""# + String(repeating: "x", count: 5000) + #""}"#
            let answer = try await Self.push(
                mocks, headers: ["apns-push-type": "voip", "apns-topic": "com.example.app.voip"], payload: payload)
            #expect(answer.status == 200)
        }
    }

    @Test func `a provider token is checked for key, team, signature and age`() async throws {
        try await withMockProviders { mocks in
            let credentials = try ClientCredentials(of: mocks)
            let tokens: [(String, String)] = [
                (try credentials.providerToken(keyID: "OTHERKEY01"), "InvalidProviderToken"),
                (try credentials.providerToken(team: "OTHERTEAM1"), "InvalidProviderToken"),
                (try credentials.providerToken(key: P256.Signing.PrivateKey()), "InvalidProviderToken"),
                (try credentials.providerToken(issuedAt: Date(timeIntervalSinceNow: 600)), "InvalidProviderToken"),
                (try credentials.providerToken(issuedAt: Date(timeIntervalSinceNow: -3700)), "ExpiredProviderToken"),
            ]
            for (token, reason) in tokens {
                let answer = try await Self.push(mocks, token: token)
                #expect(answer.status == 403 && answer.json["reason"] as? String == reason)
            }
        }
    }

    @Test func `a device token may name any reason in hex, and has it come true`() async throws {
        try await withMockProviders { mocks in
            for (reason, status) in APNsReason.statuses.sorted(by: { $0.key < $1.key }) {
                let answer = try await Self.push(mocks, to: Device.apns(reason))
                #expect(answer.status == status && answer.json["reason"] as? String == reason)
            }
        }
    }

    @Test func `410 carries the time in milliseconds, now or as told`() async throws {
        try await withMockProviders { mocks in
            let before = Int64(Date().timeIntervalSince1970 * 1000)
            let now = try await Self.push(mocks, to: Device.apns("Unregistered"))
            #expect((now.json["timestamp"] as? Int64 ?? 0) >= before)
            let told = try await Self.push(mocks, to: Device.apns("Unregistered at 1700000000000"))
            #expect(told.json["timestamp"] as? Int64 == 1_700_000_000_000)
        }
    }

    @Test func `a magic token limited to two attempts is accepted at the third`() async throws {
        try await withMockProviders { mocks in
            var statuses: [Int] = []
            for _ in 0..<3 { statuses.append(try await Self.push(mocks, to: Device.apns("TooManyRequests x2")).status) }
            #expect(statuses == [429, 429, 200])
        }
    }

    @Test func `HTTP 1.1 is not spoken`() async throws {
        try await withMockProviders { mocks in
            let plain = try await Curl.run(ca: nil, ["-d", Self.payload, "http://127.0.0.1:\(mocks.httpPort)/3/device/\(Device.apns)"])
            #expect(plain.status == 505)
            let tls = try await Self.push(mocks, extra: ["--http1.1"])
            #expect(tls.status == 505)
            #expect(mocks.count() == 0)
        }
    }

    @Test func `what was told of a device token holds for it alone`() async throws {
        try await withMockProviders { mocks in
            let other = String(repeating: "ab", count: 32)
            let sandbox = ["-H", "host: sandbox.localhost"]
            mocks.main.setDevice(Device.apns.uppercased(), environment: .sandbox)
            #expect(try await Self.push(mocks).json["reason"] as? String == "BadDeviceToken")
            let right = try await Self.push(mocks, extra: sandbox)
            #expect(right.status == 200 && right.headers["apns-unique-id"] != nil)
            let plain = try await Self.push(mocks, to: other)
            #expect(plain.status == 200 && plain.headers["apns-unique-id"] == nil)
            mocks.main.setDevice(Device.apns, topics: ["com.example.app.voip"])
            #expect(try await Self.push(mocks).json["reason"] as? String == "DeviceTokenNotForTopic")
            mocks.main.setDevice(Device.apns, unregisteredAt: 1_700_000_000_000)
            let gone = try await Self.push(mocks)
            #expect(gone.status == 410 && gone.json["reason"] as? String == "Unregistered" && gone.json["timestamp"] as? Int64 == 1_700_000_000_000)
            mocks.main.setDevice(Device.apns, perMinute: 2)
            var statuses: [Int] = []
            for _ in 0..<3 { statuses.append(try await Self.push(mocks).status) }
            #expect(statuses == [200, 200, 429])
            mocks.advanceClock(by: .seconds(60))
            #expect(try await Self.push(mocks).status == 200)
        }
    }

    @Test func `a key for the sandbox does not open production`() async throws {
        try await withMockProviders { mocks in
            let account = try await ControlClient(mocks).credentials(#"{"org":"a","apns":{"environment":"sandbox"}}"#)
            let production = try await Self.push(mocks, token: account.providerToken())
            #expect(production.status == 403 && production.json["reason"] as? String == "BadEnvironmentKeyIdInToken")
            #expect(try await Self.push(mocks, token: account.providerToken(), extra: ["-H", "host: api.sandbox.push.apple.com"]).status == 200)
        }
    }

    @Test func `a client certificate speaks for its topics, and no token is asked for`() async throws {
        try await withMockProviders { mocks in
            let directory = try #require(mocks.keysDirectory)
            let cert = ["--cert", directory + "/apns-client.pem"]
            let sealed = ["--cert-type", "P12", "--cert", "\(directory)/apns-client.p12:mock"]
            #expect(try await Self.push(mocks, headers: ["authorization": nil, "apns-topic": "com.example.app"], extra: sealed).status == 200)
            #expect(try await Self.push(mocks, headers: ["authorization": nil], extra: cert).status == 200)
            #expect(mocks.messages().first?.credential == "client certificate")
            let voip = ["apns-topic": "com.example.app.voip", "apns-push-type": "voip", "authorization": nil] as [String: String?]
            #expect(try await Self.push(mocks, headers: voip, extra: cert).status == 200)
            let other = try await Self.push(mocks, headers: ["apns-topic": "com.example.other", "authorization": nil], extra: cert)
            #expect(other.json["reason"] as? String == "TopicDisallowed")
            let location = ["apns-topic": "com.example.app", "apns-push-type": "location", "authorization": nil] as [String: String?]
            #expect(try await Self.push(mocks, headers: location, extra: cert).json["reason"] as? String == "InvalidPushType")
        }
    }

    @Test(arguments: CertificateFlaw.allCases)
    func `a flawed server certificate is noticed by a client that looks`(flaw: CertificateFlaw) async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.certificateFlaw = flaw
        try await withMockProviders(configuration) { mocks in
            let careful = try await Self.push(mocks)
            #expect(careful.exit == 60)
            let careless = try await Self.push(mocks, extra: ["--insecure"])
            #expect(careless.status == 200)
        }
    }

    @Test func `a sending host of Apple's is served when the client is led here`() async throws {
        try await withMockProviders { mocks in
            let token = try ClientCredentials(of: mocks).providerToken()
            let answer = try await Curl.run(
                ca: mocks.caFile,
                [
                    "--http2", "--connect-to", "api.push.apple.com:443:127.0.0.1:\(mocks.tlsPort)", "-d", Self.payload,
                    "-H", "authorization: bearer \(token)", "-H", "apns-topic: com.example.app", "https://api.push.apple.com/3/device/\(Device.apns)",
                ])
            #expect(answer.status == 200)
        }
    }
}
