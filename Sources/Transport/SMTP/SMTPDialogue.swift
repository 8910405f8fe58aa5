/// Follows one transaction by the lines that libcurl sends and gets: libcurl's own codes don't tell who refused what (one recipient among many), nor show a text.
///
/// Pure: fed with lines, asked for the outcome.
struct SMTPDialogue {
    /// What this transaction can't do without.
    struct Needs {
        var startTLS = false
        var auth = false
        var smtpUTF8 = false
        var recipients = 1
        /// Keeps every reply; a mail is sent without.
        var keepsReplies = false
    }

    private let needs: Needs
    /// What the relay announced on this connection; known from an earlier transaction if it is a kept one.
    private(set) var extensions: Set<SMTPExtension>
    private var stage = SMTPStage.greeting
    /// Lines of the reply that is coming in.
    private var lines: [[UInt8]] = []
    private var bytes = 0
    /// The latest refusal that nothing positive followed.
    private var refusal: (stage: SMTPStage, reply: SMTPReply)?
    private var hasStartedTLS = false
    private var awaitsAuthContinuation = false
    private var isAskedForContent = false
    private var recipients: [SMTPReply] = []
    /// Where they are kept: all final replies before the farewell.
    private(set) var answers: [SMTPProbe.Answer] = []
    /// The relay wants to know a mail's size beforehand (RFC 1870).
    private(set) var announcesSize = false
    /// The relay was greeted, and answered, under TLS.
    private(set) var isGreetedUnderTLS = false
    private var end: SMTPReply?
    private(set) var lacking: SMTPExtension?
    /// Replies from here on belong to the farewell.
    private(set) var isClosing = false
    private(set) var sawGreeting = false
    private(set) var sawMailReply = false
    private var sawStartTLSReply = false
    private var sawAuthReply = false

    /// A relay that talks without end must not fill our memory; what is cut off is text that nobody reads.
    private static let replyLimit = 8_192

    /// - Parameter kept: what the relay announced on the connection that is kept; empty when there is none.
    init(needs: Needs, kept: Set<SMTPExtension> = []) {
        self.needs = needs
        extensions = kept
    }

    /// A command has gone out, or its beginning.
    mutating func sent(_ line: some Collection<UInt8>) {
        // A password in base 64 could read like a verb.
        if awaitsAuthContinuation {
            awaitsAuthContinuation = false
            return
        }
        let verb = String(decoding: line.prefix { $0 != 0x20 && $0 != 0x0D && $0 != 0x0A }, as: UTF8.self)
        switch verb {
        case "EHLO", "HELO":
            stage = .ehlo
            extensions = []
        case "STARTTLS": stage = .starttls
        case "AUTH": stage = .auth
        case "MAIL": stage = .mail
        case "RCPT": stage = .rcpt
        case "DATA": stage = .data
        case "NOOP": stage = .noop
        case "RSET": stage = .reset
        case "QUIT": isClosing = true
        default: break
        }
    }

    /// A line of a reply has come in. False: the transaction has to end here, before MAIL.
    mutating func received(_ line: some Collection<UInt8>) -> Bool {
        if isClosing { return true }
        var line = Array(line)
        while line.last == 0x0A || line.last == 0x0D { line.removeLast() }
        guard let code = SMTPReply.code(of: line) else { return true }
        // As libcurl sees it: a space or nothing after the code ends the reply.
        let isLast = line.count == 3 || line[3] == 0x20
        if stage == .ehlo, code / 100 == 2 { note(line.dropFirst(4)) }
        if bytes < Self.replyLimit || isLast {
            lines.append(line)
            bytes += line.count
        }
        guard isLast else { return true }
        let reply = SMTPReply(lines: lines)
        lines = []
        bytes = 0
        take(reply)
        return lacking == nil
    }

    /// libcurl knows these words in capitals only and goes on without them otherwise, so we look for the same.
    private mutating func note(_ line: ArraySlice<UInt8>) {
        if line.starts(with: "STARTTLS".utf8) { extensions.insert(.starttls) }
        if line.starts(with: "AUTH ".utf8) { extensions.insert(.auth) }
        if line.starts(with: "SMTPUTF8".utf8) { extensions.insert(.smtpUTF8) }
        if line.starts(with: "SIZE".utf8) { announcesSize = true }
    }

