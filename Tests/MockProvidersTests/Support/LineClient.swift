import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// A socket that speaks SMTP by hand.
final class LineClient {
    private let channel: any Channel
    private var lines: AsyncStream<String>.Iterator

    /// - Parameter ca: speaks TLS from the start, trusting this certificate; nil speaks in clear.
    init(port: Int, ca: String? = nil) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        lines = stream.makeAsyncIterator()
        let tls = try ca.map { try Self.context(ca: $0) }
        channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: "localhost")) }
                    try channel.pipeline.syncOperations.addHandler(Splitter(continuation: continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    /// Sends the text as it is, with CRLF at the end, and reads one reply.
    @discardableResult
    func say(_ text: String) async throws -> String {
        try await raw(text + "\r\n")
        return try await reply()
    }

    func raw(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text))
    }

    /// All lines of one reply, joined; empty when the server has hung up.
    func reply() async throws -> String {
        var all: [String] = []
        while let line = await lines.next() {
            all.append(line)
            if line.dropFirst(3).first != "-" { break }
        }
        return all.joined(separator: "\n")
    }

    private static func context(ca: String) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(ca.utf8)))
        return try NIOSSLContext(configuration: configuration)
    }

    func startTLS(ca: String) async throws {
        let tls = try Self.context(ca: ca)
        let channel = channel
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: "localhost"), position: .first)
        }.get()
    }

    func close() async { try? await channel.close() }

    private final class Splitter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let continuation: AsyncStream<String>.Continuation
        private var rest = ""

        init(continuation: AsyncStream<String>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            rest += String(buffer: unwrapInboundIn(data))
            while let end = rest.range(of: "\r\n") {
                continuation.yield(String(rest[..<end.lowerBound]))
                rest = String(rest[end.upperBound...])
            }
        }

        func channelInactive(context: ChannelHandlerContext) { continuation.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
