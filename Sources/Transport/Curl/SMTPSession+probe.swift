internal import CCurl

extension SMTPSession {
    /// What most mails have, for a relay that wants to know.
    private static let size = 16_384

    /// Connects, logs in and says who would send; then takes it back. For a session of its own, which is over with it.
    ///
    /// libcurl says MAIL itself only with a recipient to follow, so it goes out as a command of ours, which libcurl sends as it stands. NOOP goes before it
    /// over the same connection, because what may be said with MAIL is known only after the greeting.
    func probe(sender: String, timeout: Duration) throws -> SMTPProbe {
        guard sender.isEmpty || SMTPMail.isAddress(sender) else {
            throw TransportFailure(kind: .invalidRequest, message: "the sender's address has characters that no address may have")
        }
        var needs = SMTPDialogue.Needs()
        needs.startTLS = relay.security == .starttls
        needs.auth = relay.username != nil
        needs.smtpUTF8 = !sender.utf8.allSatisfy { $0 < 0x80 }
        needs.keepsReplies = true
        try handle.set(CURLOPT_UPLOAD, 0)
        let transaction = Transaction(SMTPDialogue(needs: needs), message: [], timeout: timeout, abort: abort)
        var code = try perform("NOOP", transaction, timeout: timeout)
        if code == CURLE_OK {
            code = try perform(command(sender, transaction.dialogue), transaction, timeout: timeout)
            // Whether it was taken, the replies tell; a connection that is still there is left as it was found.
            if code == CURLE_OK { _ = try perform("RSET", transaction, timeout: timeout) }
        }
        let isEncrypted = relay.security == .implicit ? transaction.dialogue.sawGreeting : transaction.dialogue.isGreetedUnderTLS
        return SMTPProbe(
            answers: transaction.dialogue.answers, isEncrypted: isEncrypted,
            ending: transaction.dialogue.probeEnding(code == CURLE_OK ? nil : failure(code, in: transaction)))
    }

    private func perform(_ command: String, _ transaction: Transaction, timeout: Duration) throws -> CURLcode {
        try handle.set(CURLOPT_CUSTOMREQUEST, command)
        return try perform(transaction, timeout: timeout)
    }

    /// libcurl decodes percent signs in a command of ours, and refuses control characters.
    private func command(_ sender: String, _ dialogue: SMTPDialogue) -> String {
        let address = sender.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%25")
        return "MAIL FROM:<\(address)>" + (dialogue.announcesSize ? " SIZE=\(Self.size)" : "")
            + (sender.utf8.allSatisfy { $0 < 0x80 } ? "" : " SMTPUTF8")
    }
}
