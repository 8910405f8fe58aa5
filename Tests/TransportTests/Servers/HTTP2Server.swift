import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// HTTP/2 over TLS on a real socket, frame by frame: a script says what each request is answered with, be it sane or not.
final class HTTP2Server: Sendable {
    struct Request: Sendable {
        /// Counts from 1, over all connections.
        var number: Int
        /// Which connection it came on, from 1.
        var connection: Int
        var stream: Int
        var path: String
        var headers: HPACKHeaders
        var body: [UInt8]
        /// DER, where the client showed one.
        var clientCertificate: [UInt8]?
    }

    enum Action: Sendable {
        case answer(Int, headers: [(String, String)] = [], body: [UInt8] = [])
        /// Status and headers without the end of the stream.
        case head(Int, headers: [(String, String)] = [])
        case data([UInt8], isLast: Bool = false)
        case reset(HTTP2ErrorCode)
        case goAway(lastStream: Int, HTTP2ErrorCode = .noError)
        /// Close after all that was written.
        case close
        /// Close the socket without TLS's goodbye.
        case hangUp
        /// A TCP reset.
        case abort
    }

    typealias Script = @Sendable (Request) -> [Action]

    struct Options: Sendable {
        var settings: [HTTP2Setting] = []
        /// The server shuts a connection down that resets more streams than this in 30 seconds.
        var maxResets = 1_000_000
        /// False leaves the journal empty: for tests that watch memory.
        var keepsRequests = true
        /// Ask for, and insist on, this certificate.
        var clientCertificate: NIOSSLCertificate?
        /// Answers when the header has arrived, before the body; empty to wait for the body.
        var onHeaders: Script = { _ in [] }

        init() {}
    }

    let requests = Journal<Request>()
    /// Connections that have ended, by their numbers.
    let disconnections = Journal<Int>()
    private let connections = Mutex<[Int: any Channel]>([:])
    private let connectionCount = Mutex(0)
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    var url: String { "https://127.0.0.1:\(port)" }
    /// TLS connections that were established.
    var connectionsSeen: Int { connectionCount.withLock { $0 } }

    static func with<Result>(
        _ options: Options = .init(), onRequest: @escaping Script = { _ in [.answer(200)] }, _ body: (HTTP2Server) async throws -> Result
    ) async throws -> Result {
        let server = try await start(options, onRequest)
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    private static func start(_ options: Options, _ onRequest: @escaping Script) async throws -> HTTP2Server {
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: TestCertificates.shared.chain, privateKey: TestCertificates.shared.key)
        tls.applicationProtocols = ["h2"]
        if let certificate = options.clientCertificate {
            tls.certificateVerification = .noHostnameVerification
            tls.trustRoots = .certificates([certificate])
        }
        let context = try NIOSSLContext(configuration: tls)
        let link = Link()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    var connection = NIOHTTP2Handler.ConnectionConfiguration()
                    connection.initialSettings = options.settings
                    connection.contentLengthValidation = .disabled
                    connection.maximumConnectionGlitches = 1_000_000
                    var stream = NIOHTTP2Handler.StreamConfiguration()
                    stream.streamResetFrameRateLimit.maximumCount = options.maxResets
                    stream.streamErrorRateLimit.maximumCount = 1_000_000
                    let operations = channel.pipeline.syncOperations
                    try operations.addHandler(NIOSSLServerHandler(context: context))
                    try operations.addHandler(NIOHTTP2Handler(mode: .server, connectionConfiguration: connection, streamConfiguration: stream))
                    try operations.addHandler(FrameHandler(link, options, onRequest))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = HTTP2Server(listener)
        link.server.withLock { $0 = server }
        return server
    }

    private init(_ listener: any Channel) {
        self.listener = listener
    }

    fileprivate final class Link: Sendable {
        let server = Mutex<HTTP2Server?>(nil)
    }

    private func stop() async {
        try? await listener.close()
        for channel in connections.withLock({ Array($0.values) }) { try? await channel.close() }
    }

    fileprivate func connected(_ channel: any Channel) -> Int {
        let number = connectionCount.withLock {
            $0 += 1
            return $0
        }
        connections.withLock { $0[number] = channel }
        return number
    }

    fileprivate func disconnected(_ number: Int) {
        connections.withLock { $0[number] = nil }
        disconnections.record { _ in number }
    }

    /// Acts later than its request: now.
    func perform(_ actions: [Action], for request: Request) {
        guard let channel = connections.withLock({ $0[request.connection] }) else { return }
        channel.eventLoop.execute { FrameHandler.perform(actions, stream: request.stream, on: channel) }
    }
}

