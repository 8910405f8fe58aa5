public import DeliveryEngine
public import Domain
public import Hummingbird
public import Logging
public import Storage

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

        public init() {}
    }

    public init(
        configuration: Configuration, engine: DeliveryEngine, stores: Stores, credentials: any CredentialDirectory, time: any TimeSource,
        logger: Logger
    ) {
        fatalError("to be built")
    }

    /// The whole service; `onStart` is told the port that is listened on.
    public func application(onStart: @Sendable @escaping (Int) async -> Void) -> some ApplicationProtocol {
        Application(router: Router())
    }
}
