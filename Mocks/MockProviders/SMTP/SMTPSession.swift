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

        var offersPassword: Bool { offers(.authPlain) || offers(.authLogin) }
    }

    private enum Phase {
        case commands
        case plainResponse
        case loginUser
        case loginPassword(user: String)
    }

    struct Envelope: Sendable {
        var sender: String
        var recipients: [String] = []
        var internationalised = false
    }

    /// Whether the password is the user's; then the session belongs to that user's run.
    private let authenticates: (_ user: String, _ password: String) -> Bool
    /// Whether the user that has logged in may name that sender.
    private let maySend: (_ sender: String) -> Bool
    private let policy: Policy
    /// The script's word on a step: a reply in place of the usual one.
    private let scripted: (Script.Stage, String) -> SMTPReply?
    private let greylisted: (_ sender: String, _ recipient: String) -> Bool
    private var phase = Phase.commands
    private var greeted = false
    private(set) var isTLS: Bool
    private(set) var isAuthenticated = false
    private(set) var envelope: Envelope?

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
        switch phase {
        case .commands: return command(line)
        case .plainResponse:
            phase = .commands
            return plain(line)
        case .loginUser:
            guard let user = Base64.decode(line) else { return badBase64() }
            phase = .loginPassword(user: String(decoding: user, as: UTF8.self))
            return .reply(SMTPReply(334, nil, Base64.encode("Password:".utf8)))
        case .loginPassword(let user):
            guard let password = Base64.decode(line) else { return badBase64() }
            phase = .commands
            return authenticated(user: user, password: String(decoding: password, as: UTF8.self))
        }
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

    private func ended(_ reply: SMTPReply) -> Step { reply.code == 421 ? .close(reply) : .reply(reply) }

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
        if policy.offersPassword, isTLS || policy.offersAuthentication {
            lines.append("AUTH" + (policy.offers(.authPlain) ? " PLAIN" : "") + (policy.offers(.authLogin) ? " LOGIN" : ""))
        }
        return lines
    }

    private func startTLS(_ argument: Substring) -> Step {
        guard policy.offers(.startTLS), !isTLS else { return .reply(SMTPReply(503, "5.5.1", "TLS is not available here")) }
        guard argument.isEmpty else { return .reply(SMTPReply(501, "5.5.4", "No parameters allowed")) }
        if let reply = scripted(.starttls, "") { return ended(reply) }
        return .startTLS(SMTPReply(220, "2.0.0", "Ready to start TLS"))
    }

    private mutating func authenticate(_ argument: Substring) -> Step {
        guard greeted else { return .reply(SMTPReply(503, "5.5.1", "Send EHLO first")) }
        guard !isAuthenticated, envelope == nil else { return .reply(SMTPReply(503, "5.5.1", "Already authenticated, or in a transaction")) }
        guard isTLS || policy.offersAuthentication else {
            return .reply(SMTPReply(538, "5.7.11", "Encryption required for requested authentication mechanism"))
        }
        let parts = argument.split(separator: " ")
        switch parts.first?.uppercased() {
        case "PLAIN" where policy.offers(.authPlain):
            if parts.count > 1 { return plain(parts[1]) }
            phase = .plainResponse
            return .reply(SMTPReply(334, nil, ""))
        case "LOGIN" where policy.offers(.authLogin):
            if parts.count > 1 {
                guard let user = Base64.decode(parts[1]) else { return badBase64() }
                phase = .loginPassword(user: String(decoding: user, as: UTF8.self))
                return .reply(SMTPReply(334, nil, Base64.encode("Password:".utf8)))
            }
            phase = .loginUser
            return .reply(SMTPReply(334, nil, Base64.encode("Username:".utf8)))
        default: return .reply(SMTPReply(504, "5.5.4", "Unrecognised authentication type"))
        }
    }

    private mutating func plain(_ text: some StringProtocol) -> Step {
        guard let bytes = Base64.decode(text) else { return badBase64() }
        // authorisation identity NUL user NUL password (RFC 4616)
        let parts = bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count == 3 else { return badBase64() }
        return authenticated(user: parts[1], password: parts[2])
    }

    private mutating func badBase64() -> Step {
        phase = .commands
        return .reply(SMTPReply(501, "5.5.2", "Authentication cancelled or malformed"))
    }

    private mutating func authenticated(user: String, password: String) -> Step {
        if let reply = scripted(.auth, user) { return ended(reply) }
        guard authenticates(user, password) else {
            return .reply(SMTPReply(535, "5.7.8", "Authentication credentials invalid"))
        }
        isAuthenticated = true
        return .reply(SMTPReply(235, "2.7.0", "Authentication successful"))
    }

    // MARK: Mail

    private mutating func mail(_ argument: Substring) -> Step {
        guard greeted else { return .reply(SMTPReply(503, "5.5.1", "Send EHLO first")) }
        guard envelope == nil else { return .reply(SMTPReply(503, "5.5.1", "Nested MAIL command")) }
        guard isAuthenticated || !policy.requiresAuthentication else { return .reply(SMTPReply(530, "5.7.0", "Authentication required")) }
        guard let path = SMTPPath(argument, keyword: "FROM:") else { return .reply(SMTPReply(501, "5.5.4", "Syntax: MAIL FROM:<address>")) }
        guard path.address.isEmpty || path.isMailbox else { return .reply(SMTPReply(553, "5.1.7", "Bad sender address syntax")) }
        for name in path.parameters.keys where !mailParameters.contains(name) {
            return .reply(SMTPReply(555, "5.5.4", "Unsupported parameter \(name)"))
        }
        if let size = path.parameters["SIZE"].flatMap({ Int($0) }), size > policy.maximumSize {
            return .reply(SMTPReply(552, "5.3.4", "Message size exceeds fixed limit"))
        }
        let internationalised = path.parameters["SMTPUTF8"] != nil
        guard path.isASCII || internationalised else { return .reply(SMTPReply(553, "5.6.7", "The address needs SMTPUTF8")) }
        guard maySend(path.address) else {
            return .reply(SMTPReply(553, "5.7.1", "<\(path.address)>: Sender address rejected: not owned by the user"))
        }
        if let reply = scripted(.mail, path.address) { return ended(reply) }
        envelope = Envelope(sender: path.address, internationalised: internationalised)
        return .reply(SMTPReply(250, "2.1.0", "Ok"))
    }

    /// Those that a capability stands for, offered or not, are unknown without it (RFC 5321 section 4.1.1.11).
    private var mailParameters: Set<String> {
        var names: Set<String> = []
        if policy.offers(.size) { names.insert("SIZE") }
        if policy.offers(.eightBitMIME) { names.insert("BODY") }
        if policy.offers(.smtpUTF8) { names.insert("SMTPUTF8") }
        if policy.offersPassword { names.insert("AUTH") }
        return names
    }

    private mutating func recipient(_ argument: Substring) -> Step {
        guard let envelope else { return .reply(SMTPReply(503, "5.5.1", "Need MAIL command")) }
        guard let path = SMTPPath(argument, keyword: "TO:") else { return .reply(SMTPReply(501, "5.5.4", "Syntax: RCPT TO:<address>")) }
        guard path.isMailbox else { return .reply(SMTPReply(553, "5.1.3", "Bad recipient address syntax")) }
        if let name = path.parameters.keys.first { return .reply(SMTPReply(555, "5.5.4", "Unsupported parameter \(name)")) }
        guard path.isASCII || envelope.internationalised else { return .reply(SMTPReply(553, "5.6.7", "The address needs SMTPUTF8")) }
        guard envelope.recipients.count < policy.maximumRecipients else { return .reply(SMTPReply(452, "4.5.3", "Too many recipients")) }
        if let reply = scripted(.rcpt, path.address) { return ended(reply) }
        if greylisted(envelope.sender, path.address) {
            return .reply(SMTPReply(451, "4.7.1", "Greylisting in action, please come back later"))
        }
        self.envelope?.recipients.append(path.address)
        return .reply(SMTPReply(250, "2.1.5", "Ok"))
    }

    private mutating func data(_ argument: Substring) -> Step {
        guard argument.isEmpty else { return .reply(SMTPReply(501, "5.5.4", "No parameters allowed")) }
        guard let envelope else { return .reply(SMTPReply(503, "5.5.1", "Need MAIL command")) }
        guard let first = envelope.recipients.first else { return .reply(SMTPReply(554, "5.5.1", "No valid recipients")) }
        if let reply = scripted(.data, first) { return ended(reply) }
        return .data(SMTPReply(354, nil, "End data with <CR><LF>.<CR><LF>"))
    }
}
