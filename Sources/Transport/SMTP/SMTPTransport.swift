/// Where mail goes out. Two equal relays share kept connections.
public struct SMTPRelay: Sendable, Hashable {
    public enum Security: Sendable, Hashable {
        case starttls
        case implicit
        case none
    }

    public var host: String
    public var port: Int
    public var security: Security
    public var username: String?
    public var password: String?
    /// EHLO name; the machine's host name when nil.
    public var ehloName: String?
    /// Connections, and so transactions, at once.
    public var maxConnections: Int

    public init(
        host: String, port: Int, security: Security, username: String? = nil, password: String? = nil, ehloName: String? = nil,
        maxConnections: Int = 10
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.ehloName = ehloName
        self.maxConnections = maxConnections
    }
}

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

/// A server's reply: basic code, enhanced status code where it gave one (RFC 3463), text.
public struct SMTPReply: Sendable, Hashable {
    public var code: Int
    /// `5.1.1`
    public var enhancedCode: String?
    /// All lines, without the codes.
    public var text: String

    public init(code: Int, enhancedCode: String? = nil, text: String = "") {
        self.code = code
        self.enhancedCode = enhancedCode
        self.text = text
    }
}

/// Where in the dialogue a reply was given.
public enum SMTPStage: String, Sendable, Hashable {
    case greeting
    case ehlo
    case starttls
    case auth
    case mail
    case rcpt
    case data
    /// After the final dot.
    case end
}

public enum SMTPOutcome: Sendable {
    /// The relay answered after the final dot with `reply` for those recipients that it had taken at RCPT; `recipients` has one reply each, in order.
    case answered(recipients: [SMTPReply], reply: SMTPReply)
    /// The transaction ended by a refusal before any content was handed over; nothing was sent.
    case refused(stage: SMTPStage, reply: SMTPReply, recipients: [SMTPReply])
    /// Nothing was handed over, no decisive reply.
    case notSent(TransportFailure)
    /// Content went out and no final reply was read.
    case unknown(TransportFailure)
}

/// Sends mail through libcurl on a bounded pool of threads: libcurl blocks while it waits for the final reply.
public final class SMTPTransport: Sendable {
    public struct Configuration: Sendable {
        /// Threads, and so connections at once, over all relays.
        public var maxThreads: Int = 32
        public var extraCAFile: String?
        public var connectTimeout: Duration = .seconds(30)
        /// Longest wait for one reply; RFC 5321 section 4.5.3.2 asks for 10 minutes after the final dot.
        public var replyTimeout: Duration = .seconds(600)

        public init() {}
    }

    public init(configuration: Configuration = .init()) throws {
        fatalError("to be built")
    }

    /// One transaction, `timeout` at most, the wait for a free connection included.
    public func send(_ mail: SMTPMail, via relay: SMTPRelay, timeout: Duration) async -> SMTPOutcome {
        fatalError("to be built")
    }

    /// Takes no more mail, lets running transactions finish for `grace` at most. Safe to call twice.
    public func shutdown(grace: Duration) async {
        fatalError("to be built")
    }
}
