public import DeliveryEngine
public import Domain
import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
public import Storage
public import Templates

/// The HTTP face of the gateway: routes, middleware and what they share.
public struct Gateway: Sendable {
    public struct Configuration: Sendable {
        public var host = "127.0.0.1"
        /// 0 picks a free one.
        public var port = 8080
        /// True: calls without a credential act for `defaultOrg` (`auth.public: open`).
        public var isOpen = true
        public var defaultOrg = "org_default"
        /// How long B and E wait for their deliveries.
        public var syncWait: Duration = .seconds(10)
        public var maxBodyBytes = 1_048_576
        /// Connections of callers at a time; more wait until one ends. Nil is no bound.
        public var maxConnections: Int?
        /// Opens `/metrics`, and nothing else; nil: only a `global_admin`'s credential does, and on loopback nobody is asked.
        public var metricsToken: Secret?
        /// The gateway's own, for `/openapi.json` to tell.
        public var version = "unreleased"

        /// Whether only this machine reaches the gateway.
        public var isOnLoopback: Bool { Loopback.contains(host) }

        public init() {}
    }

    private let configuration: Configuration
    private let engine: DeliveryEngine
    private let stores: Stores
    private let credentials: any CredentialDirectory
    private let desk: CredentialDesk
    private let feed: OrgFeed
    private let templates: Templates
    private let tokens: TokenVerifier?
    private let configurationFaults: @Sendable () -> [String]
    private let standing: CredentialStanding
    private let ruleWords: @Sendable (String) -> String?
    private let requests = RequestCounts()
    private let time: any TimeSource
    private let logger: Logger
    /// Where tests learn what handlers read.
    var readings: Readings?

    /// - Parameter desk: the same credentials, for those who set them.
    /// - Parameter tokens: nil where no JWTs are checked; API keys always are.
    /// - Parameter configurationFaults: what is wrong with configuration files at the moment, for `/readyz` to tell.
    /// - Parameter standing: how credentials stand, for `/metrics` and `/readyz`.
    /// - Parameter ruleWords: the plain words for a rule of the verdict tables, for deliveries' stories.
    public init(
        configuration: Configuration, engine: DeliveryEngine, stores: Stores, credentials: any CredentialDirectory, desk: CredentialDesk,
        templates: Templates = .builtIn, tokens: TokenVerifier? = nil, configurationFaults: @Sendable @escaping () -> [String] = { [] },
        standing: CredentialStanding = CredentialStanding(), ruleWords: @Sendable @escaping (String) -> String? = { _ in nil },
        time: any TimeSource, logger: Logger
    ) {
        self.configuration = configuration
        self.engine = engine
        self.stores = stores
        self.credentials = credentials
        self.desk = desk
        feed = OrgFeed(stores.directory, to: credentials)
        self.templates = templates
        self.tokens = tokens
        self.configurationFaults = configurationFaults
        self.standing = standing
        self.ruleWords = ruleWords
        self.time = time
        self.logger = logger
    }

    /// Brings the tree of organisations in step with the directory: to be called before the gateway serves, and now and then, for the sake of what other
    /// gateways on the same database change. What this one changes is in the tree at once.
    public func refreshOrganisations() async throws { try await feed.refresh() }

