import NIOCore
import NIOPosix
import Synchronization

@testable import Providers

/// A DNS server on loopback, over UDP and TCP, that says what a test has told it.
final class NameServer: Sendable {
    enum Answer: Sendable {
        /// TXT records, each of several strings.
        case texts([[String]])
        /// TXT records behind an alias, as hosters have them.
        case alias(String, [[String]])
        case noSuchName
        /// The name is there, but nothing of the kind.
        case nothing
        case servfail
        case refused
        /// UDP says only that the answer is too long for it.
        case overTCP([[String]])
        case silence
        /// Bytes that are no DNS message behind a proper header.
        case garbage
    }

    let names: [String: Answer]
    private let questions = Mutex<[String]>([])

    private init(_ names: [String: Answer]) { self.names = names }

    /// The names that were asked for.
    var asked: [String] { questions.withLock { $0 } }

    static func run<Value: Sendable>(
        _ names: [String: Answer], _ body: (NameServer, _ address: String) async throws -> Value
    ) async throws -> Value {
        let server = NameServer(names)
        // The same number for both: TCP is bound first, and UDP takes what it got.
        let stream = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(StreamHandler(server)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = stream.localAddress?.port ?? 0
        let datagrams = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(DatagramHandler(server)) }
            }
            .bind(host: "127.0.0.1", port: port).get()
        do {
            let value = try await body(server, "127.0.0.1:\(port)")
            try await datagrams.close()
            try await stream.close()
            return value
        } catch {
            try? await datagrams.close()
            try? await stream.close()
            throw error
        }
    }

    /// The answer to a query; nil for none.
    fileprivate func answer(_ query: [UInt8], overTCP: Bool) -> [UInt8]? {
        guard query.count > 12, let end = query[12...].firstIndex(of: 0), end + 5 <= query.count else { return nil }
        let question = Array(query[12..<end + 5])
        let name = Self.text(query[12..<end])
        if !overTCP { questions.withLock { $0.append(name) } }
        func message(_ code: UInt8, _ records: [[UInt8]] = [], isCut: Bool = false) -> [UInt8] {
            Array(query[0..<2]) + [isCut ? 0x83 : 0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0] + question + records.joined()
        }
        switch names[name] ?? .noSuchName {
        case .texts(let texts): return message(0, texts.map { Self.record(type: 16, Self.strings($0)) })
        case .alias(let target, let texts):
            let alias = Self.encoded(target)
            return message(0, [Self.record(type: 5, alias)] + texts.map { Self.record(type: 16, Self.strings($0), owner: alias) })
        case .noSuchName: return message(3)
        case .nothing: return message(0)
        case .servfail: return message(2)
        case .refused: return message(5)
        case .overTCP(let texts): return overTCP ? message(0, texts.map { Self.record(type: 16, Self.strings($0)) }) : message(0, isCut: true)
        case .silence: return nil
        case .garbage: return Array(query[0..<2]) + [0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0] + question + [0xC0, 0xFF, 0xFF, 0xFF, 0x00]
        }
    }

    private static func text(_ labels: ArraySlice<UInt8>) -> String {
        var rest = labels
        var names: [String] = []
        while let length = rest.popFirst() {
            names.append(String(decoding: rest.prefix(Int(length)), as: UTF8.self))
            rest = rest.dropFirst(Int(length))
        }
        return names.joined(separator: ".").lowercased()
    }

    private static func encoded(_ name: String) -> [UInt8] {
        name.split(separator: ".").flatMap { label -> [UInt8] in [UInt8(label.utf8.count)] + Array(label.utf8) } + [0]
    }

    private static func strings(_ texts: [String]) -> [UInt8] {
        texts.flatMap { text -> [UInt8] in [UInt8(text.utf8.count)] + Array(text.utf8) }
    }

    /// - Parameter owner: by default a pointer to the question's name.
    private static func record(type: UInt8, _ data: [UInt8], owner: [UInt8] = [0xC0, 12]) -> [UInt8] {
        owner + [0, type, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(data.count & 0xFF)] + data
    }
}

private final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let server: NameServer

    init(_ server: NameServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let query = unwrapInboundIn(data)
        guard let answer = server.answer(Array(query.data.readableBytesView), overTCP: false) else { return }
        context.writeAndFlush(wrapOutboundOut(AddressedEnvelope(remoteAddress: query.remoteAddress, data: ByteBuffer(bytes: answer))), promise: nil)
    }
}

/// Over TCP each message has two bytes with its length before it.
private final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: NameServer
    private var buffer: [UInt8] = []

    init(_ server: NameServer) { self.server = server }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer += Array(unwrapInboundIn(data).readableBytesView)
        guard buffer.count >= 2 else { return }
        let length = Int(buffer[0]) << 8 | Int(buffer[1])
        guard buffer.count >= 2 + length, let answer = server.answer(Array(buffer[2..<2 + length]), overTCP: true) else { return }
        buffer.removeFirst(2 + length)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: [UInt8(answer.count >> 8), UInt8(answer.count & 0xFF)] + answer)), promise: nil)
    }
}
