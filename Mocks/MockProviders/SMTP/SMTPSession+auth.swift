/// AUTH (RFC 4954): PLAIN and LOGIN with the password, XOAUTH2 and OAUTHBEARER with the same secret for a bearer.
extension SMTPSession {
    mutating func authenticate(_ argument: Substring) -> Step {
        guard greeted else { return .reply(SMTPReply(503, "5.5.1", "Send EHLO first")) }
        guard !isAuthenticated, envelope == nil else { return .reply(SMTPReply(503, "5.5.1", "Already authenticated, or in a transaction")) }
        guard isTLS || policy.offersAuthentication else {
            return .reply(SMTPReply(538, "5.7.11", "Encryption required for requested authentication mechanism"))
        }
        let parts = argument.split(separator: " ")
        guard let mechanism = parts.first?.uppercased(), policy.mechanisms.contains(mechanism) else {
            return .reply(SMTPReply(504, "5.5.4", "Unrecognised authentication type"))
        }
        let initial = parts.count > 1 ? String(parts[1]) : nil
        switch mechanism {
        case "PLAIN": return begin(initial, awaiting: .plainResponse, prompt: "")
        case "LOGIN": return begin(initial, awaiting: .loginUser, prompt: Base64.encode("Username:".utf8))
        default: return begin(initial, awaiting: .bearerResponse, prompt: "")
        }
    }

    /// What has come with AUTH is the first response; otherwise it is asked for.
    private mutating func begin(_ initial: String?, awaiting phase: Phase, prompt: String) -> Step {
        self.phase = phase
        return initial.map { authenticationResponse($0) } ?? .reply(SMTPReply(334, nil, prompt))
    }

    /// The client's next word in an exchange.
    mutating func authenticationResponse(_ line: String) -> Step {
        let current = phase
        phase = .commands
        // The refusal of a bearer is acknowledged with an empty word, or with one byte in base64; whatever it is, nothing hangs on it.
        if case .bearerRefused = current { return refused }
        guard let bytes = Base64.decode(line) else { return .reply(SMTPReply(501, "5.5.2", "Authentication cancelled or malformed")) }
        let text = String(decoding: bytes, as: UTF8.self)
        switch current {
        case .commands, .bearerRefused: return refused
        case .plainResponse:
            // authorisation identity NUL user NUL password (RFC 4616)
            let parts = text.split(separator: "\0", omittingEmptySubsequences: false).map { String($0) }
            guard parts.count == 3 else { return .reply(SMTPReply(501, "5.5.2", "Authentication cancelled or malformed")) }
            return authenticated(user: parts[1], password: parts[2])
        case .loginUser:
            phase = .loginPassword(user: text)
            return .reply(SMTPReply(334, nil, Base64.encode("Password:".utf8)))
        case .loginPassword(let user): return authenticated(user: user, password: text)
        case .bearerResponse: return bearer(text)
        }
    }

    /// `user=anna^Aauth=Bearer …^A^A` (Google's and Microsoft's XOAUTH2), or `n,a=anna,^Ahost=…^Aauth=Bearer …^A^A` (RFC 7628).
    private mutating func bearer(_ text: String) -> Step {
        let fields = text.split(separator: "\u{1}")
        let users = fields.compactMap { field -> String? in
            if field.hasPrefix("user=") { return String(field.dropFirst(5)) }
            guard field.hasPrefix("n,a=") else { return nil }
            // In a SASL name "," and "=" are written as =2C and =3D (RFC 5801).
            return String(field.dropFirst(4).prefix { $0 != "," }).replacing("=2C", with: ",").replacing("=3D", with: "=")
        }
        let bearers = fields.filter { $0.lowercased().hasPrefix("auth=bearer ") }.map { String($0.dropFirst("auth=bearer ".count)) }
        guard let user = users.first, let bearer = bearers.first else {
            return .reply(SMTPReply(501, "5.5.2", "Authentication cancelled or malformed"))
        }
        let step = authenticated(user: user, password: bearer)
        guard !isAuthenticated, case .reply(let reply) = step, reply.code == 535 else { return step }
        phase = .bearerRefused
        let details = JSON.object(["status": "invalid_token", "schemes": "bearer", "scope": "https://mail.google.com/"])
        return .reply(SMTPReply(334, nil, Base64.encode(details.encoded)))
    }

    private var refused: Step { .reply(SMTPReply(535, "5.7.8", "Authentication credentials invalid")) }

    private mutating func authenticated(user: String, password: String) -> Step {
        if let reply = scripted(.auth, user) { return ended(reply) }
        guard authenticates(user, password) else { return refused }
        isAuthenticated = true
        return .reply(SMTPReply(235, "2.7.0", "Authentication successful"))
    }
}
