import NIOCore
import NIOSSL
import Synchronization

/// One SMTP connection: splits lines, lets the session answer, writes the answers in order, switches to TLS, and fails as told.
final class SMTPHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let universe: Universe
    private let connection: Connection
    private let tls: NIOSSLContext
    private var session: SMTPSession
    private let pending = PendingAnswer()
    private let who = Who()
    private var dialogue = SMTPDialogue()
    private var idleTask: Scheduled<Void>?
    private var messages = 0
    private var isCounted = false
    private var mail: MailReader?
    private var input = ByteBuffer()
    /// How far `input` has been looked through for a line end.
    private var searched = 0
    /// While an answer is held back nothing further is read: SMTP answers in order.
    private var isWaiting = false
    private var isEnding = false

    init(universe: Universe, connection: Connection, tls: NIOSSLContext, isTLS: Bool) {
        self.universe = universe
        self.connection = connection
        self.tls = tls
        let policy = universe.configuration.smtp
        let pending = pending
        let who = who
        who.world = universe.main
        session = SMTPSession(
            policy: .init(
                capabilities: policy.capabilities, offersAuthentication: policy.authenticatesInClear,
                requiresAuthentication: policy.requiresAuthentication, maximumSize: policy.maximumSize, maximumRecipients: policy.maximumRecipients),
            isTLS: isTLS,
            authenticates: { user, password in
                guard let account = universe.mailAccount(user: user, password: password) else { return false }
                who.account = account.account
                who.world = universe.world(account.run)
                return true
            },
            maySend: { who.account?.maySend(as: $0) ?? true },
            scripted: { stage, target in
                let world = who.world ?? universe.main
                let answer = world.scripts.answer(.smtp, target: target, stage: stage, sender: who.account, magic: Mailboxes.magic(in: target))
                guard let answer else { return nil }
                pending.answer = answer
                return answer.smtpReply
            },
            greylisted: { sender, recipient in
                let world = who.world ?? universe.main
                guard policy.greylistsAll || Mailboxes.isGreylisted(recipient) else { return false }
                return !world.greylist.admits(
                    address: who.address, sender: sender, recipient: recipient, now: world.clock.now(), wait: policy.greylisting)
            })
    }

    /// Whose mail it is. Known from AUTH on; until then, and without it, everything belongs to the main run.
    private final class Who {
        var world: World?
        var account: Account?
        var address = ""
    }

    private var world: World { who.world ?? universe.main }

    /// The script that was met while a command was answered: its delay and its fault are the handler's business.
    private final class PendingAnswer {
        var answer: ScriptedAnswer?

        func take() -> ScriptedAnswer? {
            defer { answer = nil }
            return answer
        }
    }

    // MARK: In

    func channelActive(context: ChannelHandlerContext) {
        greet(context: context)
        context.fireChannelActive()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Over implicit TLS the channel is active before this handler is there.
        if context.channel.isActive { greet(context: context) }
    }

    private var hasGreeted = false

    private func greet(context: ChannelHandlerContext) {
        guard !hasGreeted else { return }
        hasGreeted = true
        who.address = context.remoteAddress?.ipAddress ?? ""
        isCounted = true
        let open = universe.mailConnections.add(1, ordering: .relaxed).newValue
        watchIdleness(context: context)
        if let limit = universe.configuration.smtp.maximumConnections, open > limit {
            return perform(.close(SMTPReply(421, "4.7.0", "Too many concurrent connections")), context: context)
        }
        let answer = world.scripts.answer(.smtp, target: "", stage: .greeting)
        pending.answer = answer
        if let reply = answer?.smtpReply { return perform(.close(reply), context: context) }
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

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        guard !isEnding else { return }
        if idleTask != nil { watchIdleness(context: context) }
        input.writeBuffer(&buffer)
        process(context: context)
    }

    private func process(context: ChannelHandlerContext) {
        while !isWaiting, !isEnding, let line = nextLine(context: context) {
            if mail != nil {
                takeMail(line, context: context)
            } else {
                takeCommand(line, context: context)
            }
        }
        context.flush()
    }

    /// The next line without CRLF. A bare LF ends a command, as most servers allow, but never a line of mail.
    private func nextLine(context: ChannelHandlerContext) -> [UInt8]? {
        let view = input.readableBytesView
        var index = view.startIndex + searched
        while index < view.endIndex {
            let isEnd = view[index] == 0x0A && (mail == nil || (index > view.startIndex && view[index - 1] == 0x0D))
            if isEnd {
                var line = Array(view[view.startIndex..<index])
                if line.last == 0x0D { line.removeLast() }
                input.moveReaderIndex(to: index + 1)
                input.discardReadBytes()
                searched = 0
                return line
            }
            index += 1
        }
        searched = view.count
        if view.count > (mail == nil ? 8192 : Limits.mail) {
            perform(.close(SMTPReply(500, "5.5.6", "Line too long")), context: context)
        }
        return nil
    }

    private func takeCommand(_ line: [UInt8], context: ChannelHandlerContext) {
        guard let text = String(validating: line, as: UTF8.self) else {
            return perform(.reply(SMTPReply(500, "5.5.2", "Command is not UTF-8")), context: context)
        }
        dialogue.client(text)
        let step =
            session.isIdle && isUsedUp && text.prefix(5).uppercased() == "MAIL "
            ? .close(SMTPReply(421, "4.7.0", "Too many messages on this connection")) : session.take(text)
        let reply = step.reply
        dialogue.server(reply)
        if reply.code >= 400, text.prefix(5).uppercased() == "RCPT ",
            let path = SMTPPath(text.dropFirst(5), keyword: "TO:"), session.envelope != nil
        {
            record([path.address], reply: reply, accepted: false, fault: nil, mail: nil)
        }
        perform(step, context: context)
    }

    private func takeMail(_ line: [UInt8], context: ChannelHandlerContext) {
        guard mail?.take(line) == true, let mail, let envelope = session.envelope else { return }
        self.mail = nil
        messages += 1
        dialogue.client("(\(mail.bytes.count) bytes of mail)")
        let scripted = mail.fault == nil ? dotScript(envelope) : nil
        let reply = mail.fault ?? scripted?.smtpReply ?? SMTPReply(250, "2.0.0", "Ok: queued as \(Self.queueID())")
        let refused = reply.code >= 300
        let accepted = (!refused || scripted?.accepted == true) && (scripted?.fault?.accepts ?? true)
        dialogue.server(reply)
        record(envelope.recipients, reply: reply, accepted: accepted, fault: scripted?.fault, mail: mail)
        if accepted { bounce(mail, envelope) }
        session.messageEnded()
        dialogue.startAnew()
        pending.answer = scripted
        perform(reply.code == 421 ? .close(reply) : .reply(reply), context: context)
    }

    private var isUsedUp: Bool { universe.configuration.smtp.messagesPerConnection.map { messages >= $0 } ?? false }

    private func dotScript(_ envelope: SMTPSession.Envelope) -> ScriptedAnswer? {
        for recipient in envelope.recipients {
            let magic = Mailboxes.magic(in: recipient)
            if let answer = world.scripts.answer(.smtp, target: recipient, stage: .dot, sender: who.account, magic: magic) { return answer }
        }
        return nil
    }

    private static func queueID() -> String { String(UInt64.random(in: 0...UInt64.max), radix: 36, uppercase: true) }

    private func record(_ recipients: [String], reply: SMTPReply, accepted: Bool, fault: Fault?, mail: MailReader?) {
        guard let envelope = session.envelope else { return }
        let content = mail.map { MailContent($0.bytes) }
        let messageID = content?.header("message-id")
        let now = world.clock.now()
        for recipient in recipients {
            var message = ReceivedMessage(
                run: world.name, provider: .smtp, target: recipient, id: messageID ?? "", identity: messageID, receivedAt: now, status: reply.code,
                reason: reply.code >= 300 ? reply.enhanced ?? String(reply.code) : nil, accepted: accepted, fault: fault,
                connection: connection.number, headers: content?.headers ?? [], payload: mail?.bytes ?? [])
            message.sender = envelope.sender
            message.org = who.account?.org
            message.credential = who.account?.username
            message.dialogue = dialogue.lines
            message.hasBareLineEnds = mail?.hasBareLineEnds ?? false
            world.log.record(message)
        }
    }

    /// What a relay would send to the envelope's sender later lies among the messages at once: from `<>`, to that sender.
    private func bounce(_ mail: MailReader, _ envelope: SMTPSession.Envelope) {
        // A bounce of a bounce would never end (RFC 5321 section 6.1).
        guard !envelope.sender.isEmpty else { return }
        for recipient in envelope.recipients {
            guard let status = Mailboxes.bounceStatus(of: recipient) else { continue }
            let bounce = Bounce(sender: envelope.sender, recipient: recipient, status: status, original: mail.bytes, now: world.clock.now())
            let id = bounce.messageID
            let bytes = bounce.mail(id: id)
            var message = ReceivedMessage(
                run: world.name, provider: .smtp, target: envelope.sender, id: id, identity: id, receivedAt: bounce.now, status: 250, accepted: true,
                connection: connection.number, headers: MailContent(bytes).headers, payload: bytes)
            message.sender = ""
            message.org = who.account?.org
            world.log.record(message)
        }
    }

    // MARK: Out

    private func perform(_ step: SMTPSession.Step, context: ChannelHandlerContext) {
        let scripted = pending.take()
        guard let delay = scripted?.delay, delay > .zero else { return carryOut(step, fault: scripted?.fault, context: context) }
        isWaiting = true
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
            self.isWaiting = false
            guard context.channel.isActive else { return }
            self.carryOut(step, fault: scripted?.fault, context: context)
            self.process(context: context)
        }
    }

    private func carryOut(_ step: SMTPSession.Step, fault: Fault?, context: ChannelHandlerContext) {
        switch fault {
        case .never, .refusedStream, .stall:
            isWaiting = true
            return
        case .closeAfterBody, .goaway, .goawayZero:
            isEnding = true
            return context.channel.closeAbruptly(reset: false)
        case .reset, .resetStream, .cancelStream:
            isEnding = true
            return context.channel.closeAbruptly(reset: true)
        case .closeMidResponse:
            isEnding = true
            context.write(wrapOutboundOut(ByteBuffer(string: String(step.reply.text.prefix(2)))), promise: nil)
            context.flush()
            return context.channel.closeAbruptly(reset: false)
        case .goawayAfter: return end(step.reply, context: context)
        case nil: break
        }
        switch step {
        case .reply(let reply): write(reply, context: context)
        case .close(let reply): end(reply, context: context)
        case .data(let reply):
            mail = MailReader(limit: universe.configuration.smtp.maximumSize)
            write(reply, context: context)
        case .startTLS(let reply): startTLS(reply, context: context)
        }
        context.flush()
    }

    private func end(_ reply: SMTPReply, context: ChannelHandlerContext) {
        isEnding = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: announced(reply).text))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    private func write(_ reply: SMTPReply, context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(ByteBuffer(string: announced(reply).text)), promise: nil)
    }

    private func announced(_ reply: SMTPReply) -> SMTPReply {
        universe.configuration.smtp.capabilities.contains(.enhancedStatusCodes) ? reply : reply.plain
    }

    private func startTLS(_ reply: SMTPReply, context: ChannelHandlerContext) {
        write(reply, context: context)
        context.flush()
        // Whatever came in clear after STARTTLS is dropped, or an attacker could put commands in front of the client's.
        input.clear()
        searched = 0
        session.tlsStarted()
        do {
            try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        } catch {
            isEnding = true
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension SMTPSession.Step {
    fileprivate var reply: SMTPReply {
        switch self {
        case .reply(let reply), .startTLS(let reply), .data(let reply), .close(let reply): reply
        }
    }
}

extension ScriptedAnswer {
    /// Nil when the script does not speak, but only delays or fails.
    var smtpReply: SMTPReply? {
        guard let code = status ?? reason.map({ $0.hasPrefix("4") ? 451 : 550 }) else { return nil }
        let enhanced = reason.flatMap { $0.contains(".") ? $0 : nil }
        let text = body ?? (code < 300 ? "Ok" : "Scripted refusal")
        var reply = SMTPReply(code, lines: text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) })
        reply.enhanced = enhanced
        return reply
    }
}
