internal import DequeModule
internal import Domain
internal import Logging
internal import Storage
internal import Synchronization

/// The shell around the switchboard: holds the lock, makes the requests, and hands what came of them to be written.
///
/// A request is one child task, which goes on with the next request when there is one; nothing is spawned per message.
final class Dispatcher: Sendable {
    /// An attempt's result on its way to the disk.
    struct Result: Sendable {
        var lane: Int
        var claim: Claim
        var settlement: Settlement
    }

    struct State {
        var board: Switchboard
        /// Formed and not begun: the spawner or the next task that is free takes them.
        var jobs: Deque<Switchboard.Job> = []
        var claims: [Switchboard.ClaimOrder] = []
        var unresolved: [LaneKey] = []
        var results: [Result] = []
        /// Results that the database refused one by one: a fault of ours, tried again with each renewal of the lease.
        var stuck: [Result] = []
        var releases: [Switchboard.Release] = []
        /// Guard rails that have tripped, and what has to be given back for it.
        var trips: [GuardRail.Trip] = []
        var counts = DeliveryCounts()
        var isDraining = false
        var clock: ClockWatch
        /// By how much the machine's clock has been set, each time since the database was told.
        var jumps: [Duration] = []
    }

    let state: Mutex<State>
    let stores: Stores
    let lease: Lease
    let configuration: DeliveryEngine.Configuration
    let providers: any ProviderDirectory
    let time: any TimeSource
    let logger: Logger
    let room: WaitingRoom
    /// A random number in 0 ..< 1 for the jitter.
    let unit: @Sendable () -> Double

    /// There is something to spawn.
    let spawning = Signal()
    /// There is something to write.
    let settling = Signal()
    /// No request and no claim is under way, and none will be.
    let idle = Signal()
    /// Nothing is held any more, and nothing will be.
    let settled = Signal()
    /// Rings when a lane becomes ready by the passing of time.
    let laneAlarm: Alarm
    /// Rings when lanes that wait for a quota have their turns.
    let turnAlarm: Alarm
    let receiptAlarm: Alarm

    init(
        configuration: DeliveryEngine.Configuration, stores: Stores, lease: Lease, providers: any ProviderDirectory, room: WaitingRoom,
        time: any TimeSource, logger: Logger, unit: @escaping @Sendable () -> Double
    ) {
        self.configuration = configuration
        self.stores = stores
        self.lease = lease
        self.providers = providers
        self.room = room
        self.time = time
        self.logger = logger
        self.unit = unit
        laneAlarm = Alarm(time: time)
        turnAlarm = Alarm(time: time)
        receiptAlarm = Alarm(time: time)
        let board = Switchboard(
            limits: .init(maxHeld: configuration.maxClaimed, maxInFlight: configuration.maxInFlight, probe: configuration.probe))
        state = Mutex(State(board: board, clock: ClockWatch(now: time.now, elapsed: time.elapsed)))
    }

    /// Tells the switchboard of an event, and sees to what it asks for in turn.
    @discardableResult
    func change<T: Sendable>(_ event: (inout State, Timestamp) -> T) -> T {
        changeAndTake(event, takesJob: false).answer
    }

    /// As `change`; and the caller, whose task is free, takes the next request with it, so that no other task has to be woken for it.
    private func changeAndTake<T: Sendable>(
        _ event: (inout State, Timestamp) -> T, takesJob: Bool = true
    ) -> (answer: T, job: Switchboard.Job?) {
        let (answer, job, stirs) = state.withLock { state in
            // Read under the lock: of two readings that overtake each other, one would look like a jump.
            let now = time.now
            if let jump = state.clock.jump(now: now, elapsed: time.elapsed) { state.clockWasSet(by: jump) }
            let answer = event(&state, now)
            let work = state.board.work(now: now)
            state.jobs += work.jobs
            state.claims += work.claims
            state.unresolved += work.unresolved
            state.releases += work.evicted
            state.trips += state.board.takeTrips()
            if state.isDraining { state.releases += state.board.evictAll() }
            let job = takesJob ? state.jobs.popFirst() : nil
            return (answer, job, Stirs(state, wakeAt: work.wakeAt, turnAt: work.turnAt))
        }
        if stirs.spawner { spawning.raise() }
        if stirs.settler { settling.raise() }
        if stirs.isIdle { idle.raise() }
        if let wakeAt = stirs.wakeAt { laneAlarm.set(wakeAt) }
        if let turnAt = stirs.turnAt { turnAlarm.set(turnAt) }
        return (answer, job)
    }

    /// Whom an event wakes.
    private struct Stirs {
        var spawner: Bool
        var settler: Bool
        var isIdle: Bool
        var wakeAt: Timestamp?
        var turnAt: Timestamp?

