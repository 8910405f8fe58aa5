import NIOCore
import NIOHPACK
import NIOHTTP1

/// One HTTP/1.1 connection: reads a request whole, asks for its answer, writes it, or breaks as told.
final class HTTP1Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answering: any Answering
    private let connection: Connection
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var tooLarge = false
    private var source: (any EventSource)?
    private var isDead = false

    init(answering: any Answering, connection: Connection) {
        self.answering = answering
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDead { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            tooLarge = false
        case .body(let buffer):
            guard body.count + buffer.readableBytes <= Limits.requestBody else {
                tooLarge = true
                return
            }
            body.append(contentsOf: buffer.readableBytesView)
        case .end:
            finish(context: context)
        }
    }

    private func finish(context: ChannelHandlerContext) {
        guard let head else { return }
        self.head = nil
        guard !tooLarge else {
            return write(.html(status: 413, "Your client issued a request that was too large."), keepAlive: false, context: context)
        }
        var headers = HPACKHeaders()
        for (name, value) in head.headers { headers.add(name: name.lowercased(), value: value) }
        let request = Request(
            method: head.method.rawValue, target: head.uri, headers: headers, body: body, version: .http1,
            authority: head.headers.first(name: "host") ?? "", connection: connection, eventLoop: context.eventLoop)
        body = []
        let keepAlive = head.isKeepAlive
        switch answering.answer(request) {
        case .now(let reply): deliver(reply, keepAlive: keepAlive, context: context)
        case .later(let future):
            future.assumeIsolated().whenSuccess { self.deliver($0, keepAlive: keepAlive, context: context) }
        case .stream(let reply, let source): stream(reply, source, context: context)
        }
    }

    private func stream(_ reply: Reply, _ source: any EventSource, context: ChannelHandlerContext) {
        let headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        let head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        self.source = source
        source.start { buffer in
            guard context.channel.isActive, context.channel.isWritable else { return false }
            context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
            return true
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        source?.stop()
        source = nil
        context.fireChannelInactive()
    }

    private func deliver(_ reply: Reply, keepAlive: Bool, context: ChannelHandlerContext) {
        guard reply.delay > .zero else { return carryOut(reply, keepAlive: keepAlive, context: context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(reply.delay)) {
            self.carryOut(reply, keepAlive: keepAlive, context: context)
        }
    }

    private func carryOut(_ reply: Reply, keepAlive: Bool, context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        switch reply.fault {
        case nil: write(reply, keepAlive: keepAlive, context: context)
        case .never: break
        case .stall:
            isDead = true
            context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        case .goawayAfter: write(reply, keepAlive: false, context: context)
        case .closeMidResponse: writeHalf(reply, context: context)
        // What HTTP/2 says with a frame, HTTP/1.1 can only say by hanging up.
        case .closeAfterBody, .goaway, .goawayZero, .refusedStream: context.channel.closeAbruptly(reset: false)
        case .reset, .resetStream, .cancelStream: context.channel.closeAbruptly(reset: true)
        }
    }

    private func responseHead(_ reply: Reply, keepAlive: Bool) -> HTTPResponseHead {
        var headers = HTTPHeaders(reply.headers.map { ($0.name, $0.value) })
        headers.add(name: "content-length", value: String(reply.body.count))
        if !keepAlive { headers.add(name: "connection", value: "close") }
        return HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: reply.status), headers: headers)
    }

    private func write(_ reply: Reply, keepAlive: Bool, context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(responseHead(reply, keepAlive: keepAlive))), promise: nil)
        if reply.pieces > 1, !reply.body.isEmpty {
            context.flush()
            return write(reply.bodyPieces[...], every: reply.pieceDelay, keepAlive: keepAlive, context: context)
        }
        if !reply.body.isEmpty { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil) }
        finish(keepAlive: keepAlive, context: context)
    }

    private func finish(keepAlive: Bool, context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            if !keepAlive { context.close(promise: nil) }
        }
    }

    private func write(_ pieces: ArraySlice<ArraySlice<UInt8>>, every delay: Duration, keepAlive: Bool, context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        guard let piece = pieces.first else { return finish(keepAlive: keepAlive, context: context) }
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: piece)))), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(pieces.count > 1 ? delay : .zero)) {
            self.write(pieces.dropFirst(), every: delay, keepAlive: keepAlive, context: context)
        }
    }

    private func writeHalf(_ reply: Reply, context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(responseHead(reply, keepAlive: true))), promise: nil)
        let half = ByteBuffer(bytes: reply.body.prefix(reply.body.count / 2))
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(half)))).assumeIsolated().whenComplete { _ in
            context.channel.closeAbruptly(reset: false)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
