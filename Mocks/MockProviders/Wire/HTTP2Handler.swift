import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 connection, written on the frames themselves: refusing a stream, going away or never answering is then just another frame, and an
/// accepted push costs no channel of its own.
final class HTTP2Handler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private struct Stream {
        var headers: HPACKHeaders
        var body: [UInt8] = []
        var tooLarge = false
        var answering = false
    }

    private let answering: any Answering
    private let connection: Connection
    private let singleStream: Bool
    private let idleTimeout: Duration?
    /// The server-sent events that are under way.
    private var sources: [HTTP2StreamID: any EventSource] = [:]
    private var hasOtherStreams = false
    private var isDead = false
    private var idleTask: Scheduled<Void>?
    private var streams: [HTTP2StreamID: Stream] = [:]
    private var highestStream = HTTP2StreamID.rootStream
    private var advertised: Int
    /// Set by a GOAWAY: no stream above it is served, and the connection ends with the last one below.
    private var lastStream: HTTP2StreamID?

    init(answering: any Answering, connection: Connection, singleStream: Bool, idleTimeout: Duration?) {
        self.answering = answering
        self.connection = connection
        self.idleTimeout = idleTimeout
        self.singleStream = singleStream
        advertised = singleStream ? 1 : StreamLimit.open
    }

    /// The handler below this one, with settings to match.
    static func codec(singleStream: Bool) -> NIOHTTP2Handler {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: singleStream ? 1 : StreamLimit.open),
            HTTP2Setting(parameter: .initialWindowSize, value: Int(Window.stream)),
            HTTP2Setting(parameter: .maxHeaderListSize, value: 32_768),
        ]
        // The mock is there to be hammered; denial of service is not its trouble.
        connection.controlFrameRateLimit.maximumCount = .max
        connection.maximumConnectionGlitches = .max
        // A burst that is refused stream by stream still sends its bodies; with the default of 32 the rest would end the connection.
        connection.maximumRecentlyResetStreams = 2 * StreamLimit.open
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = .max
        stream.streamErrorRateLimit.maximumCount = .max
        return NIOHTTP2Handler(mode: .server, connectionConfiguration: connection, streamConfiguration: stream)
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
            if left < Window.connection * 3 / 4 {
                write(.windowUpdate(windowSizeIncrement: Window.connection - left), on: .rootStream, context: context)
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
        if let id, let stream = streams[id], !stream.tooLarge, stream.body.count + count > Window.stream / 2 {
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

    private func start(_ reply: Reply, _ source: any EventSource, on id: HTTP2StreamID, context: ChannelHandlerContext) {
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

    // MARK: Frames out

    private func deliver(_ reply: Reply, on id: HTTP2StreamID, context: ChannelHandlerContext) {
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

    private func reset(_ id: HTTP2StreamID, _ code: HTTP2ErrorCode, context: ChannelHandlerContext) {
        write(.rstStream(code), on: id, context: context)
        streams[id] = nil
    }

    /// APNs' GOAWAY carries its reason as JSON in the debug data, under NO_ERROR.
    private func goAway(last: HTTP2StreamID, reason: String, context: ChannelHandlerContext) {
        guard lastStream == nil else { return }
        lastStream = last
        let debug = ByteBuffer(bytes: JSON.object(["reason": .string(reason)]).encoded)
        write(.goAway(lastStreamID: last, errorCode: .noError, opaqueData: debug), on: .rootStream, context: context)
        streams = streams.filter { $0.key <= last }
        endIfDone(context: context)
    }

    private func endIfDone(context: ChannelHandlerContext) {
        guard lastStream != nil, streams.isEmpty else { return }
        context.flush()
        context.close(promise: nil)
    }

    private func advertise(_ limit: Int, context: ChannelHandlerContext) {
        guard limit != advertised else { return }
        advertised = limit
        let settings: HTTP2Settings = [HTTP2Setting(parameter: .maxConcurrentStreams, value: limit)]
        write(.settings(.settings(settings)), on: .rootStream, context: context)
    }

    private func write(_ payload: HTTP2Frame.FramePayload, on id: HTTP2StreamID, context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
    }

    private enum Window {
        static let connection = 65_535
        static let stream = 1 << 20
    }
}

/// How many streams a client may have open at once.
enum StreamLimit {
    /// Until APNs has accepted a provider token.
    static let closed = 1
    static let open = 1000
    /// FCM's and Expo's front ends.
    static let shared = 100
}