    /// The whole service; `onStart` is told the port that is listened on.
    public func application(onStart: @Sendable @escaping (Int) async -> Void) -> some ApplicationProtocol {
        Application(
            router: router(RouteTable(readings: readings)),
            server: .http1(configuration: .init(idleTimeout: .seconds(75))),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil, backlog: 1_024,
                availableConnectionsDelegate: configuration.maxConnections.map { .maximum($0, logger: logger) }),
            onServerRunning: { channel in await onStart(channel.localAddress?.port ?? configuration.port) },
            logger: logger)
    }

    /// What `/openapi.json` says, and what does not fit together in it.
    func document() -> (json: JSON, faults: [String]) {
        let table = RouteTable()
        _ = router(table)
        var assembler = OpenAPIAssembler(OpenAPIFragment.all, isOpen: configuration.isOpen)
        let json = assembler.document(table.routes, version: configuration.version)
        return (json, assembler.faults)
    }

    /// Every route, with what it asks of its caller.
    var routes: [RouteTable.Route] {
        let table = RouteTable()
        _ = router(table)
        return table.routes
    }

    private func router(_ table: RouteTable) -> Router<CallContext> {
        let router = Router(context: CallContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware { ExchangeMiddleware(table: table, time: time, bodyLimit: configuration.maxBodyBytes, counts: requests) }
        Health(
            engine: engine, database: stores.committer.database, configurationFaults: configurationFaults,
            tokenFaults: tokenFaults, alarms: alarms, time: time, logger: logger
        ).add(to: Routes(router.group(), table: table))
        OpenAPIPage(table, fragments: OpenAPIFragment.all, isOpen: configuration.isOpen, version: configuration.version)
            .add(to: Routes(router.group(), table: table))
        let ring = KeyRing(stores.keys)
        let scopes = OrgScopes(credentials)
        let callers = callers(ring, scopes)
        metrics(callers).add(to: Routes(router.group(), table: table))
        let routes = Routes(router.group().add(middleware: CallerMiddleware(callers: callers)), table: table)
        let dispatch = dispatch
        addContracts(to: routes, dispatch: dispatch)
        Keys(
            desk: KeyDesk(stores.keys), store: stores.keys, ring: ring, repeats: dispatch.repeats, time: time, bodyLimit: configuration.maxBodyBytes
        ).add(to: routes, isOpenToAnyone: configuration.isOnLoopback)
        Directory(stores: stores, tree: credentials, feed: feed, scopes: scopes, bodyLimit: configuration.maxBodyBytes)
            .add(to: routes, isOpenToAnyone: configuration.isOnLoopback)
        Suppressions(store: stores.suppressions).add(to: routes, isOpenToAnyone: configuration.isOnLoopback)
        Credentials(desk: desk, engine: engine, tree: credentials, time: time, logger: logger)
            .add(to: routes, isOpenToAnyone: configuration.isOnLoopback)
        return router
    }

    private var alarms: Alarms { Alarms(engine: engine, others: standing.alarms) }

    private func metrics(_ callers: Callers) -> Metrics {
        Metrics(
            engine: engine, deliveries: stores.deliveries, requests: requests, alarms: alarms, entries: standing.entries,
            access: MetricsAccess(isOnLoopback: configuration.isOnLoopback, token: configuration.metricsToken, callers: callers),
            version: configuration.version, time: time, logger: logger)
    }

    private var tokenFaults: (@Sendable () -> [String])? {
        guard let tokens else { return nil }
        return { tokens.faults }
    }

    private func callers(_ ring: KeyRing, _ scopes: OrgScopes) -> Callers {
        Callers(
            isOpen: configuration.isOpen, defaultOrg: configuration.defaultOrg, scopes: scopes, keys: ring, tokens: tokens,
            time: time)
    }

    private func addContracts(to routes: Routes, dispatch: Dispatch) {
        let shared = routes.of(.pushDispatcher, .coordinatorNotifications)
        let pushDispatcher = PushDispatcher(dispatch: dispatch, stores: stores, time: time)
        pushDispatcher.add(to: routes.of(.pushDispatcher))
        let coordinatorNotifications = CoordinatorNotifications(dispatch: dispatch, stores: stores, time: time)
        coordinatorNotifications.add(to: routes.of(.coordinatorNotifications))
        SharedPost(dispatch: dispatch, pushDispatcher: pushDispatcher, coordinatorNotifications: coordinatorNotifications).add(to: shared)
        collection(
            PushDispatcher.path, owners: [.pushDispatcher, .coordinatorNotifications], faces: [PushDispatcherFace(), CoordinatorFace()]
        ).add(to: shared)
        let pushService = routes.of(.pushService)
        PushService(dispatch: dispatch, stores: stores, time: time).add(to: pushService)
        collection(PushService.path, owners: [.pushService], faces: [PushServiceFace()]).add(to: pushService)
        NotificationRecords(dispatch: dispatch, stores: stores, time: time).add(to: routes.of(.notificationRecords))
        let reminders = ReminderWriter(templates: templates)
        AdminNotifications(
            dispatch: dispatch, stores: stores, writer: reminders,
            bulks: BulkReminders(
                dispatch: dispatch, stores: stores, writer: reminders, orgs: credentials, time: time, logger: logger),
            time: time
        ).add(to: routes.of(.adminNotifications))
        Deliveries(dispatch: dispatch, stores: stores, ruleWords: ruleWords).add(to: routes)
    }

    private var dispatch: Dispatch {
        let repeats = Repeats(store: stores.idempotency, lease: { [engine] in engine.lease }, time: time, logger: logger)
        return Dispatch(
            engine: engine, notifications: stores.notifications, directory: stores.directory, repeats: repeats, time: time,
            syncWait: configuration.syncWait,
            bodyLimit: configuration.maxBodyBytes)
    }

    private func collection(_ path: String, owners: [Contract], faces: [any AmendableFace]) -> AmendableCollection {
        AmendableCollection(path: path, owners: owners, faces: faces, stores: stores, time: time, bodyLimit: configuration.maxBodyBytes)
    }
}
