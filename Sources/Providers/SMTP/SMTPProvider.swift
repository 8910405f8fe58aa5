import Domain
import Transport

/// Mail through one relay account: one mail to a delivery, one recipient to a mail, so that every reply speaks of one delivery alone.
struct SMTPProvider: Provider {
    let name = ProviderName.smtp
    /// Twice the relay's connections: while one mail's outcome is being written down, the next one waits at the connection's door.
    var window: Int { 2 * relay.maxConnections }

    private let relay: SMTPRelay
    private let composer: MailComposer
    private let carrier: any MailCarrier
    private let time: any TimeSource

    init(_ material: SMTPMaterial, carrier: any MailCarrier, time: any TimeSource) {
        relay = material.relay
        composer = MailComposer(from: material.from, signers: material.signers)
        self.carrier = carrier
        self.time = time
    }

    /// Relays limit by account, each in its own way, and tell by refusing. An account's name is often an address, so only its fingerprint shows.
    func quota(of affinity: String) -> Quota {
        let host = relay.host.contains(":") ? "[\(relay.host)]" : relay.host
        let account = relay.username.map { "/\(Fingerprint.of(Array($0.utf8)))" } ?? ""
        return Quota(name: "smtp/\(host):\(relay.port)\(account)", ceiling: 10_000, burst: 1_000)
    }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for message in messages { outcomes.append(await send(message, deadline: deadline)) }
        return outcomes
    }

    func close() async {
        carrier.closeIdleConnections(to: relay)
    }

    private func send(_ message: OutboundMessage, deadline: Timestamp) async -> Outcome {
        let recipient: MailAddress
        do {
            recipient = try MailAddress(message.delivery.target.address)
        } catch {
            // Not a verdict of any relay, so the address is left alone; intake is the place to refuse it.
            return Outcome(verdict: .rejected, rule: "smtp.local.bad_address", reason: "5.1.3", detail: "The address \(error.rawValue).")
        }
        let mail: [UInt8]
        do {
            mail = try composer.compose(message, to: recipient, now: time.now)
        } catch {
            return Outcome(verdict: .rejected, rule: "smtp.local.\(error.rule)", reason: error.reason, detail: error.message)
        }
        let outcome = await carrier.send(
            SMTPMail(sender: composer.from.address.addrSpec, recipients: [recipient.addrSpec], message: mail), via: relay,
            timeout: deadline - time.now)
        let reader = SMTPReader(secrets: [message.delivery.target.address, recipient.addrSpec])
        return SMTPVerdicts.table.judge(reader.answer(outcome))
    }
}

/// What the provider needs of the SMTP transport; lets tests answer in its place.
protocol MailCarrier: Sendable {
    func send(_ mail: SMTPMail, via relay: SMTPRelay, timeout: Duration) async -> SMTPOutcome
    func closeIdleConnections(to relay: SMTPRelay)
}

extension SMTPTransport: MailCarrier {}
