import Domain
import Synchronization
import Testing
import Transport

@testable import Providers

struct APNsProviderTests {
    private let time = ManualTime()
    private var deadline: Timestamp { Fixture.now + .seconds(30) }
    private let hello = Fixture.message(Content(title: "Hi"))

    @Test func `lanes of one key share its token and its connections, those of two keys of a team nothing`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(200) }
        let factory = try Fixture.factory(carrier, time)
        for credential in [
            Fixture.apns(), Fixture.apns(topic: "com.example.other"), Fixture.apns(environment: .sandbox), Fixture.apns(keyID: "KEY7654321"),
            Fixture.apns(teamID: "TEAM654321"),
        ] {
            let outcomes = try await factory.make(credential).send([hello], deadline: deadline)
            #expect(outcomes.map(\.verdict) == [.accepted])
            #expect(outcomes.first?.providerMessageID == hello.delivery.id.uuidString)
        }
        let sent = carrier.sent
        let bearers = sent.map { $0.request[header: "authorization"] }
        #expect(bearers[0] == bearers[1] && bearers[0] == bearers[2])
        #expect(Set(bearers).count == 3)
        #expect(
            sent.map(\.group.name) == [
                "apns/production/TEAM123456/KEY1234567", "apns/production/TEAM123456/KEY1234567", "apns/sandbox/TEAM123456/KEY1234567",
                "apns/production/TEAM123456/KEY7654321", "apns/production/TEAM654321/KEY1234567",
            ])
        #expect(sent.allSatisfy { $0.group.opensWithOne && $0.timeout == .seconds(30) })
        #expect(sent[2].request.url.hasPrefix("https://api.sandbox.push.apple.com/3/device/"))
    }

    @Test func `a certificate speaks on connections of its own and without a token`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(403, #"{"reason":"ExpiredProviderToken"}"#) }
        let file = try PushCertificate().p12(password: "geheim")
        let provider = try Fixture.factory(carrier, time).make(PushCertificate.credential(file, password: "geheim"))
        let outcome = try #require(await provider.send([hello], deadline: deadline).first)
        #expect(outcome.verdict == .credentialRefused)
        let sent = try #require(carrier.sent.first)
        #expect(sent.request[header: "authorization"] == nil)
        #expect(sent.group.clientCertificate == .init(p12: file, password: "geheim"))
        #expect(sent.group.name.hasPrefix("apns/production/certificate/"))
    }

    @Test func `an expired token is replaced once on a new connection, then the credential is at fault`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(403, #"{"reason":"ExpiredProviderToken"}"#) }
        let provider = try Fixture.factory(carrier, time).make(Fixture.apns())
        // Two that were under way at the same time renew the connection once.
        async let first = provider.send([hello], deadline: deadline)
        async let second = provider.send([hello], deadline: deadline)
        let outcomes = await first + second
        #expect(outcomes.map(\.verdict).contains(.refreshed(afterwards: .credentialRefused)))
        #expect(carrier.renewed.map(\.name) == ["apns/production/TEAM123456/KEY1234567"])

        time.advance(.seconds(1))
        let again = await provider.send([hello], deadline: deadline)
        #expect(again.map(\.verdict) == [.credentialRefused])
        #expect(again.first?.rule == "apns.403.ExpiredProviderToken.fresh_token")
        #expect(Set(carrier.sent.map { $0.request[header: "authorization"] }).count == 2)
    }

    @Test func `a refused token is tried on a new connection only where others may have bound the old one`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(403, #"{"reason":"InvalidProviderToken"}"#) }
        let factory = try Fixture.factory(carrier, time)
        let alone = try factory.make(Fixture.apns())
        #expect(await alone.send([hello], deadline: deadline).map(\.verdict) == [.credentialRefused])
        #expect(carrier.renewed.isEmpty)
        _ = try factory.make(Fixture.apns(topic: "com.example.other"))
        #expect(await alone.send([hello], deadline: deadline).map(\.verdict) == [.refreshed(afterwards: .credentialRefused)])
        #expect(carrier.renewed.count == 1)
    }

    @Test func `a server that shuts down is left, and left once`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(503, #"{"reason":"Shutdown"}"#) }
        let provider = try Fixture.factory(carrier, time).make(Fixture.apns())
        for _ in 0..<3 { #expect(await provider.send([hello], deadline: deadline).map(\.verdict) == [.refreshed(afterwards: .deferred)]) }
        #expect(carrier.renewed.count == 1)
        time.advance(.seconds(1))
        _ = await provider.send([hello], deadline: deadline)
        #expect(carrier.renewed.count == 2)
    }

    @Test func `the answer's text is kept without the token, and short`() async throws {
        let body = #"{"reason":"BadDeviceToken","token":"\#(Fixture.deviceToken.lowercased())","x":"\#(String(repeating: "y", count: 5_000))"}"#
        let carrier = ScriptedCarrier { _, _ in .status(400, body) }
        let outcome = try #require(await Fixture.factory(carrier, time).make(Fixture.apns()).send([hello], deadline: deadline).first)
        let detail = try #require(outcome.detail)
        #expect(!detail.contains(Fixture.deviceToken.lowercased()) && detail.contains("BadDeviceToken"))
        #expect(detail.utf8.count <= 1_024)
        #expect(outcome.verdict == .recipientGone(asOf: nil) && outcome.suspectsCredential)
    }

    @Test func `an attempt without time left is not made`() async throws {
        let carrier = ScriptedCarrier { _, _ in .status(200) }
        let outcomes = try await Fixture.factory(carrier, time).make(Fixture.apns()).send([hello], deadline: Fixture.now)
        #expect(outcomes.map(\.rule) == ["apns.local.deadline_passed"])
        #expect(carrier.sent.isEmpty)
    }

    @Test func `what was not sent may be sent again, what may have been sent says so`() async throws {
        let failures = Mutex<[HTTPOutcome]>([
            .notSent(TransportFailure(kind: .connect, message: "Couldn't connect to server", code: 7)),
            .unknown(TransportFailure(kind: .timeout, message: "Timeout was reached", code: 28)),
        ])
        let carrier = ScriptedCarrier { _, _ in failures.withLock { $0.removeFirst() } }
        let provider = try Fixture.factory(carrier, time).make(Fixture.apns())
        let outcomes = await provider.send([hello, hello], deadline: deadline)
        #expect(outcomes.map(\.rule) == ["apns.not_sent.connect_failed", "apns.unknown.timeout"])
        #expect(outcomes.map(\.verdict) == [.deferred(Wait()), .unknown(resend: true)])
        #expect(outcomes.map(\.blamesProvider) == [true, true])
        #expect(outcomes[0].detail == "Couldn't connect to server")
    }
}
