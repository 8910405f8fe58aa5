import Domain
import Synchronization
import Testing
import Transport

@testable import Providers

struct SMTPProviderTests {
    private let now = Timestamp(seconds: 1_763_718_906)

    @Test func `a mail goes to one recipient, from the account's address, within the deadline`() async throws {
        let carrier = StubCarrier(.answered(recipients: [ok], reply: SMTPReply(code: 250, enhancedCode: "2.0.0", text: "Ok: queued as 4TxYz12abc")))
        let outcome = try await send(carrier, to: "User@bücher.example")
        #expect(outcome.verdict == .accepted)
        #expect(outcome.rule == "smtp.end.2xx")
        #expect(outcome.status == 250)
        #expect(outcome.providerMessageID == "4TxYz12abc")
        let sent = try #require(carrier.sent.first)
        #expect(sent.mail.sender == "no-reply@example.org")
        #expect(sent.mail.recipients == ["User@xn--bcher-kva.example"])
        #expect(sent.relay.host == "xn--mail-3ra.example")
        #expect(sent.relay.password == "secret")
        #expect(sent.timeout == .seconds(30))
        #expect(ReadMail(sent.mail.message)["To"] == "User@xn--bcher-kva.example")
    }

    @Test(arguments: ["nobody", "a@example.org\r\nDATA", "a b@example.org", "jürgen\u{0}@example.org"])
    func `an address that is none is refused without asking the relay, and nothing is said of it`(address: String) async throws {
        let carrier = StubCarrier(.answered(recipients: [ok], reply: ok))
        let outcome = try await send(carrier, to: address)
        #expect(outcome.verdict == .rejected)
        #expect(outcome.rule == "smtp.local.bad_address")
        #expect(outcome.detail?.contains(address) == false)
        #expect(carrier.sent.isEmpty)
    }

    @Test func `a mail that can't be written is refused by a rule that names the field`() async throws {
        let carrier = StubCarrier(.answered(recipients: [ok], reply: ok))
        #expect(try await send(carrier, content: Content(title: "a\nb", body: "x")).rule == "smtp.local.control_character")
        #expect(try await send(carrier, content: Content()).rule == "smtp.local.empty")
        #expect(try await send(carrier, content: Content(title: "T", listUnsubscribe: "http://x")).rule == "smtp.local.list_unsubscribe")
        #expect(carrier.sent.isEmpty)
    }

    @Test func `an address that the relay can't read is refused as RFC 6531 has it, and stays`() async throws {
        let outcome = try await send(StubCarrier(.notOffered(.smtpUTF8)), to: "jürgen@example.org")
        #expect(outcome.verdict == .rejected)
        #expect(outcome.reason == "5.6.7")
    }

    @Test func `the outcome quotes the relay, but neither form of the address`() async throws {
        let reply = SMTPReply(code: 550, enhancedCode: "5.1.1", text: "<user@xn--bcher-kva.example> user@bücher.example unknown")
        let outcome = try await send(StubCarrier(.refused(stage: .rcpt, reply: reply, recipients: [reply])), to: "user@bücher.example")
        #expect(outcome.verdict == .recipientGone(asOf: nil))
        #expect(outcome.detail == "<u…@xn--bcher-kva.example> u…@bücher.example unknown")
    }

    @Test func `the window keeps the relay's connections busy, and closing lets go of its connections`() async throws {
        let carrier = StubCarrier(.notOffered(.auth))
        let provider = try SMTPProvider(account: account(), carrier: carrier, time: FixedTime(now: now))
        #expect(provider.window == 8)
        #expect(provider.batchLimit == 1)
        await provider.close()
        #expect(carrier.closed.map(\.port) == [587])
    }

    @Test func `an account that no relay could make work is refused with field and remedy`() {
        func field(_ change: (inout SMTPAccount) -> Void) -> String? {
            var account = account()
            change(&account)
            do {
                _ = try SMTPProvider(account: account, carrier: StubCarrier(.notOffered(.auth)), time: FixedTime(now: now))
                return nil
            } catch {
                let fault = error.faults.first
                return fault?.remedy.isEmpty == false ? fault?.field : nil
            }
        }
        #expect(field { $0.host = "not a host" } == "url")
        #expect(field { $0.host = "" } == "url")
        #expect(field { $0.port = 0 } == "url")
        #expect(field { $0.from = "Demo" } == "from")
        #expect(field { $0.from = "Demo\n<a@example.org>" } == "from")
        #expect(field { $0.username = nil } == "username")
        #expect(field { $0.password = nil } == "password")
        #expect(field { $0.ehloName = "a b" } == "ehlo_name")
        #expect(field { $0.maxConnections = 0 } == "max_connections")
        #expect(field { $0.dkim = [.init(domain: "example.org", selector: "s", algorithm: .rsa, privateKey: Secret("x"))] } == "dkim/0/private_key")
        #expect(field { $0.host = "192.0.2.1" } == nil)
        #expect(field { $0.host = "2001:db8::1" } == nil)
    }

    // MARK: Parts

    private let ok = SMTPReply(code: 250, enhancedCode: "2.1.5", text: "Ok")

    private func account() -> SMTPAccount {
        SMTPAccount(
            host: "mailü.example", port: 587, security: .starttls, username: "user", password: Secret("secret"), from: "Demo <no-reply@example.org>",
            maxConnections: 4)
    }

    private func send(_ carrier: StubCarrier, to address: String = "user@example.com", content: Content = Content(title: "T", body: "x")) async throws
        -> Outcome
    {
        let delivery = Delivery(
            id: Identifier(high: 1, low: 2), notificationID: "n", orgID: "o", userID: nil,
            lane: LaneKey(orgID: "o", provider: .smtp, credential: "main"),
            target: Target(address: address), nextAttemptAt: now, createdAt: now)
        let provider = try SMTPProvider(account: account(), carrier: carrier, time: FixedTime(now: now))
        let outcomes = await provider.send([OutboundMessage(delivery: delivery, content: content)], deadline: now + .seconds(30))
        return try #require(outcomes.count == 1 ? outcomes.first : nil)
    }

    private struct FixedTime: TimeSource {
        let now: Timestamp

        func sleep(until deadline: Timestamp) async throws {}
    }

    private final class StubCarrier: MailCarrier {
        private let outcome: SMTPOutcome
        private let record = Mutex<(sent: [(mail: SMTPMail, relay: SMTPRelay, timeout: Duration)], closed: [SMTPRelay])>(([], []))

        init(_ outcome: SMTPOutcome) { self.outcome = outcome }

        var sent: [(mail: SMTPMail, relay: SMTPRelay, timeout: Duration)] { record.withLock { $0.sent } }
        var closed: [SMTPRelay] { record.withLock { $0.closed } }

        func send(_ mail: SMTPMail, via relay: SMTPRelay, timeout: Duration) async -> SMTPOutcome {
            record.withLock { $0.sent.append((mail, relay, timeout)) }
            return outcome
        }

        func closeIdleConnections(to relay: SMTPRelay) {
            record.withLock { $0.closed.append(relay) }
        }
    }
}

extension SMTPProvider {
    /// From an account as it stands in a credential.
    init(account: SMTPAccount, carrier: any MailCarrier, time: any TimeSource) throws(CredentialFaults) {
        var findings = Findings()
        guard let material = SMTPRules.examine(account, &findings) else { throw CredentialFaults(findings.faults) }
        self.init(material, carrier: carrier, time: time)
    }
}
