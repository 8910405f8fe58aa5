import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// An SMTP server that does as its script says, and remembers what it was told.
final class MailServer: Sendable {
    /// What happens on a connection.
    enum Event: Sendable {
        case connected
        case command(String)
        /// A whole message, dots taken out again.
        case message([UInt8])
    }

    enum Action: Sendable {
        /// One reply; lines separated by `\n`, the server adds CR LF.
        case reply(String)
        /// The replies come once the gate has been opened.
        case replyAfter(Gate, String)
        case startTLS
        /// Takes a message after the reply that goes before.
        case content
        case close
        case silence
    }

    /// Answers to an event; nil: the server's usual one.
    typealias Script = @Sendable (Event, _ connection: Int) -> [Action]?

    struct Options: Sendable {
        var extensions = ["PIPELINING", "SIZE 10240000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"]
        var offersStartTLS = false
        var isImplicitTLS = false
        var certificates: MailServerCertificates?
        /// `user` and `password` in base 64 as AUTH PLAIN sends them.
        var credentials: (user: String, password: String)?
    }

    struct Record: Sendable {
        var connections = 0
        var open = 0
        /// Most connections that were open at the same time.
        var mostOpen = 0
        /// All commands with the number of their connection.
        var commands: [(connection: Int, line: String)] = []
        var messages: [[UInt8]] = []
        /// Bytes of messages as they came over the wire.
        var wire: [UInt8] = []
    }

    /// Holds replies back until a test lets them go.
    final class Gate: Sendable {
        private let state = Mutex<(isOpen: Bool, waiting: [@Sendable () -> Void])>((false, []))

        func open() {
            let waiting = state.withLock { state in
                defer { state = (true, []) }
                return state.waiting
            }
            for action in waiting { action() }
        }

        func pass(_ action: @escaping @Sendable () -> Void) {
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(action) }
                return state.isOpen
            }
            if isOpen { action() }
        }
    }

    let options: Options
    let script: Script
    private let state = Mutex<(record: Record, waiters: [Waiter])>((Record(), []))

    private struct Waiter: Sendable {
        let isDue: @Sendable (Record) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private init(options: Options, script: @escaping Script) {
        self.options = options
        self.script = script
    }

    var record: Record { state.withLock { $0.record } }

    /// Returns as soon as the record is as wanted. A test's time limit ends a wait in vain.
    func wait(until isDue: @escaping @Sendable (Record) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isDueNow = state.withLock { state in
                if isDue(state.record) { return true }
                state.waiters.append(Waiter(isDue: isDue, continuation: continuation))
                return false
            }
            if isDueNow { continuation.resume() }
        }
    }

    func note(_ change: (inout Record) -> Void) {
        let due = state.withLock { state in
            change(&state.record)
            let due = state.waiters.filter { $0.isDue(state.record) }
            state.waiters.removeAll { $0.isDue(state.record) }
            return due
        }
        for waiter in due { waiter.continuation.resume() }
    }

    /// Runs a server on a free port of the loopback interface for as long as `body` lasts.
    static func run<Result>(
        _ options: Options = Options(), script: @escaping Script = { _, _ in nil }, body: (MailServer, _ port: Int) async throws -> Result
    ) async throws -> Result {
        let server = MailServer(options: options, script: script)
        let context = try options.certificates?.serverContext()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if server.options.isImplicitTLS, let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.addHandler(MailConversation(server: server, tls: context))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        do {
            let result = try await body(server, port)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }
}

/// One connection of a `MailServer`.
private final class MailConversation: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: MailServer
    private let tls: NIOSSLContext?
    private var number = 0
    private var isEncrypted: Bool
    private var buffer: [UInt8] = []
    private var content: [UInt8]?
    private var isAuthenticating = false

    init(server: MailServer, tls: NIOSSLContext?) {
        self.server = server
        self.tls = tls
        isEncrypted = server.options.isImplicitTLS
    }

    func channelActive(context: ChannelHandlerContext) {
        server.note { record in
            record.connections += 1
            record.open += 1
            record.mostOpen = max(record.mostOpen, record.open)
        }
        number = server.record.connections
        perform(server.script(.connected, number) ?? [.reply("220 mx.test ESMTP")], context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        server.note { $0.open -= 1 }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        buffer += unwrapInboundIn(data).readableBytesView
        while let end = buffer.firstIndex(of: 0x0A) {
            let line = Array(buffer[...end])
            buffer.removeSubrange(...end)
            take(line, context)
        }
    }

    private func take(_ line: [UInt8], _ context: ChannelHandlerContext) {
        if content != nil {
            server.note { $0.wire += line }
            if line == Array(".\r\n".utf8) {
                let message = content ?? []
                content = nil
                server.note { $0.messages.append(message) }
                perform(server.script(.message(message), number) ?? [.reply("250 2.0.0 Ok: queued as 4TxYz\(server.record.messages.count)")], context)
            } else {
                content? += line.first == UInt8(ascii: ".") ? Array(line.dropFirst()) : line
            }
            return
        }
        var text = String(decoding: line, as: UTF8.self)
        while text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        server.note { [number] in $0.commands.append((number, text)) }
        perform(server.script(.command(text), number) ?? usual(text), context)
    }

    private func usual(_ command: String) -> [MailServer.Action] {
        let verb = command.prefix { $0 != " " }.uppercased()
        if isAuthenticating {
            isAuthenticating = false
            return login(command)
        }
        switch verb {
        case "EHLO":
            var lines = ["mx.test greets you"] + server.options.extensions
            if server.options.offersStartTLS, !isEncrypted { lines.append("STARTTLS") }
            if server.options.credentials != nil, isEncrypted || !server.options.offersStartTLS { lines.append("AUTH PLAIN") }
            return [.reply(lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)" }.joined(separator: "\n"))]
        case "HELO", "RSET", "NOOP": return [.reply("250 2.0.0 Ok")]
        case "STARTTLS": return [.reply("220 2.0.0 Ready to start TLS"), .startTLS]
        case "AUTH":
            let parts = command.split(separator: " ")
            guard parts.count > 2 else {
                isAuthenticating = true
                return [.reply("334 ")]
            }
            return login(String(parts[2]))
        case "MAIL": return [.reply("250 2.1.0 Ok")]
        case "RCPT": return [.reply("250 2.1.5 Ok")]
        case "DATA": return [.reply("354 End data with <CR><LF>.<CR><LF>"), .content]
        case "QUIT": return [.reply("221 2.0.0 Bye"), .close]
        default: return [.reply("502 5.5.2 Command not recognised")]
        }
    }

    private func login(_ initial: String) -> [MailServer.Action] {
        let expected = server.options.credentials.map { "\0\($0.user)\0\($0.password)" } ?? ""
        return [.reply(initial == MailServerCertificates.base64(expected) ? "235 2.7.0 Authentication successful" : "535 5.7.8 Bad credentials")]
    }

    private func perform(_ actions: [MailServer.Action], _ context: ChannelHandlerContext) {
        for action in actions {
            switch action {
            case .reply(let text): write(text, context)
            case .replyAfter(let gate, let text):
                let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                let loop = context.eventLoop
                gate.pass { loop.execute { loopBound.value.0.write(text, loopBound.value.1) } }
            case .content: content = []
            case .startTLS:
                isEncrypted = true
                if let tls { try? context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .first) }
            case .close: context.close(promise: nil)
            case .silence: break
            }
        }
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        let wire = text.split(separator: "\n", omittingEmptySubsequences: false).map { "\($0)\r\n" }.joined()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: wire)), promise: nil)
    }
}
