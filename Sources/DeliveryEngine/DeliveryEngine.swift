public import Domain
public import Logging
public import ServiceLifecycle
public import Storage
internal import Synchronization

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
        /// How long a graceful shutdown waits for attempts in flight before it cancels them.
        public var drain: Duration = .seconds(20)
        /// How long a lane whose credential is refused waits before one delivery tries it again; doubles up to ten times that.
        public var probe: Duration = .seconds(30)
        /// Deliveries claimed by this gateway at once, over all lanes: what bounds its memory.
        public var maxClaimed: Int = 4_000
        /// Requests under way at once, over all lanes.
        public var maxInFlight: Int = 1_000
        /// Drafts in `submit` at once; more are refused with `StorageError.overloaded`. One call may exceed it when it comes alone.
        public var maxSubmitting: Int = 20_000
        /// How often the database is asked for deliveries that this process has not heard of.
        public var backlogInterval: Duration = .seconds(30)
        /// True when this process is known to be the only gateway on the database (SQLite, file locked).
        public var alone: Bool = true

        public init() {}
    }

    /// This gateway's lease; what the idempotency store asks for.
    public let lease: Lease
    let configuration: Configuration
    let stores: Stores
    let intake: Intake
    let dispatcher: Dispatcher
    let room: WaitingRoom
    let time: any TimeSource
    let logger: Logger
    let shutdown = Signal()
    let ready = Atomic(false)
    private let submitting = Atomic(0)

    public convenience init(
        configuration: DeliveryEngine.Configuration, stores: Stores, providers: any ProviderDirectory, credentials: any CredentialDirectory,
        time: any TimeSource, logger: Logger
    ) {
        self.init(
            configuration: configuration, stores: stores, providers: providers, credentials: credentials, time: time, logger: logger,
            unit: { .random(in: 0..<1) })
    }

    /// - Parameter unit: random numbers in 0 ..< 1, for the jitter.
    init(
        configuration: Configuration, stores: Stores, providers: any ProviderDirectory, credentials: any CredentialDirectory,
        time: any TimeSource, logger: Logger, unit: @escaping @Sendable () -> Double
    ) {
        self.configuration = configuration
        self.stores = stores
        self.time = time
        self.logger = logger
        lease = Lease(holder: Identifier.make(at: time.now).text(prefix: "gw_"))
        intake = Intake(credentials: credentials)
        room = WaitingRoom(time: time)
        dispatcher = Dispatcher(
            configuration: configuration, stores: stores, lease: lease, providers: Inbox.Directory(others: providers), room: room, time: time,
            logger: logger, unit: unit)
    }

    /// True once `run()` has leased, reaped and is serving lanes; false again while it drains.
    public var isReady: Bool { ready.load(ordering: .acquiring) }

    /// Resolves recipients to targets, picks lanes, and makes it all durable in one transaction; sends begin without a further query where the lane has room.
    ///
    /// A recipient without a target, or an org without a credential, gives a notification that is `failed` and says so: never an error.
    /// Before `run()` and while it drains, everything is queued: durable, and sent when a gateway serves.
    /// - Returns: the notifications as stored, in the order of the drafts.
    public func submit(_ drafts: [Draft], idempotency: IdempotencyMark? = nil) async throws -> [Notification] {
        try await take(drafts, idempotency: idempotency, step: nil)
    }

    /// As `submit`, for one step of a bulk, which moves on in the same transaction. Nobody can wait for what a bulk sends: there may be any number of it.
    public func submit(_ drafts: [Draft], step: BulkStep, idempotency: IdempotencyMark?) async throws {
        _ = try await take(drafts, idempotency: idempotency, step: step)
    }

    private func take(_ drafts: [Draft], idempotency: IdempotencyMark?, step: BulkStep?) async throws -> [Notification] {
        let waiting = submitting.add(drafts.count, ordering: .relaxed).newValue
        defer { submitting.subtract(drafts.count, ordering: .relaxed) }
        guard waiting <= configuration.maxSubmitting || waiting == drafts.count else { throw StorageError.overloaded }

        let known = try await lookUp(drafts)
        var batch = intake.plan(drafts, known: known, now: time.now)
        let reservation = dispatcher.reserve(&batch)
        let keys: [Int64]
        do {
            keys = try await stores.queue.insert(batch, lease: lease, idempotency: idempotency, step: step)
        } catch {
            dispatcher.giveBack(reservation)
            throw error
        }
        let notifications = batch.map(\.notification)
        // Before anything is sent, so that no news is missed by a caller who waits next.
        if step == nil { room.track(notifications) }
        dispatcher.hand(reservation, of: batch, keys: keys)
        return notifications
    }

    func lookUp(_ drafts: [Draft]) async throws -> Intake.Known {
        var known = Intake.Known()
        for (org, users) in Intake.usersToLookUp(drafts) { known.tokens[org] = try await stores.tokens.active(userIDs: users, orgID: org) }
        for (org, addresses) in Intake.addressesToLookUp(drafts) {
            known.suppressed[org] = try await stores.suppressions.suppressed(addresses, orgID: org)
        }
        return known
    }

    /// Waits until each of these notifications is settled, or until `timeout` has passed: the newest known state of each, in order.
    /// A caller that goes away cancels nothing. Returns at once while the engine does not run.
    public func settled(_ notifications: consuming [Notification], within timeout: Duration) async -> [Notification] {
        let steady = SteadyTime(base: time)
        let end = steady.now + timeout
        // Not a copy, where the caller has no more use for them.
        var known = notifications
        var open = known.indices.filter { !known[$0].tally.isSettled }
        while !open.isEmpty, steady.now < end, !Task.isCancelled {
            guard let place = room.enter(for: open.map { known[$0].id }, until: end) else { break }
            if !place.unknown.isEmpty {
                room.lookedUp(settled: await read(place.unknown).values.filter(\.tally.isSettled).map(\.id))
            }
            let standings = await room.wait(place.waiter)
            for index in open {
                guard let standing = standings[known[index].id] else { continue }
                known[index].tally = standing.tally
                known[index].error = standing.error
            }
            open.removeAll { known[$0].tally.isSettled }
            guard !open.isEmpty else { return known }
            // Settled by another gateway, or of old, or not yet: the database knows.
            let read = await read(open.map { known[$0].id })
            for index in open { known[index] = read[known[index].id] ?? known[index] }
            open.removeAll { known[$0].tally.isSettled }
        }
        return known
    }

    private func read(_ ids: [String]) async -> [String: Notification] {
        do {
            return Dictionary(try await stores.notifications.get(ids, scope: .all).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        } catch {
            // What is known already is a true answer, if an older one.
            logger.debug("settled.unread", metadata: ["error": "\(error)"])
            return [:]
        }
    }

    /// A lane's state for timelines and readiness. Nil for a lane that has not been used since start.
    public func state(of lane: LaneKey) -> LaneState? {
        let now = time.now
        return dispatcher.state.withLock { $0.board.state(of: lane, now: now) }
    }

    /// What has been counted since this engine was made.
    public var counts: DeliveryCounts { dispatcher.state.withLock(\.counts) }

    /// All lanes used since start, but those whose credential is gone and that hold nothing.
    public var lanes: [LaneState] {
        let now = time.now
        return dispatcher.state.withLock { $0.board.states(now: now) }
    }

    /// What providers limit, by name: each quota that lanes draw from, or that still remembers a refusal.
    public var quotas: [QuotaState] {
        let now = time.now
        return dispatcher.state.withLock { $0.board.quotaStates(now: now) }
    }

    /// Credentials have changed: lanes look their provider up anew, and a lane that was paused for its credential is probed at once.
    public func credentialsChanged(_ lanes: Set<LaneKey>) {
        dispatcher.credentialsChanged(lanes)
    }
}