        init(_ state: borrowing State, wakeAt: Timestamp?, turnAt: Timestamp?) {
            spawner = !state.jobs.isEmpty || !state.claims.isEmpty || !state.unresolved.isEmpty
            settler = !state.results.isEmpty || !state.releases.isEmpty || !state.trips.isEmpty || state.isDraining
            isIdle = state.isDraining && state.board.isIdle
            self.wakeAt = wakeAt
            self.turnAt = turnAt
        }
    }

    // MARK: Lanes

    /// As `change`, of these lanes, which are opened where they are not. Their places are looked up under the very lock that the event happens under: a lane
    /// that nothing holds on to may be forgotten at any other time.
    @discardableResult
    func change<T: Sendable>(in keys: Set<LaneKey>, _ event: (inout State, [LaneKey: Int], Timestamp) -> T) -> T {
        while true {
            let answer = change { state, now -> T? in
                guard let places = state.board.places(of: keys) else { return nil }
                return event(&state, places, now)
            }
            if let answer { return answer }
            open(keys)
        }
    }

    /// Providers are made outside the lock: that may take a while.
    private func open(_ keys: Set<LaneKey>) {
        for key in state.withLock({ state in keys.filter { state.board.index(of: $0) == nil } }) {
            let provider = providers.provider(for: key)
            let now = time.now
            state.withLock { _ = $0.board.open(key, provider: provider, now: now) }
        }
    }

    func credentialsChanged(_ lanes: Set<LaneKey>) {
        for key in state.withLock({ state in lanes.filter { state.board.index(of: $0) != nil } }) {
            let provider = providers.provider(for: key)
            change { state, now in state.board.credentialChanged(key, provider: provider, now: now) }
        }
    }

    /// Something of this lane has been queued on disk.
    func note(_ key: LaneKey, due: Timestamp) {
        change(in: [key]) { state, places, _ in
            for index in places.values { state.board.note(due: due, in: index) }
        }
    }

    // MARK: Requests

    /// Makes requests and claims until the drain is over. Requests that are still under way then are cancelled: their providers answer that nothing
    /// was sent, or that the outcome is unknown, and that is written like any other outcome.
    func send() async {
        await withDiscardingTaskGroup { group in
            while !state.withLock(\.isDraining) {
                spawn(into: &group)
                await spawning.wait()
            }
            spawn(into: &group)
            await wait(for: idle, atMost: configuration.drain)
            group.cancelAll()
        }
    }

    private func spawn(into group: inout DiscardingTaskGroup) {
        let (jobs, claims, unresolved) = state.withLock { state in
            defer {
                state.jobs.removeAll(keepingCapacity: true)
                state.claims.removeAll(keepingCapacity: true)
                state.unresolved.removeAll()
            }
            return (Array(state.jobs), state.claims, state.unresolved)
        }
        for job in jobs { group.addTask { await self.perform(job) } }
        for order in claims { group.addTask { await self.claim(order) } }
        for key in unresolved { resolve(key) }
    }

