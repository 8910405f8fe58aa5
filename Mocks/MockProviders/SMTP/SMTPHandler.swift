import NIOCore
import NIOSSL
import Synchronization

/// One SMTP connection: hands lines to the session, carries out its steps in order, and fails as told.
final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let universe: Universe
    let tls: NIOSSLContext
    let client: MailClient
    var session: SMTPSession
    var lines = SMTPLines()
    /// The mail that is under way, between DATA and the dot.
    var mail: MailReader?
    /// While an answer is held back nothing further is read: SMTP answers in order.
    var isWaiting = false
    var isEnding = false
    private var idleTask: Scheduled<Void>?
    private var mails = 0
    private var isCounted = false
    private var hasGreeted = false

    init(universe: Universe, connection: Connection, tls: NIOSSLContext, isTLS: Bool) {
        self.universe = universe
        self.tls = tls
        let client = MailClient(universe: universe, connection: connection.number)
        self.client = client
        let policy = universe.configuration.smtp
        session = SMTPSession(
            policy: .init(
                capabilities: policy.capabilities, offersAuthentication: policy.authenticatesInClear,
                requiresAuthentication: policy.requiresAuthentication, maximumSize: policy.maximumSize, maximumRecipients: policy.maximumRecipients),
            isTLS: isTLS,
            authenticates: client.logIn(user:password:),
            maySend: client.maySend(as:),
            scripted: client.scripted(_:target:),
            greylisted: client.isGreylisted(sender:recipient:))
    }

    // MARK: Coming and going

    func channelActive(context: ChannelHandlerContext) {
        greet(context: context)
        context.fireChannelActive()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Over implicit TLS the channel is active before this handler is there.
        if context.channel.isActive { greet(context: context) }
    }

    private func greet(context: ChannelHandlerContext) {
        guard !hasGreeted else { return }
        hasGreeted = true
        client.address = context.remoteAddress?.ipAddress ?? ""
        isCounted = true
        let open = universe.mailConnections.add(1, ordering: .relaxed).newValue
        watchIdleness(context: context)
        if let limit = universe.configuration.smtp.maximumConnections, open > limit {
            return perform(.close(SMTPReply(421, "4.7.0", "Too many concurrent connections")), context: context)
        }
        if let reply = client.scripted(.greeting, target: "") { return perform(.close(reply), context: context) }
        perform(.reply(SMTPReply(220, nil, "mock-providers ESMTP")), context: context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        idleTask?.cancel()
        if isCounted { universe.mailConnections.subtract(1, ordering: .relaxed) }
        isCounted = false
        context.fireChannelInactive()
    }

    /// RFC 5321 section 4.5.3.2.7 gives a client five minutes; most relays are less patient.
    private func watchIdleness(context: ChannelHandlerContext) {
        guard let patience = universe.configuration.smtp.idleTimeout else { return }
        idleTask?.cancel()
        idleTask = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) {
            guard context.channel.isActive, !self.isEnding else { return }
            if self.isWaiting { return self.watchIdleness(context: context) }
            self.carryOut(.close(SMTPReply(421, "4.4.2", "Timeout exceeded")), fault: nil, context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Lines in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard !isEnding else { return }
        if idleTask != nil { watchIdleness(context: context) }
        lines.append(&buffer)
        process(context: context)
    }

    func process(context: ChannelHandlerContext) {
        reading: while !isWaiting, !isEnding {
            switch lines.next(inMail: mail != nil) {
            case .none: break reading
            case .tooLong: perform(.close(SMTPReply(500, "5.5.6", "Line too long")), context: context)
            case .line(let line):
                if mail != nil { takeMail(line, context: context) } else { takeCommand(line, context: context) }
            }
        }
        context.flush()
    }

    private func takeCommand(_ line: [UInt8], context: ChannelHandlerContext) {
        guard let text = String(validating: line, as: UTF8.self) else {
            return perform(.reply(SMTPReply(500, "5.5.2", "Command is not UTF-8")), context: context)
        }
        client.dialogue.client(text)
        let verb = text.prefix(5).uppercased()
        let step =
            session.isIdle && isUsedUp && verb == "MAIL "
            ? .close(SMTPReply(421, "4.7.0", "Too many messages on this connection")) : session.take(text)
        let reply = step.reply
        client.dialogue.server(reply)
        if reply.code >= 400, verb == "RCPT ", let path = SMTPPath(text.dropFirst(5), keyword: "TO:"), let envelope = session.envelope {
            client.record([path.address], of: envelope, reply: reply, accepted: false, fault: nil, mail: nil)
        }
        perform(step, context: context)
    }

    private func takeMail(_ line: [UInt8], context: ChannelHandlerContext) {
        guard mail?.take(line) == true, let mail, let envelope = session.envelope else { return }
        self.mail = nil
        mails += 1
        client.dialogue.client("(\(mail.bytes.count) bytes of mail)")
        let scripted = mail.fault == nil ? client.dotScript(envelope) : nil
        let reply = mail.fault ?? scripted?.smtpReply ?? SMTPReply(250, "2.0.0", "Ok: queued as \(Self.queueID())")
        let accepted = (reply.code < 300 || scripted?.accepted == true) && (scripted?.fault?.accepts ?? true)
        client.dialogue.server(reply)
        client.record(envelope.recipients, of: envelope, reply: reply, accepted: accepted, fault: scripted?.fault, mail: mail)
        if accepted { client.bounce(mail, envelope) }
        session.messageEnded()
        client.dialogue.startAnew()
        perform(reply.code == 421 ? .close(reply) : .reply(reply), context: context)
    }

    private var isUsedUp: Bool { universe.configuration.smtp.messagesPerConnection.map { mails >= $0 } ?? false }

    private static func queueID() -> String { String(UInt64.random(in: 0...UInt64.max), radix: 36, uppercase: true) }
}

extension SMTPSession.Step {
    var reply: SMTPReply {
        switch self {
        case .reply(let reply), .startTLS(let reply), .data(let reply), .close(let reply): reply
        }
    }
}
