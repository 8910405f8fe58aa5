import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// HTTP/1.1 without TLS, byte by byte: the script writes what it likes.
final class HTTP1Server: Sendable {
    struct Request: Sendable {
        var number: Int
        var connection: Int
        var head: String
        var body: [UInt8]

        var path: String { String(head.split(separator: " ").dropFirst().first ?? "") }
    }

    enum Action: Sendable {
        case send(String)
        case bytes([UInt8])
        case close
        case abort

        static func answer(_ status: Int, _ body: String = "") -> Action {
            .send("HTTP/1.1 \(status) Whatever\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    typealias Script = @Sendable (Request) -> [Action]

    let requests = Journal<Request>()
    private let connectionCount = Mutex(0)
    private let channels = Mutex<[any Channel]>([])
    private let listener: any Channel

    var port: Int { listener.localAddress?.port ?? 0 }
    var url: String { "http://127.0.0.1:\(port)" }
    var connectionsSeen: Int { connectionCount.withLock { $0 } }

    static func with<Result>(onRequest: @escaping Script = { _ in [.answer(200)] }, _ body: (HTTP1Server) async throws -> Result) async throws
        -> Result
    {
        let link = Link()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(RequestHandler(link, onRequest)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = HTTP1Server(listener)
        link.server.withLock { $0 = server }
        do {
            let result = try await body(server)
            await server.stop()
            return result
        } catch {
            await server.stop()
            throw error
        }
    }

    private init(_ listener: any Channel) {
        self.listener = listener
    }

    fileprivate final class Link: Sendable {
        let server = Mutex<HTTP1Server?>(nil)
    }

    /// Closes all connections from the server's side.
    func closeConnections() async {
        for channel in channels.withLock({ $0 }) { try? await channel.close() }
    }

    private func stop() async {
        try? await listener.close()
        await closeConnections()
    }

    fileprivate func connected(_ channel: any Channel) -> Int {
        channels.withLock { $0.append(channel) }
        return connectionCount.withLock {
            $0 += 1
            return $0
        }
    }
}

private final class RequestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let link: HTTP1Server.Link
    private let script: HTTP1Server.Script
    private var number = 0
    private var received: [UInt8] = []

    init(_ link: HTTP1Server.Link, _ script: @escaping HTTP1Server.Script) {
        self.link = link
        self.script = script
    }

    func channelActive(context: ChannelHandlerContext) {
        number = link.server.withLock { $0 }?.connected(context.channel) ?? 0
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += Array(unwrapInboundIn(data).readableBytesView)
        while let (head, body) = nextRequest(), let server = link.server.withLock({ $0 }) {
            let connection = number
            let request = server.requests.record { .init(number: $0, connection: connection, head: head, body: body) }
            perform(script(request), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}

    /// A head and as many bytes as its content-length says.
    private func nextRequest() -> (String, [UInt8])? {
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return nil }
        let head = String(decoding: received[..<end], as: UTF8.self)
        let length =
            head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) } ?? 0
        guard received.count >= end + length else { return nil }
        let body = Array(received[end..<(end + length)])
        received.removeFirst(end + length)
        return (head, body)
    }

    private func perform(_ actions: [HTTP1Server.Action], _ context: ChannelHandlerContext) {
        for action in actions {
            switch action {
            case .send(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            case .bytes(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            case .close: context.close(promise: nil)
            case .abort:
                let channel = context.channel
                (channel as? any SocketOptionProvider)?.unsafeSetSocketOption(
                    level: .socket, name: .so_linger, value: linger(l_onoff: 1, l_linger: 0)
                ).whenComplete { _ in channel.close(promise: nil) }
            }
        }
    }
}
