/// MAIL, RCPT and DATA.
extension SMTPSession {
    mutating func mail(_ argument: Substring) -> Step {
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
        if !policy.mechanisms.isEmpty { names.insert("AUTH") }
        return names
    }

    mutating func recipient(_ argument: Substring) -> Step {
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

    mutating func data(_ argument: Substring) -> Step {
        guard argument.isEmpty else { return .reply(SMTPReply(501, "5.5.4", "No parameters allowed")) }
        guard let envelope else { return .reply(SMTPReply(503, "5.5.1", "Need MAIL command")) }
        guard let first = envelope.recipients.first else { return .reply(SMTPReply(554, "5.5.1", "No valid recipients")) }
        if let reply = scripted(.data, first) { return ended(reply) }
        return .data(SMTPReply(354, nil, "End data with <CR><LF>.<CR><LF>"))
    }
}