    func wait(for signal: Signal, atMost bound: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [time] in try? await time.sleep(for: bound) }
            group.addTask { await signal.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func perform(_ first: Switchboard.Job) async {
        var next: Switchboard.Job? = first
        while var job = next {
            job.startedAt = time.now
            let outcomes = await job.provider.send(job.batch.claims.map(\.message), deadline: deadline(of: job))
            next = ended(job, outcomes: outcomes)
        }
    }

    /// The attempt's time, or less where every message of the request expires before.
    private func deadline(of job: Switchboard.Job) -> Timestamp {
        let latest = job.startedAt + configuration.attemptTimeout
        var expiry = job.startedAt
        for claim in job.batch.claims {
            guard let expiresAt = claim.delivery.expiresAt else { return latest }
            expiry = max(expiry, expiresAt)
        }
        return min(latest, expiry)
    }

    /// Judges what came back, and gives the next request that this task may go on with.
    private func ended(_ job: Switchboard.Job, outcomes: [Outcome]) -> Switchboard.Job? {
        let claims = job.batch.claims
        let outcomes =
            outcomes.count == claims.count ? outcomes : Array(repeating: .miscounted(outcomes.count, for: claims.count), count: claims.count)
        let (settlements, next) = changeAndTake { state, now -> [Settlement] in
            let judged = state.board.ended(job, outcomes: outcomes, now: now)
            let fault: Wait.Scope = state.board.isBroken(job.lane) ? .lane : .delivery
            var settlements: [Settlement] = []
            settlements.reserveCapacity(claims.count)
            for (claim, outcome) in zip(claims, judged) {
                let settlement = settlement(of: claim, outcome, fault: fault, batch: claims.count, startedAt: job.startedAt, now: now)
                state.results.append(Result(lane: job.lane, claim: claim, settlement: settlement))
                let delivery = settlement.delivery
                state.counts.countAttempt(delivery.lane.provider, settlement.outcome.verdict, age: now - delivery.createdAt)
                settlements.append(settlement)
            }
            return settlements
        }
        for settlement in settlements { log(settlement) }
        return next
    }

    private func settlement(
        of claim: Claim, _ outcome: Outcome, fault: Wait.Scope, batch: Int, startedAt: Timestamp, now: Timestamp
    ) -> Settlement {
        let delivery = claim.delivery
        let attempt = RetryPolicy.Attempt(
            number: delivery.attempts + 1, held: delivery.heldAttempts, isRefreshed: claim.isRefreshed,
            fault: outcome.blamesProvider ? fault : .delivery, createdAt: delivery.createdAt, expiresAt: delivery.expiresAt)
        var outcome = outcome
        if case .split = outcome.verdict, batch == 1 {
            // There is nothing to split: a provider that says so all the same is told again later, a bounded number of times.
            outcome.verdict = .deferred(Wait())
        }
        if claim.changes >= 8, outcome.verdict == .refreshed(afterwards: .otherVersion) {
            // Versions that pass a message on for ever are a fault of ours; it must not cost more than patience.
            outcome.verdict = .deferred(Wait())
        }
        var next = configuration.retry.next(after: outcome.verdict, attempt, now: now, unit: unit())
        if case .split = next, claim.splits >= 2 {
            // Labels did not help: one by one, then.
            next = .split(label: delivery.idText)
        }
        if next == .awaitingReceipt, outcome.providerMessageID == nil {
            // Nothing to ask with, so nothing more will ever be known.
            outcome.verdict = .unknown(resend: false)
            next = .settled(.failed)
        }
        if outcome.verdict == .unknown(resend: false) {
            outcome.detail = outcome.detail ?? outcome.reason
            outcome.reason = "outcome_unknown"
        }
        return Settlement(
            claim.message, outcome: outcome, next: next,
            error: FaultWords.describe(outcome, next: next, lane: delivery.lane, attempt: attempt), startedAt: startedAt, endedAt: now,
            receiptDueAt: next == .awaitingReceipt ? now + configuration.receiptDelay : nil)
    }

    private func claim(_ order: Switchboard.ClaimOrder) async {
        let claimedAt = time.now
        do {
            let messages = try await stores.queue.claim(lane: order.key, limit: order.count, now: claimedAt, lease: lease)
            let needsBacklog = change { state, _ in
                state.board.claimed(messages, order: order, claimedAt: claimedAt)
                return state.board.needsBacklog
            }
            if needsBacklog { try await learnBacklog() }
        } catch {
            logger.warning("lane.claim_failed", metadata: ["lane": "\(order.key)", "error": "\(error)"])
            change { state, now in state.board.claimFailed(order, claimedAt: claimedAt, retryAt: now + .seconds(1)) }
        }
    }

    /// Asks the database when each lane's backlog is due.
    func learnBacklog() async throws {
        let backlog = try await stores.queue.backlog()
        change(in: Set(backlog.lazy.map(\.lane))) { state, places, now in
            var earliest: [Int: Timestamp] = [:]
            for entry in backlog { if let place = places[entry.lane] { earliest[place] = entry.nextAttemptAt } }
            state.board.learned(earliest, now: now)
        }
    }

    private func resolve(_ key: LaneKey) {
        let provider = providers.provider(for: key)
        change { state, now in state.board.resolved(key, provider: provider, now: now) }
    }

    // MARK: Life

    func serve() {
        change { state, _ in state.board.serve() }
    }

    /// The lease may be lost: nothing more is claimed or sent, and what waits is given back, until `serve`.
    func suspend() {
        change { state, _ in
            state.board.stop()
            state.releases += state.board.evictAll()
        }
    }

    /// How often and by how much the machine's clock has been set since this was asked last.
    func takeClockJumps() -> [Duration] {
        change { state, _ in
            defer { state.jumps = [] }
            return state.jumps
        }
    }

    func drain() {
        change { state, _ in
            state.board.stop()
            state.isDraining = true
        }
        spawning.raise()
    }

    /// Rings the lanes at their times until the drain.
    func watchTheClock() async {
        await laneAlarm.run {
            change { state, _ in state.board.tick() }
        }
    }

    /// Gives lanes that wait for a quota their turns until the drain.
    func watchTheQuotas() async {
        await turnAlarm.run {
            change { _, _ in }
        }
    }
}

extension Dispatcher.State {
    /// A clock that was set ahead ends waits early, which does little harm. One that was set back would stop lanes and retries for as long as it was wrong:
    /// what was due in a minute would be due in a minute and two hours.
    fileprivate mutating func clockWasSet(by jump: Duration) {
        if jump < .zero { board.clockWasSetBack(by: .zero - jump) }
        jumps.append(jump)
    }
}

extension Outcome {
    fileprivate static func miscounted(_ count: Int, for expected: Int) -> Outcome {
        Outcome(
            verdict: .unknown(resend: false), rule: "hermod.outcome_count", reason: "outcome_count",
            detail: "the provider gave \(count) outcomes for \(expected) messages")
    }
}
