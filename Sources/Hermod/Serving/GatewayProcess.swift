import API
import DeliveryEngine
import Domain
import Hummingbird
import Logging
import NIOCore
import Providers
import ServiceLifecycle
import Settings
import Storage
import Templates
import Transport
import Vault

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// The running gateway: opens what it stands on, serves until it is told to stop, and closes in the opposite order.
struct GatewayProcess {
    let configuration: GatewayConfiguration
    let orgs: OrgFiles
    let masterKeys: MasterKeySource
    let templates: Templates
    var time: any TimeSource = SystemTime()

    /// Returns after an orderly shutdown. Throws `StartFault` where a person has to do something first.
    func run() async throws {
        Signals.ignoreFaultsOfOneCall()
        let descriptors = Descriptors.raise()
        try await OpenDatabase.open(configuration.databasePath) { database, applied in
            let carriers = try Carriers(configuration, socketCeiling: Descriptors.socketCeiling(of: descriptors))
            let result = await Result { try await serve(database, applied, carriers, descriptors) }
            // The engine has drained by now; what is still on its way has used up its time.
            await carriers.shutdown(grace: .seconds(1))
            try result.get()
        }
    }

    private func serve(_ database: any SQLDatabase, _ applied: [Int], _ carriers: Carriers, _ descriptors: Int) async throws {
        let logger = Loggers.logger("hermod", configuration)
        let stores = Stores(GroupCommit(database: database))
        let factory = carriers.factory(configuration, time: time)
        let inspector = carriers.inspector
        let book = CredentialBook(
            files: orgs, store: stores.credentials, masterKeys: masterKeys, inspector: inspector, time: time,
            logger: Loggers.logger("hermod.vault", configuration))
        try await book.refresh()
        let providers = LaneProviders(
            credentials: book, probe: configuration.engine.probe, time: time, logger: Loggers.logger("hermod.providers", configuration)
        ) { try factory.make($0) }
        let engine = DeliveryEngine(
            configuration: configuration.engine, stores: stores, providers: providers, credentials: book, time: time,
            logger: Loggers.logger("hermod.engine", configuration))
        let tokens = try await configuration.tokens.verifier(carriers.http, time: time, logger: Loggers.logger("hermod.tokens", configuration))
        // Begins to read the key set, so that what is wrong with it is told now and not with the first token.
        _ = tokens?.faults
        var http = configuration.http
        http.version = version
        http.maxConnections = Descriptors.forCallers(of: descriptors)
        http.metricsToken = configuration.metrics.token
        let standing = CredentialStanding(
            alarms: { book.alarms(now: $0) + providers.alarms(now: $0) }, entries: { book.entries(scope: .all) })
        let expiry = ExpiryWatch(
            alarms: standing.alarms, notices: stores.notices, time: time, logger: Loggers.logger("hermod.credentials", configuration))
        let desk = CredentialDesk(
            book: book, inspector: inspector, verifier: carriers.verifier(configuration, time: time),
            alarms: { [providers, time] in providers.alarms(now: time.now) })
        let gateway = Gateway(
            configuration: http, engine: engine, stores: stores, credentials: book, desk: desk, templates: templates, tokens: tokens,
            configurationFaults: { [orgs] in orgs.faults.map(\.description) }, standing: standing,
            ruleWords: RuleWords.words, time: time, logger: Loggers.logger("hermod.http", configuration))
        try await gateway.refreshOrganisations()
        let start = StartReport(configuration: configuration, book: book, migrations: applied)
        // Shut down from the last to the first: no more requests, then no more attempts.
        var group = ServiceGroupConfiguration(
            services: [
                .init(service: Heaps()),
                .init(service: OrgWatch(book: book, providers: providers, engine: engine, expiry: expiry)),
                .init(service: expiry),
                .init(service: DirectoryWatch(gateway: gateway, logger: Loggers.logger("hermod.orgs", configuration))),
                .init(service: engine),
                .init(service: gateway.application { port in start.announce(port: port, logger: logger) }),
            ], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.engine.drain + configuration.http.syncWait + .seconds(10)
        do {
            try await Signals.run(ServiceGroup(configuration: group), logger: logger)
        } catch let error as IOError {
            let reason = error.errnoCode == EADDRINUSE ? "the port is taken" : String(cString: strerror(error.errnoCode))
            throw StartFault(
                "can't listen on \(configuration.http.host):\(configuration.http.port): \(reason)",
                remedy: "stop what listens there, or set server.host and server.port")
        }
        await providers.close()
        logger.notice("stopped")
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
