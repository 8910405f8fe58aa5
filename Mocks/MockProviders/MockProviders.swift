import Foundation
import NIOCore
import NIOPosix
import NIOSSL
public import ServiceLifecycle

/// Expo, APNs, FCM and a mail relay on this machine: strict as the real ones, failing on demand, remembering everything.
///
/// Listens from its making on; `run()` keeps it until it is told to stop and then ends every connection.
public final class MockProviders: Service {
    public let httpPort: Int
    public let tlsPort: Int
    public let smtpPort: Int
    public let smtpsPort: Int
    /// The CA certificate in PEM.
    public let certificate: String
    public let caFile: String?
    public let keysDirectory: String?

    private let world: World
    private let servers: [any Channel]
    private let listener: Listener

    /// - Throws: `SetUpFault` in words for a person, when a port is taken or a file is of no use.
    public convenience init(_ configuration: MockConfiguration) async throws {
        try await self.init(configuration, clock: .system)
    }

    init(_ configuration: MockConfiguration, clock: MockClock) async throws {
        let started = Date()
        let keys = configuration.keysDirectory.map { URL(fileURLWithPath: $0, isDirectory: true) }
        let authority =
            try configuration.caFile.map { try CertificateAuthority(keptIn: URL(fileURLWithPath: $0), now: started) }
            ?? CertificateAuthority(now: started)
        let credentials = try Credentials(keysDirectory: keys, configuration: configuration)
        let httpTLS = try authority.serverTLS(protocols: ["h2", "http/1.1"], now: started)
        let mailTLS = try authority.serverTLS(protocols: [], now: started)
        let listener = Listener(group: .singleton, connections: OpenConnections())
        let parts = Parts(configuration: configuration, httpTLS: httpTLS, mailTLS: mailTLS, listener: listener)
        // The token endpoint is part of the credentials, and is known only when the TLS port is: so that port comes first.
        let late = LateRouter()
        var servers: [any Channel] = []
        do {
            servers.append(try await parts.bindTLS(late))
            let tlsPort = try Self.port(of: servers[0])
            let world = World(
                credentials: credentials, configuration: configuration, clock: clock, tokenURI: "https://localhost:\(tlsPort)/token")
            late.set(Router(world: world, certificate: try authority.pem))
            servers.append(try await parts.bindHTTP(late))
            servers.append(try await parts.bindSMTP(world))
            servers.append(try await parts.bindSMTPS(world))
            if let keys { try credentials.write(to: keys, tokenURI: world.tokenURI) }
            self.world = world
        } catch {
            for server in servers { try? await server.close() }
            await listener.connections.closeAll()
            throw error
        }
        self.servers = servers
        self.listener = listener
        tlsPort = try Self.port(of: servers[0])
        httpPort = try Self.port(of: servers[1])
        smtpPort = try Self.port(of: servers[2])
        smtpsPort = try Self.port(of: servers[3])
        certificate = try authority.pem
        caFile = configuration.caFile
        keysDirectory = configuration.keysDirectory
    }

    private static func port(of channel: any Channel) throws -> Int {
        guard let port = channel.localAddress?.port else { throw SetUpFault("a listening socket has no port") }
        return port
    }

    /// Serves until the service group shuts down gracefully or the task is cancelled.
    public func run() async throws {
        try? await gracefulShutdown()
        await stop()
    }

    /// Closes the ports and every connection. May be called again.
    public func stop() async {
        for server in servers { try? await server.close() }
        await listener.connections.closeAll()
    }

    // MARK: Seen and scripted

    /// Puts a script in force and returns its number.
    @discardableResult
    public func script(_ script: Script) -> Int { world.scripts.add(script) }

    public func removeScripts() { world.scripts.removeAll() }

    /// The messages still kept that the filter admits, oldest first.
    public func messages(_ filter: MessageFilter = MessageFilter()) -> [ReceivedMessage] { world.log.messages(filter) }

    /// How many the filter admits; without `target`, `id` and `after` this counts those no longer kept, too.
    public func count(_ filter: MessageFilter = MessageFilter()) -> Int { world.log.count(filter) }

    public var duplicates: [Duplicate] { world.log.duplicates }

    public var statistics: Statistics { world.log.statistics }

    /// Waits until `count` messages have come that the filter admits.
    ///
    /// - Throws: `NotEnoughMessages` when the time is up, `CancellationError` when the task is cancelled.
    @discardableResult
    public func waitForMessages(
        _ filter: MessageFilter = MessageFilter(), count: Int = 1, timeout: Duration = .seconds(10)
    ) async throws -> [ReceivedMessage] {
        let wait = MessageWait(log: world.log, filter: filter, count: count)
        guard try await wait.value(timeout: timeout) else {
            throw NotEnoughMessages(wanted: count, received: self.count(filter))
        }
        return messages(filter)
    }

    /// Forgets messages, scripts, tickets and greylisting. Credentials and access tokens stay.
    public func reset() { world.reset() }

    /// Tells Expo whose tokens these are; a request may not mix projects.
    public func assign(_ tokens: [String], toProject project: String) { world.expo.assign(tokens, to: project) }

    /// Makes every access token that FCM has given out worthless.
    public func revokeAccessTokens() { world.accessTokens.revokeAll() }
}

/// Fewer messages came than were waited for.
public struct NotEnoughMessages: Error, CustomStringConvertible {
    public var wanted: Int
    public var received: Int

    public var description: String { "waited for \(wanted) messages, \(received) came" }
}

/// What the four ports need to be opened.
private struct Parts {
    let configuration: MockConfiguration
    let httpTLS: NIOSSLContext
    let mailTLS: NIOSSLContext
    let listener: Listener

    func bindTLS(_ router: LateRouter) async throws -> any Channel {
        let tls = httpTLS
        let singleStream = configuration.apns.opensWithOneStream
        return try await listener.bind(host: configuration.host, port: configuration.tlsPort, flag: "--tls-port") { channel, connection in
            router.countConnection()
            try Listener.addTLS(router, connection, tls: tls, singleStream: singleStream, to: channel)
        }
    }

    func bindHTTP(_ router: LateRouter) async throws -> any Channel {
        try await listener.bind(host: configuration.host, port: configuration.httpPort, flag: "--http-port") { channel, connection in
            router.countConnection()
            try Listener.addPlainHTTP(router, connection, to: channel)
        }
    }

    func bindSMTP(_ world: World) async throws -> any Channel {
        let tls = mailTLS
        return try await listener.bind(host: configuration.host, port: configuration.smtpPort, flag: "--smtp-port") { channel, connection in
            world.log.count { $0.connections += 1 }
            try channel.pipeline.syncOperations.addHandler(SMTPHandler(world: world, connection: connection, tls: tls, isTLS: false))
        }
    }

    func bindSMTPS(_ world: World) async throws -> any Channel {
        let tls = mailTLS
        return try await listener.bind(host: configuration.host, port: configuration.smtpsPort, flag: "--smtps-port") { channel, connection in
            world.log.count { $0.connections += 1 }
            try channel.pipeline.syncOperations.addHandlers([
                NIOSSLServerHandler(context: tls), SMTPHandler(world: world, connection: connection, tls: tls, isTLS: true),
            ])
        }
    }
}
