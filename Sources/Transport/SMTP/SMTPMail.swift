/// One transaction: an envelope and the finished message.
public struct SMTPMail: Sendable {
    /// Envelope sender without angle brackets; empty for `<>`.
    public var sender: String
    /// Without angle brackets. Domains in A-label form. Addresses with control characters, spaces or angle brackets are refused.
    public var recipients: [String]
    /// RFC 5322 message, lines ended by CRLF, no bare CR or LF; dots are stuffed on the way.
    public var message: [UInt8]

    public init(sender: String, recipients: [String], message: [UInt8]) {
        self.sender = sender
        self.recipients = recipients
        self.message = message
    }
}