    private mutating func take(_ reply: SMTPReply) {
        var isRefusal = !reply.isPositive
        if needs.keepsReplies { answers.append(SMTPProbe.Answer(stage, reply)) }
        switch stage {
        case .greeting: sawGreeting = true
        case .ehlo:
            isGreetedUnderTLS = hasStartedTLS
            // Before TLS the relay need not show all it has.
            if !isRefusal, hasStartedTLS || !needs.startTLS { checkNeeds() }
        case .starttls:
            sawStartTLSReply = true
            hasStartedTLS = !isRefusal
        case .auth:
            sawAuthReply = true
            if reply.code == 334 {
                awaitsAuthContinuation = true
                isRefusal = false
            }
        case .mail: sawMailReply = true
        case .rcpt: recipients.append(reply)
        case .data:
            if reply.code == 354 {
                isRefusal = false
                isAskedForContent = true
                stage = .end
            } else {
                // libcurl gives up on anything but 354.
                isRefusal = true
            }
        case .end: end = reply
        case .noop, .reset: break
        }
        refusal = isRefusal ? (stage, reply) : nil
    }

    /// libcurl would go on without a login when none is offered, and send an address in UTF-8 to a server that can't read it.
    private mutating func checkNeeds() {
        if needs.auth, !extensions.contains(.auth) {
            lacking = .auth
        } else if needs.smtpUTF8, !extensions.contains(.smtpUTF8) {
            lacking = .smtpUTF8
        }
    }
}

extension SMTPDialogue {
    /// How libcurl left off.
    struct Ending {
        /// Nil when libcurl has nothing to complain about.
        var failure: TransportFailure?
        /// libcurl has taken the message's last byte, and so may have sent the final dot.
        var isHandedOver: Bool
        /// No connection was opened for this transaction.
        var isReused: Bool
    }

    /// The replies decide; libcurl's code only where there are none. It calls a 251 after the final dot a failure.
    func outcome(_ ending: Ending) -> SMTPOutcome {
        if let lacking { return .notOffered(lacking) }
        if let end { return .answered(recipients: recipients, reply: end) }
        let failure = ending.failure ?? TransportFailure(kind: .local, message: "libcurl reports success without a final reply")
        if isAskedForContent { return ending.isHandedOver ? .unknown(failure) : .notSent(failure) }
        let isKept = ending.isReused && !sawGreeting
        if let refusal, isDecisive(refusal.stage, refusal.reply) {
            // Said to a connection that the relay had given up, not to this mail.
            if isKept, refusal.stage == .mail, refusal.reply.code == 421 {
                return .stale(
                    TransportFailure(kind: .reset, message: "the relay has ended the kept connection: 421 \(refusal.reply.text)", code: failure.code))
            }
            return .refused(stage: refusal.stage, reply: refusal.reply, recipients: recipients)
        }
        if failure.code == Self.noTLSOffered, !sawStartTLSReply { return .notOffered(.starttls) }
        if failure.code == Self.loginDenied, !sawAuthReply { return .notOffered(.auth) }
        if isKept, !sawMailReply, failure.kind == .reset { return .stale(failure) }
        return .notSent(failure)
    }

    /// What came of a probe: the replies decide here too. libcurl takes a 553 to a command for an answer like any other.
    func probeEnding(_ failure: TransportFailure?) -> SMTPProbe.Ending {
        if let lacking { return .notOffered(lacking) }
        if sawMailReply, refusal?.stage != .mail { return .taken }
        if let refusal { return .refused(refusal.stage, refusal.reply) }
        let failure = failure ?? TransportFailure(kind: .local, message: "libcurl reports success without a reply to MAIL")
        if failure.code == Self.noTLSOffered, !sawStartTLSReply { return .notOffered(.starttls) }
        if failure.code == Self.loginDenied, !sawAuthReply { return .notOffered(.auth) }
        return .failed(failure)
    }

    /// One recipient's refusal is the transaction's only if there is no other left, or the relay hangs up.
    private func isDecisive(_ stage: SMTPStage, _ reply: SMTPReply) -> Bool {
        guard stage == .rcpt, reply.code != 421 else { return true }
        return recipients.count == needs.recipients && !recipients.contains { $0.isPositive }
    }

    /// `CURLE_USE_SSL_FAILED`
    private static let noTLSOffered = 64
    /// `CURLE_LOGIN_DENIED`
    private static let loginDenied = 67
}
