import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization

/// Binds the ports and puts each connection's handlers together.
struct Listener: Sendable {
    let group: MultiThreadedEventLoopGroup
    let connections: OpenConnections

    /// - Parameter flag: the option by which the user chose the port, for the error message.
    func bind(host: String, port: Int, flag: String, accept: @escaping @Sendable (any Channel, Connection) throws -> Void) async throws -> any Channel
    {
        let connections = connections
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try accept(channel, Connection(number: connections.add(channel)))
                }
            }
        do {
            return try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw SetUpFault(
                "can't listen on \(host):\(port) (\(error)). Stop what listens there, or choose another port with \(flag) (0 picks a free one).")
        }
    }

    static func addPlainHTTP(_ answering: any Answering, _ connection: Connection, to channel: any Channel) throws {
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
        try channel.pipeline.syncOperations.addHandler(HTTP1Handler(answering: answering, connection: connection))
    }

    static func addTLS(
        _ answering: any Answering, _ connection: Connection, tls: NIOSSLContext, apns: MockConfiguration.APNs, to channel: any Channel
    ) throws {
        let singleStream = apns.opensWithOneStream
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let negotiation = ApplicationProtocolNegotiationHandler { result, channel in
            channel.eventLoop.makeCompletedFuture {
                if let shown = try channel.pipeline.syncOperations.nioSSL_peerCertificate() {
                    bound.value.certificate = ClientCertificate(shown)
                }
                guard result == .negotiated("h2") else { return try addPlainHTTP(answering, bound.value, to: channel) }
                try channel.pipeline.syncOperations.addHandlers([
                    HTTP2Handler.codec(singleStream: singleStream),
                    HTTP2Handler(answering: answering, connection: bound.value, singleStream: singleStream, idleTimeout: apns.idleTimeout),
                ])
            }
        }
        try channel.pipeline.syncOperations.addHandler(negotiation)
    }
}

/// The connections that are open, so that stopping ends them.
final class OpenConnections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var opened = 0
    }

    private let state = Mutex(State())

    /// The connection's number.
    func add(_ channel: any Channel) -> Int {
        let id = ObjectIdentifier(channel)
        let number = state.withLock { state in
            state.channels[id] = channel
            state.opened += 1
            return state.opened
        }
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.channels[id] = nil } }
        return number
    }

    func closeAll() async {
        let channels = state.withLock { Array($0.channels.values) }
        for channel in channels { channel.closeAbruptly(reset: false) }
        for channel in channels { try? await channel.closeFuture.get() }
    }
}
