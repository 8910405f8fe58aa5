/// How a transaction ended. What counts is whether the relay may have taken the mail.
public enum SMTPOutcome: Sendable {
    /// The relay answered after the final dot with `reply` for those recipients that it had taken at RCPT; `recipients` has one reply each, in order.
    case answered(recipients: [SMTPReply], reply: SMTPReply)
    /// The transaction ended by a refusal before the whole message was handed over; nothing was sent. `recipients` has the replies that were given at RCPT.
    case refused(stage: SMTPStage, reply: SMTPReply, recipients: [SMTPReply])
    /// The relay doesn't offer what its settings or the mail need; nothing was sent.
    case notOffered(SMTPExtension)
    /// A kept connection had been closed by the relay, as it shows before MAIL was taken; nothing was sent, and a new connection is worth trying at once.
    case stale(TransportFailure)
    /// The message was not handed over whole, and there is no decisive reply: safe to send again.
    case notSent(TransportFailure)
    /// The whole message went out and no final reply was read.
    case unknown(TransportFailure)
}

/// What a relay may announce after EHLO and we may need.
public enum SMTPExtension: String, Sendable, Hashable {
    case starttls = "STARTTLS"
    /// Also: none of the mechanisms offered is one that we know.
    case auth = "AUTH"
    case smtpUTF8 = "SMTPUTF8"
}
