import NIOCore
import NIOSSL

/// What goes out: replies, late or never, TLS, and the end.
extension SMTPHandler {
    func perform(_ step: SMTPSession.Step, context: ChannelHandlerContext) {
        let scripted = client.takePending()
        guard let delay = scripted?.delay, delay > .zero else { return carryOut(step, fault: scripted?.fault, context: context) }
        isWaiting = true
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
            self.isWaiting = false
            guard context.channel.isActive else { return }
            self.carryOut(step, fault: scripted?.fault, context: context)
            self.process(context: context)
        }
    }

    func carryOut(_ step: SMTPSession.Step, fault: Fault?, context: ChannelHandlerContext) {
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
        lines.clear()
        session.tlsStarted()
        do {
            try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first)
        } catch {
            isEnding = true
            context.close(promise: nil)
        }
    }
}
