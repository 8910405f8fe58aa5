import Foundation
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL

/// An HTTP/2 client that sends what it is told and reports every frame, so that a test can see what curl hides.
final class FrameClient: Sendable {
    enum Event: Sendable, Hashable {
        case streamLimit(Int)
        case answered(stream: Int, status: Int, headers: [String: String], ended: Bool)
        case data(stream: Int, String, ended: Bool)
        case reset(stream: Int, code: Int)
        case goAway(lastStream: Int, debug: String)
        case closed
    }

    private let channel: any Channel
    let events: AsyncStream<Event>

    /// Connects to the mock's TLS port, trusting `ca`.
    ///
    /// - Parameter eager: frames that leave in the first flight, before the server's settings can be known.
    init(port: Int, ca: String, eager: @escaping @Sendable () -> [HTTP2Frame] = { [] }) async throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["h2"]
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(ca.utf8)))
        let tls = try NIOSSLContext(configuration: configuration)
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        self.events = events
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        try NIOSSLClientHandler(context: tls, serverHostname: "localhost"), NIOHTTP2Handler(mode: .client),
                        Reporter(continuation: continuation, eager: eager),
                    ])
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func post(_ path: String, stream: Int, headers: [(String, String)], body: String) {
        var block = HPACKHeaders([(":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", path)])
        block.add(contentsOf: headers)
        let id = HTTP2StreamID(stream)
        channel.write(HTTP2Frame(streamID: id, payload: .headers(.init(headers: block, endStream: body.isEmpty))), promise: nil)
        guard !body.isEmpty else { return channel.flush() }
        channel.writeAndFlush(
            HTTP2Frame(streamID: id, payload: .data(.init(data: .byteBuffer(ByteBuffer(string: body)), endStream: true))), promise: nil)
    }

    /// What browsers and nghttp send before they ask for anything.
    func prioritise(stream: Int, over parent: Int) {
        let priority = HTTP2Frame.StreamPriorityData(exclusive: false, dependency: HTTP2StreamID(parent), weight: 200)
        channel.writeAndFlush(HTTP2Frame(streamID: HTTP2StreamID(stream), payload: .priority(priority)), promise: nil)
    }

    /// The beginning of a request whose body is still to come.
    static func beginning(_ path: String, stream: Int) -> HTTP2Frame {
        let block = HPACKHeaders([(":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", path)])
        return HTTP2Frame(streamID: HTTP2StreamID(stream), payload: .headers(.init(headers: block, endStream: false)))
    }

    static func body(_ text: String, stream: Int) -> HTTP2Frame {
        HTTP2Frame(streamID: HTTP2StreamID(stream), payload: .data(.init(data: .byteBuffer(ByteBuffer(string: text)), endStream: true)))
    }

    /// The first event that the test is looking for; fails when the connection ends before it.
    func first<Found>(within timeout: Duration = .seconds(10), _ match: @escaping @Sendable (Event) -> Found?) async throws -> Found
    where Found: Sendable {
        let events = events
        return try await withThrowingTaskGroup(of: Found.self) { group in
            group.addTask {
                for await event in events {
                    if let found = match(event) { return found }
                }
                throw NothingSuch()
            }
            group.addTask {
                try await Task.sleep(for: timeout)
                throw NothingSuch()
            }
            defer { group.cancelAll() }
            guard let found = try await group.next() else { throw NothingSuch() }
            return found
        }
    }

    struct NothingSuch: Error {}

    func close() async { try? await channel.close() }

    private final class Reporter: ChannelInboundHandler {
        typealias InboundIn = HTTP2Frame
        typealias OutboundOut = HTTP2Frame

        private let continuation: AsyncStream<Event>.Continuation

        private let eager: @Sendable () -> [HTTP2Frame]

        init(continuation: AsyncStream<Event>.Continuation, eager: @escaping @Sendable () -> [HTTP2Frame]) {
            self.continuation = continuation
            self.eager = eager
        }

        /// TCP stands and TLS does not yet: what is written here waits for the handshake and for nothing else.
        func channelActive(context: ChannelHandlerContext) {
            for frame in eager() { context.write(wrapOutboundOut(frame), promise: nil) }
            context.flush()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            let stream = Int(frame.streamID)
            switch frame.payload {
            case .settings(.settings(let settings)):
                for setting in settings where setting.parameter == .maxConcurrentStreams { continuation.yield(.streamLimit(setting.value)) }
            case .headers(let headers):
                var fields: [String: String] = [:]
                for (name, value, _) in headers.headers { fields[name] = value }
                let status = fields[":status"].flatMap { Int($0) } ?? 0
                continuation.yield(.answered(stream: stream, status: status, headers: fields, ended: headers.endStream))
            case .data(let data):
                guard case .byteBuffer(let buffer) = data.data else { return }
                continuation.yield(.data(stream: stream, String(buffer: buffer), ended: data.endStream))
            case .rstStream(let code): continuation.yield(.reset(stream: stream, code: code.networkCode))
            case .goAway(let last, _, let debug):
                continuation.yield(.goAway(lastStream: Int(last), debug: debug.map { String(buffer: $0) } ?? ""))
            default: break
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.yield(.closed)
            continuation.finish()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
