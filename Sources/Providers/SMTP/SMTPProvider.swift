public import Domain
public import Transport

/// Mail through one relay account: one mail to a delivery, one recipient to a mail, so that every reply speaks of one delivery alone.
public struct SMTPProvider: Provider {
    public let name = ProviderName.smtp
    /// Twice the relay's connections: while one mail's outcome is being written down, the next one waits at the connection's door.
    public var window: Int { 2 * relay.maxConnections }

    private let relay: SMTPRelay
    private let composer: MailComposer
    private let carrier: any MailCarrier
    private let time: any TimeSource

    /// Throws `CredentialFault` for an account that no relay could make work.
    public init(account: SMTPAccount, transport: SMTPTransport, time: any TimeSource) throws {
        try self.init(account: account, carrier: transport, time: time)
    }

    init(account: SMTPAccount, carrier: any MailCarrier, time: any TimeSource) throws {
        relay = try SMTPRelay(account)
        let from: Mailbox
        do {
            from = try Mailbox(account.from)
        } catch {
            throw CredentialFault(
                field: "from", message: "The sender \(error.rawValue)",
                remedy: "Write an address, with a name if you like: Demo <no-reply@example.org>.")
        }
        composer = MailComposer(from: from, signers: try account.dkim.map { key throws(CredentialFault) in try DKIMSigner(key) })
        self.carrier = carrier
        self.time = time
    }

    public func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        var outcomes: [Outcome] = []
        for message in messages { outcomes.append(await send(message, deadline: deadline)) }
        return outcomes
    }

    public func close() async {
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

extension SMTPRelay {
    init(_ account: SMTPAccount) throws(CredentialFault) {
        let isLiteral = account.host.contains(":") || account.host.allSatisfy { $0.isNumber || $0 == "." }
        guard let host = isLiteral ? account.host : DomainName(account.host)?.ascii, !host.isEmpty else {
            throw CredentialFault(
                field: "url", message: "\"\(account.host)\" is no host name", remedy: "Write smtp://HOST:PORT, or smtps://HOST:PORT for implicit TLS."
            )
        }
        guard (1...65_535).contains(account.port) else {
            throw CredentialFault(
                field: "url", message: "\(account.port) is no port", remedy: "Relays listen on 587 (STARTTLS), 465 (implicit TLS) or 25.")
        }
        guard account.maxConnections >= 1 else {
            throw CredentialFault(
                field: "max_connections", message: "\(account.maxConnections) connections can't carry mail", remedy: "Give 1 or more.")
        }
        guard (account.username == nil) == (account.password == nil) else {
            let missing = account.username == nil ? "username" : "password"
            throw CredentialFault(
                field: missing, message: "The \(missing) is missing",
                remedy: "Give username and password both, or neither for a relay that knows us by address.")
        }
        let ehlo = try account.ehloName.map { name throws(CredentialFault) in
            guard let domain = DomainName(name) else {
                throw CredentialFault(
                    field: "ehlo_name", message: "\"\(name)\" is no host name", remedy: "Give this machine's full name in DNS, or leave it out.")
            }
            return domain.ascii
        }
        let security: Security =
            switch account.security {
            case .starttls: .starttls
            case .implicit: .implicit
            case .none: .none
            }
        self.init(
            host: host, port: account.port, security: security, username: account.username, password: account.password?.revealText(), ehloName: ehlo,
            maxConnections: account.maxConnections)
    }
}
