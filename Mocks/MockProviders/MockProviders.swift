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

    private let universe: Universe
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
        let accounts = try Accounts(configuration, in: keys)
        let flaw = configuration.certificateFlaw
        let httpTLS = try authority.serverTLS(protocols: ["h2", "http/1.1"], now: started, flaw: flaw)
        let mailTLS = try authority.serverTLS(protocols: [], now: started, flaw: flaw)
        let listener = Listener(group: .singleton, connections: OpenConnections())
        let parts = Parts(configuration: configuration, httpTLS: httpTLS, mailTLS: mailTLS, listener: listener)
        // The token endpoint is part of the credentials, and is known only when the TLS port is: so that port comes first.
        let late = LateRouter()
        var servers: [any Channel] = []
        do {
            servers.append(try await parts.bindTLS(late))
            let tlsPort = try Self.port(of: servers[0])
            let universe = Universe(
                accounts: accounts, authority: authority, configuration: configuration, clock: clock,
                tokenURI: "https://localhost:\(tlsPort)/token")
            late.set(Router(universe: universe, certificate: try authority.pem))
            servers.append(try await parts.bindHTTP(late))
            servers.append(try await parts.bindSMTP(universe))
            servers.append(try await parts.bindSMTPS(universe))
            for account in accounts.all { try universe.write(account, renewsCertificate: true) }
            self.universe = universe
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

    /// The run of those who name none.
    public var main: MockRun { MockRun(universe: universe, world: universe.main) }

    /// A run apart from the others, made when it is named for the first time. Requests belong to it by the header `x-mock-run`, by a path that
    /// begins with `/_run/NAME`, by the mail user `mock+NAME`, or by credentials that were made for it.
    ///
    /// - Precondition: the name is made of 1 to 64 letters, digits, `.`, `_` and `-`.
    public func run(_ name: String) -> MockRun {
        precondition(Run.isName(name), "a run's name is made of 1 to 64 letters, digits, '.', '_' and '-'")
        return MockRun(universe: universe, world: universe.world(name))
    }
}

/// What the four ports need to be opened.
private struct Parts {
    let configuration: MockConfiguration
    let httpTLS: NIOSSLContext
    let mailTLS: NIOSSLContext
    let listener: Listener

    func bindTLS(_ router: LateRouter) async throws -> any Channel {
        let tls = httpTLS
        let apns = configuration.apns
        return try await listener.bind(host: configuration.host, port: configuration.tlsPort, flag: "--tls-port") { channel, connection in
            router.countConnection()
            try Listener.addTLS(router, connection, tls: tls, apns: apns, to: channel)
        }
    }

    func bindHTTP(_ router: LateRouter) async throws -> any Channel {
        try await listener.bind(host: configuration.host, port: configuration.httpPort, flag: "--http-port") { channel, connection in
            router.countConnection()
            try Listener.addPlainHTTP(router, connection, to: channel)
        }
    }

    func bindSMTP(_ universe: Universe) async throws -> any Channel {
        let tls = mailTLS
        return try await listener.bind(host: configuration.host, port: configuration.smtpPort, flag: "--smtp-port") { channel, connection in
            universe.main.log.count { $0.connections += 1 }
            try channel.pipeline.syncOperations.addHandler(SMTPHandler(universe: universe, connection: connection, tls: tls, isTLS: false))
        }
    }

    func bindSMTPS(_ universe: Universe) async throws -> any Channel {
        let tls = mailTLS
        return try await listener.bind(host: configuration.host, port: configuration.smtpsPort, flag: "--smtps-port") { channel, connection in
            universe.main.log.count { $0.connections += 1 }
            try channel.pipeline.syncOperations.addHandlers([
                NIOSSLServerHandler(context: tls), SMTPHandler(universe: universe, connection: connection, tls: tls, isTLS: true),
            ])
        }
    }
}
