/// The conversation of RFC 5321 with one client: commands in, replies out. Does no I/O and knows no time but what it is told.
struct SMTPSession {
    enum Step: Sendable {
        case reply(SMTPReply)
        /// The reply, then TLS.
        case startTLS(SMTPReply)
        /// The reply, then message lines until the dot.
        case data(SMTPReply)
        /// The reply, then the end.
        case close(SMTPReply)
    }

    /// What the session must ask for: policy stands outside it.
    struct Policy {
        var capabilities: Set<MockConfiguration.SMTP.Capability>
        /// AUTH without TLS.
        var offersAuthentication: Bool
        var requiresAuthentication: Bool
        var maximumSize: Int
        var maximumRecipients: Int

        func offers(_ capability: MockConfiguration.SMTP.Capability) -> Bool { capabilities.contains(capability) }

        /// The mechanisms of AUTH, as EHLO lists them.
        var mechanisms: [String] {
            MockConfiguration.SMTP.Capability.allCases.filter(offers).compactMap(\.mechanism)
        }
    }

    /// Where in an exchange of AUTH the client is.
    enum Phase {
        case commands
        case plainResponse
        case loginUser
        case loginPassword(user: String)
        case bearerResponse
        /// A bearer has been refused, in words that the client must answer before it gets the reply (RFC 7628 section 3.2.3).
        case bearerRefused
    }

    struct Envelope: Sendable {
        var sender: String
        var recipients: [String] = []
        var internationalised = false
    }

    /// Whether the password is the user's; then the session belongs to that user's run.
    let authenticates: (_ user: String, _ password: String) -> Bool
    /// Whether the user that has logged in may name that sender.
    let maySend: (_ sender: String) -> Bool
    let policy: Policy
    /// The script's word on a step: a reply in place of the usual one.
    let scripted: (Script.Stage, String) -> SMTPReply?
    let greylisted: (_ sender: String, _ recipient: String) -> Bool
    var phase = Phase.commands
    private(set) var greeted = false
    private(set) var isTLS: Bool
    var isAuthenticated = false
    var envelope: Envelope?

    init(
        policy: Policy, isTLS: Bool, authenticates: @escaping (_ user: String, _ password: String) -> Bool,
        maySend: @escaping (_ sender: String) -> Bool = { _ in true },
        scripted: @escaping (Script.Stage, String) -> SMTPReply?,
        greylisted: @escaping (_ sender: String, _ recipient: String) -> Bool
    ) {
        self.authenticates = authenticates
        self.maySend = maySend
        self.policy = policy
        self.isTLS = isTLS
        self.scripted = scripted
        self.greylisted = greylisted
    }

    /// TLS stands: everything said before is forgotten (RFC 3207 section 4.2).
    mutating func tlsStarted() {
        isTLS = true
        greeted = false
        isAuthenticated = false
        envelope = nil
    }

    mutating func messageEnded() { envelope = nil }

    /// Between commands and outside a transaction.
    var isIdle: Bool {
        guard case .commands = phase else { return false }
        return envelope == nil
    }

    mutating func take(_ line: String) -> Step {
        guard case .commands = phase else { return authenticationResponse(line) }
        return command(line)
    }

    private mutating func command(_ line: String) -> Step {
        let verb = line.prefix { $0 != " " }.uppercased()
        let argument = line.dropFirst(verb.count).drop { $0 == " " }
        switch verb {
        case "EHLO": return hello(String(argument), extended: true)
        case "HELO": return hello(String(argument), extended: false)
        case "STARTTLS": return startTLS(argument)
        case "AUTH": return authenticate(argument)
        case "MAIL": return mail(argument)
        case "RCPT": return recipient(argument)
        case "DATA": return data(argument)
        case "RSET":
            envelope = nil
            return .reply(SMTPReply(250, "2.0.0", "Ok"))
        case "NOOP": return .reply(SMTPReply(250, "2.0.0", "Ok"))
        case "VRFY": return .reply(SMTPReply(252, "2.1.5", "Send some mail, I'll try my best"))
        case "HELP": return .reply(SMTPReply(214, "2.0.0", "See RFC 5321"))
        case "QUIT": return .close(SMTPReply(221, "2.0.0", "Bye"))
        default: return .reply(SMTPReply(500, "5.5.1", "Command not recognised"))
        }
    }

    func ended(_ reply: SMTPReply) -> Step { reply.code == 421 ? .close(reply) : .reply(reply) }

    // MARK: Before mail

    private mutating func hello(_ name: String, extended: Bool) -> Step {
        guard !name.isEmpty else { return .reply(SMTPReply(501, "5.5.4", "Hostname required")) }
        if let reply = scripted(.ehlo, name) { return ended(reply) }
        greeted = true
        envelope = nil
        guard extended else { return .reply(SMTPReply(250, nil, "mock-providers")) }
        return .reply(SMTPReply(250, lines: ["mock-providers"] + capabilities))
    }

    private var capabilities: [String] {
        var lines: [String] = []
        if policy.offers(.pipelining) { lines.append("PIPELINING") }
        if policy.offers(.size) { lines.append("SIZE \(policy.maximumSize)") }
        if policy.offers(.eightBitMIME) { lines.append("8BITMIME") }
        if policy.offers(.smtpUTF8) { lines.append("SMTPUTF8") }
        if policy.offers(.enhancedStatusCodes) { lines.append("ENHANCEDSTATUSCODES") }
        if policy.offers(.startTLS), !isTLS { lines.append("STARTTLS") }
        let mechanisms = policy.mechanisms
        if !mechanisms.isEmpty, isTLS || policy.offersAuthentication { lines.append("AUTH " + mechanisms.joined(separator: " ")) }
        return lines
    }

    private func startTLS(_ argument: Substring) -> Step {
        guard policy.offers(.startTLS), !isTLS else { return .reply(SMTPReply(503, "5.5.1", "TLS is not available here")) }
        guard argument.isEmpty else { return .reply(SMTPReply(501, "5.5.4", "No parameters allowed")) }
        if let reply = scripted(.starttls, "") { return ended(reply) }
        return .startTLS(SMTPReply(220, "2.0.0", "Ready to start TLS"))
    }
}
