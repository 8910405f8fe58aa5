import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 connection, written on the frames themselves: refusing a stream, going away or never answering is then just another frame, and an
/// accepted push costs no channel of its own.
final class HTTP2Handler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    struct Stream {
        var headers: HPACKHeaders
        var body: [UInt8] = []
        var tooLarge = false
        var answering = false
    }

    private let answering: any Answering
    let connection: Connection
    let singleStream: Bool
    private let idleTimeout: Duration?
    /// The server-sent events that are under way.
    var sources: [HTTP2StreamID: any EventSource] = [:]
    var hasOtherStreams = false
    var isDead = false
    private var idleTask: Scheduled<Void>?
    var streams: [HTTP2StreamID: Stream] = [:]
    var highestStream = HTTP2StreamID.rootStream
    var advertised: Int
    /// Set by a GOAWAY: no stream above it is served, and the connection ends with the last one below.
    var lastStream: HTTP2StreamID?

    init(answering: any Answering, connection: Connection, singleStream: Bool, idleTimeout: Duration?) {
        self.answering = answering
        self.connection = connection
        self.idleTimeout = idleTimeout
        self.singleStream = singleStream
        advertised = singleStream ? 1 : StreamLimit.open
    }

    // MARK: Frames in

    func handlerAdded(context: ChannelHandlerContext) { watchIdleness(context: context) }

    func channelInactive(context: ChannelHandlerContext) {
        idleTask?.cancel()
        for source in sources.values { source.stop() }
        sources = [:]
        context.fireChannelInactive()
    }

    /// APNs ends connections that nobody uses; how soon is not documented.
    private func watchIdleness(context: ChannelHandlerContext) {
        guard let idleTimeout else { return }
        idleTask?.cancel()
        idleTask = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(idleTimeout)) {
            guard self.streams.isEmpty, context.channel.isActive else { return self.watchIdleness(context: context) }
            self.goAway(last: self.highestStream, reason: "IdleTimeout", context: context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDead { return }
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let headers): begin(frame.streamID, headers, context: context)
        case .data(let data): take(data, on: frame.streamID, context: context)
        case .rstStream: forget(frame.streamID)
        case .goAway, .settings, .ping, .priority, .windowUpdate, .pushPromise, .alternativeService, .origin: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let closed = event as? StreamClosedEvent {
            forget(closed.streamID)
            endIfDone(context: context)
        } else if let window = event as? NIOHTTP2WindowUpdatedEvent, window.streamID == .rootStream, let left = window.inboundWindowSize {
            // The codec counts the bodies of refused streams too, which never arrive here.
            if left < HTTP2Window.connection * 3 / 4 {
                write(.windowUpdate(windowSizeIncrement: HTTP2Window.connection - left), on: .rootStream, context: context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A fault of one stream ends that stream (the codec has reset it); everything else ends the connection.
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }

    private func forget(_ id: HTTP2StreamID) {
        streams[id] = nil
        if !sources.isEmpty { sources.removeValue(forKey: id)?.stop() }
    }

    private func begin(_ id: HTTP2StreamID, _ frame: HTTP2Frame.FramePayload.Headers, context: ChannelHandlerContext) {
        if streams[id] != nil {
            // Trailers carry nothing of interest; their END_STREAM does.
            if frame.endStream { finish(id, context: context) }
            return
        }
        if let lastStream, id > lastStream { return }
        highestStream = max(highestStream, id)
        let isPush = frame.headers.first(name: ":path")?.hasPrefix("/3/") ?? false
        if !isPush {
            hasOtherStreams = true
            advertise(max(advertised, StreamLimit.shared), context: context)
        } else if streams.count >= advertised {
            return reset(id, .refusedStream, context: context)
        }
        streams[id] = Stream(headers: frame.headers)
        if frame.endStream { finish(id, context: context) }
    }

    private func take(_ data: HTTP2Frame.FramePayload.Data, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        guard case .byteBuffer(let buffer) = data.data else { return }
        returnWindow(buffer.readableBytes + (data.paddingBytes.map { $0 + 1 } ?? 0), to: data.endStream ? nil : id, context: context)
        guard streams[id] != nil else { return }
        if streams[id, default: Stream(headers: [:])].body.count + buffer.readableBytes <= Limits.requestBody {
            streams[id]?.body.append(contentsOf: buffer.readableBytesView)
        } else {
            streams[id]?.tooLarge = true
        }
        if data.endStream { finish(id, context: context) }
    }

    private func returnWindow(_ count: Int, to id: HTTP2StreamID?, context: ChannelHandlerContext) {
        guard count > 0 else { return }
        // Pushes fit the first window; only a large batch needs more on its own stream.
        if let id, let stream = streams[id], !stream.tooLarge, stream.body.count + count > HTTP2Window.stream / 2 {
            write(.windowUpdate(windowSizeIncrement: count), on: id, context: context)
        }
    }

    private func finish(_ id: HTTP2StreamID, context: ChannelHandlerContext) {
        guard let stream = streams[id], !stream.answering else { return }
        streams[id]?.answering = true
        streams[id]?.body = []
        guard !stream.tooLarge else {
            return deliver(.html(status: 413, "Your client issued a request that was too large."), on: id, context: context)
        }
        var headers = HPACKHeaders()
        headers.reserveCapacity(stream.headers.count)
        var method = ""
        var path = ""
        var authority = ""
        for (name, value, _) in stream.headers {
            switch name {
            case ":method": method = value
            case ":path": path = value
            case ":authority": authority = value
            case ":scheme": break
            default: headers.add(name: name, value: value)
            }
        }
        let request = Request(
            method: method, target: path, headers: headers, body: stream.body, version: .http2,
            authority: authority.isEmpty ? headers.first(name: "host") ?? "" : authority, connection: connection, eventLoop: context.eventLoop)
        switch answering.answer(request) {
        case .now(let reply): deliver(reply, on: id, context: context)
        case .later(let future):
            future.assumeIsolated().whenSuccess { self.deliver($0, on: id, context: context) }
        case .stream(let reply, let source): start(reply, source, on: id, context: context)
        }
        if idleTimeout != nil { watchIdleness(context: context) }
    }
}
