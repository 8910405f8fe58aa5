import NIOCore
import NIOHPACK
import NIOHTTP2

/// What goes out: answers, and the frames by which a connection says what it thinks of its client.
extension HTTP2Handler {
    func start(_ reply: Reply, _ source: any EventSource, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        write(.headers(responseHeaders(reply, endStream: false)), on: id, context: context)
        context.flush()
        sources[id] = source
        source.start { buffer in
            guard self.streams[id] != nil, context.channel.isActive, context.channel.isWritable else { return false }
            self.write(.data(.init(data: .byteBuffer(buffer))), on: id, context: context)
            context.flush()
            return true
        }
    }

    func deliver(_ reply: Reply, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        if singleStream {
            let earned = connection.apns.streamLimit
            advertise(hasOtherStreams ? max(StreamLimit.shared, earned) : earned, context: context)
        }
        guard reply.delay > .zero else { return carryOut(reply, on: id, context: context) }
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(reply.delay)) {
            self.carryOut(reply, on: id, context: context)
            context.flush()
        }
    }

    private func carryOut(_ reply: Reply, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        guard streams[id] != nil, context.channel.isActive else { return }
        switch reply.fault {
        case nil: write(reply, on: id, context: context)
        case .never: break
        case .stall:
            isDead = true
            context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        case .closeAfterBody: context.channel.closeAbruptly(reset: false)
        case .reset: context.channel.closeAbruptly(reset: true)
        case .refusedStream: reset(id, .refusedStream, context: context)
        case .resetStream: reset(id, .internalError, context: context)
        case .cancelStream: reset(id, .cancel, context: context)
        case .goaway: goAway(last: HTTP2StreamID(max(0, Int(id) - 2)), reason: reply.farewell ?? "Shutdown", context: context)
        case .goawayAfter:
            write(reply, on: id, context: context)
            goAway(last: highestStream, reason: reply.farewell ?? "Shutdown", context: context)
        case .goawayZero: goAway(last: .rootStream, reason: reply.farewell ?? "Shutdown", context: context)
        case .closeMidResponse:
            write(.headers(responseHeaders(reply, endStream: false)), on: id, context: context)
            let half = ByteBuffer(bytes: reply.body.prefix(reply.body.count / 2))
            if half.readableBytes > 0 { write(.data(.init(data: .byteBuffer(half))), on: id, context: context) }
            context.flush()
            context.channel.closeAbruptly(reset: false)
        }
        context.flush()
    }

    private func responseHeaders(_ reply: Reply, endStream: Bool) -> HTTP2Frame.FramePayload.Headers {
        var headers = HPACKHeaders()
        headers.reserveCapacity(reply.headers.count + 1)
        headers.add(name: ":status", value: String(reply.status))
        for (name, value) in reply.headers { headers.add(name: name, value: value) }
        return .init(headers: headers, endStream: endStream)
    }

    private func write(_ reply: Reply, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        write(.headers(responseHeaders(reply, endStream: reply.body.isEmpty)), on: id, context: context)
        guard !reply.body.isEmpty else { return }
        if reply.pieces > 1 { return write(reply.bodyPieces[...], every: reply.pieceDelay, on: id, context: context) }
        write(.data(.init(data: .byteBuffer(ByteBuffer(bytes: reply.body)), endStream: true)), on: id, context: context)
    }

    private func write(_ pieces: ArraySlice<ArraySlice<UInt8>>, every delay: Duration, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        guard let piece = pieces.first, streams[id] != nil, context.channel.isActive else { return }
        let isLast = pieces.count == 1
        write(.data(.init(data: .byteBuffer(ByteBuffer(bytes: piece)), endStream: isLast)), on: id, context: context)
        context.flush()
        if isLast { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
            self.write(pieces.dropFirst(), every: delay, on: id, context: context)
        }
    }

    func reset(_ id: HTTP2StreamID, _ code: HTTP2ErrorCode, context: ChannelHandlerContext) {
        write(.rstStream(code), on: id, context: context)
        streams[id] = nil
    }

    /// APNs' GOAWAY carries its reason as JSON in the debug data, under NO_ERROR.
    func goAway(last: HTTP2StreamID, reason: String, context: ChannelHandlerContext) {
        guard lastStream == nil else { return }
        lastStream = last
        let debug = ByteBuffer(bytes: JSON.object(["reason": .string(reason)]).encoded)
        write(.goAway(lastStreamID: last, errorCode: .noError, opaqueData: debug), on: .rootStream, context: context)
        streams = streams.filter { $0.key <= last }
        endIfDone(context: context)
    }

    func endIfDone(context: ChannelHandlerContext) {
        guard lastStream != nil, streams.isEmpty else { return }
        context.flush()
        context.close(promise: nil)
    }

    func advertise(_ limit: Int, context: ChannelHandlerContext) {
        guard limit != advertised else { return }
        advertised = limit
        let settings: HTTP2Settings = [HTTP2Setting(parameter: .maxConcurrentStreams, value: limit)]
        write(.settings(.settings(settings)), on: .rootStream, context: context)
    }

    func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
    }
}
