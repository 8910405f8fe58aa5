public import Domain
public import Logging
public import ServiceLifecycle
public import Storage

/// When and whether to try: takes notifications in, serves the lanes, settles what comes back.
///
/// `run()` is the engine's life: it leases, claims, dispatches, asks for receipts and reaps until graceful shutdown, then drains within a bound and
/// gives its leases back.
public final class DeliveryEngine: Service {
    public struct Configuration: Sendable {
        public var retry = RetryPolicy()
        /// How long this gateway's lease holds without renewal.
        public var lease: Duration = .seconds(60)
        /// How long one attempt may take.
        public var attemptTimeout: Duration = .seconds(30)
        public var receiptDelay: Duration = .seconds(15 * 60)
        public var receiptInterval: Duration = .seconds(5 * 60)
        /// How long a graceful shutdown waits for attempts in flight.
        public var drain: Duration = .seconds(20)
        /// Deliveries claimed by this gateway at once, over all lanes: what bounds its memory.
        public var maxClaimed: Int = 4_000
        /// True when this process is known to be the only gateway on the database (SQLite, file locked).
        public var alone: Bool = true

        public init() {}
    }

    public init(
        configuration: Configuration, stores: Stores, providers: any ProviderDirectory, credentials: any CredentialDirectory,
        time: any TimeSource, logger: Logger
    ) {
        fatalError("to be built")
    }

    public func run() async throws {
        fatalError("to be built")
    }

    /// This gateway's lease; what the idempotency store asks for.
    public var lease: Lease { fatalError("to be built") }

    /// True once `run()` has leased, reaped and is serving lanes; false again while it drains.
    public var isReady: Bool { fatalError("to be built") }

    /// Resolves recipients to targets, picks lanes, and makes it all durable in one transaction; sends begin without a further query where the lane has room.
    ///
    /// A recipient without a target, or an org without a credential, gives a notification that is `failed` and says so: never an error.
    /// - Returns: the notifications as stored, in the order of the drafts.
    public func submit(_ drafts: [Draft], idempotency: IdempotencyMark? = nil) async throws -> [Notification] {
        fatalError("to be built")
    }

    /// Waits until each of these notifications is settled, or until `timeout` has passed: the newest known state of each, in order.
    /// A caller that goes away cancels nothing.
    public func settled(_ notifications: [Notification], within timeout: Duration) async -> [Notification] {
        fatalError("to be built")
    }

    public func cancel(_ delivery: Identifier, scope: OrgScope) async throws -> Bool {
        fatalError("to be built")
    }

    /// Queues a failed delivery again at once. False when it is not failed.
    public func retry(_ delivery: Identifier, scope: OrgScope) async throws -> Bool {
        fatalError("to be built")
    }

    /// A lane's state for timelines and readiness. Nil for a lane that has not been used since start.
    public func state(of lane: LaneKey) -> LaneState? {
        fatalError("to be built")
    }

    /// All lanes used since start.
    public var lanes: [LaneState] { fatalError("to be built") }

    /// Credentials have changed: lanes look their provider up anew, and a lane that was paused for its credential is probed at once.
    public func credentialsChanged(_ lanes: Set<LaneKey>) {
        fatalError("to be built")
    }
}

/// What a contract asks for, before recipients are resolved.
public struct Draft: Sendable {
    public enum Recipient: Sendable, Hashable {
        /// All active tokens of the user, narrowed to one provider where the draft names it.
        case user(String)
        /// One token, registered or not.
        case token(String, platform: Platform?)
        case email(String)
    }

    /// As it will stand in URLs and answers.
    public var id: String
    public var contract: Contract
    public var orgID: String
    public var recipient: Recipient
    public var content: Content
    public var attributes: JSONObject
    public var batchID: String?
    public var provider: ProviderName?
    /// Name of the credential to use.
    public var credential: String?
    public var expiresAt: Timestamp?

    public init(
        id: String, contract: Contract, orgID: String, recipient: Recipient, content: Content, attributes: JSONObject = [:], batchID: String? = nil,
        provider: ProviderName? = nil, credential: String? = nil, expiresAt: Timestamp? = nil
    ) {
        self.id = id
        self.contract = contract
        self.orgID = orgID
        self.recipient = recipient
        self.content = content
        self.attributes = attributes
        self.batchID = batchID
        self.provider = provider
        self.credential = credential
        self.expiresAt = expiresAt
    }
}

/// A lane as operators see it.
public struct LaneState: Sendable, Hashable {
    public enum Condition: Sendable, Hashable {
        case open
        /// The provider asked for a pause (429, busy relay).
        case throttled(until: Timestamp)
        /// The credential or the app's configuration is refused; one delivery probes at that time.
        case credentialRefused(reason: String, probeAt: Timestamp)
        /// The provider does not answer or fails; one delivery probes at that time.
        case broken(reason: String, probeAt: Timestamp)
    }

    public var lane: LaneKey
    public var condition: Condition
    /// Requests under way.
    public var inFlight: Int
    /// Claimed and waiting in memory.
    public var waiting: Int
    /// True when more of the lane waits on disk.
    public var hasBacklog: Bool

    public init(lane: LaneKey, condition: Condition, inFlight: Int, waiting: Int, hasBacklog: Bool) {
        self.lane = lane
        self.condition = condition
        self.inFlight = inFlight
        self.waiting = waiting
        self.hasBacklog = hasBacklog
    }
}