private final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let link: HTTP2Server.Link
    private let options: HTTP2Server.Options
    private let onRequest: HTTP2Server.Script
    private var number: Int?
    private var open: [HTTP2StreamID: HTTP2Server.Request] = [:]

    init(_ link: HTTP2Server.Link, _ options: HTTP2Server.Options, _ onRequest: @escaping HTTP2Server.Script) {
        self.link = link
        self.options = options
        self.onRequest = onRequest
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        if number == nil { number = link.server.withLock { $0 }?.connected(context.channel) }
        switch frame.payload {
        case .headers(let headers): begin(frame.streamID, headers.headers, isWhole: headers.endStream, context)
        case .data(let data):
            guard case .byteBuffer(let buffer) = data.data else { return }
            if buffer.readableBytes > 0 {
                for stream in [.rootStream, frame.streamID] where stream == .rootStream || !data.endStream {
                    context.write(
                        wrapOutboundOut(.init(streamID: stream, payload: .windowUpdate(windowSizeIncrement: buffer.readableBytes))), promise: nil)
                }
            }
            open[frame.streamID]?.body += Array(buffer.readableBytesView)
            if data.endStream { finish(frame.streamID, context) }
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { context.flush() }

    func channelInactive(context: ChannelHandlerContext) {
        if let number { link.server.withLock { $0 }?.disconnected(number) }
        context.fireChannelInactive()
    }

    /// Connections die in these tests; that is no news.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    private func begin(_ stream: HTTP2StreamID, _ headers: HPACKHeaders, isWhole: Bool, _ context: ChannelHandlerContext) {
        let certificate = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self).peerCertificate?.toDERBytes()
        let request = HTTP2Server.Request(
            number: 0, connection: number ?? 0, stream: Int(stream), path: headers.first(name: ":path") ?? "", headers: headers, body: [],
            clientCertificate: certificate)
        open[stream] = request
        FrameHandler.perform(options.onHeaders(request), stream: Int(stream), on: context.channel)
        if isWhole { finish(stream, context) }
    }

    private func finish(_ stream: HTTP2StreamID, _ context: ChannelHandlerContext) {
        guard var request = open.removeValue(forKey: stream), let server = link.server.withLock({ $0 }) else { return }
        if options.keepsRequests {
            let received = request
            request = server.requests.record { number in
                var numbered = received
                numbered.number = number
                return numbered
            }
        }
        FrameHandler.perform(onRequest(request), stream: request.stream, on: context.channel)
    }

    static func perform(_ actions: [HTTP2Server.Action], stream: Int, on channel: any Channel) {
        let stream = HTTP2StreamID(stream)
        func write(_ payload: HTTP2Frame.FramePayload, on target: HTTP2StreamID) {
            channel.writeAndFlush(HTTP2Frame(streamID: target, payload: payload), promise: nil)
        }
        for action in actions {
            switch action {
            case .answer(let status, let headers, let body):
                write(.headers(.init(headers: fields(status, headers), endStream: body.isEmpty)), on: stream)
                if !body.isEmpty { write(.data(.init(data: .byteBuffer(ByteBuffer(bytes: body)), endStream: true)), on: stream) }
            case .head(let status, let headers): write(.headers(.init(headers: fields(status, headers), endStream: false)), on: stream)
            case .data(let bytes, let isLast): write(.data(.init(data: .byteBuffer(ByteBuffer(bytes: bytes)), endStream: isLast)), on: stream)
            case .reset(let code): write(.rstStream(code), on: stream)
            case .goAway(let last, let code):
                write(.goAway(lastStreamID: HTTP2StreamID(last), errorCode: code, opaqueData: nil), on: .rootStream)
            case .close: channel.close(promise: nil)
            case .hangUp: closeSocket(channel)
            case .abort: abort(channel)
            }
        }
    }

    /// Past the TLS handler, which would say goodbye first.
    private static func abort(_ channel: any Channel) {
        let reset = linger(l_onoff: 1, l_linger: 0)
        (channel as? any SocketOptionProvider)?.unsafeSetSocketOption(level: .socket, name: .so_linger, value: reset).whenComplete { _ in
            closeSocket(channel)
        }
    }

    private static func closeSocket(_ channel: any Channel) {
        try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self).close(promise: nil)
    }

    private static func fields(_ status: Int, _ headers: [(String, String)]) -> HPACKHeaders {
        HPACKHeaders([(":status", String(status))] + headers)
    }
}
