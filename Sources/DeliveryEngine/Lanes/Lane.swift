internal import Domain

/// One (org, provider, credential): what it holds, and whether it may claim and send now. Pure: every time comes in, nothing goes out but answers.
///
/// A delivery counts as `held` from its reservation until its result is on disk, so that memory stays bounded even where the disk is slow.
struct Lane: Sendable {
    let key: LaneKey
    private(set) var window = 1
    private(set) var batchLimit = 1
    var limiter: Limiter
    var breaker = Breaker()
    var credential: Gate
    var guardRail = GuardRail()
    var waiting = WaitingLine()
    /// Requests under way.
    var inFlight = 0
    /// Deliveries: reserved, waiting, under way, or waiting for their result to be written.
    private(set) var held = 0
    /// When to look for more on disk.
    private(set) var dues = DueTimes()
    private var notedWhileClaiming = DueTimes()
    private(set) var isClaiming = false
    /// More is on disk than there was room for: what comes new goes behind it.
    private(set) var isBehind = false
    /// Counts credential changes: a refusal of the old credential says nothing about the new one.
    var epoch = 0

    /// - Parameter probe: how long a refused credential is left alone at first.
    init(key: LaneKey, probe: Duration = .seconds(30)) {
        self.key = key
        credential = Gate(first: probe, longest: probe * 10)
        limiter = Limiter(provider: key.provider)
    }

    /// What a provider allows; it comes with the provider, and may change when the credential does.
    mutating func adopt(window: Int, batchLimit: Int) {
        self.window = max(window, 1)
        self.batchLimit = max(batchLimit, 1)
    }

    /// How many deliveries the lane may hold: what is under way, what comes next, and as much again on either side of the disk, being inserted or
    /// settled. What finds no room costs a claim later, a tenth of all that a message costs.
    var capacity: Int { max(4 * window * batchLimit, 32) }

    /// Deliveries and requests that no other lane's load can take from this one.
    var ownShare: Int { min(capacity, max(batchLimit, 16)) }
    static let ownRequests = 2

    // MARK: Claims in

    /// Room for up to `count` deliveries that are about to be inserted. None where others wait on disk for want of room: these come first.
    ///
    /// Who is refused has to call `note(due:)` when the insert is over: only a claim finds out that the lane has caught up.
    mutating func reserve(_ count: Int, now: Timestamp) -> Int {
        let granted = isBehind ? 0 : min(count, room(now: now))
        if granted < count { isBehind = true }
        held += granted
        return granted
    }

    /// How many to claim from disk now.
    func claimWish(now: Timestamp) -> Int {
        guard !isClaiming, dues.isDue(now: now) else { return 0 }
        // Half empty is soon enough, and makes a claim worth its transaction.
        return held * 2 <= capacity ? room(now: now) : 0
    }

    private func room(now: Timestamp) -> Int {
        switch admission(now: now) {
        case .free: max(capacity - held, 0)
        case .probe: waiting.isEmpty ? 1 : 0
        case .stopped: 0
        }
    }

    mutating func beginClaim(_ count: Int) {
        isClaiming = true
        held += count
    }

    /// - Parameter asked: what `beginClaim` had reserved.
    mutating func endClaim(asked: Int, claims: [Claim], claimedAt: Timestamp) {
        held -= asked - claims.count
        for claim in claims { waiting.append(claim) }
        if claims.count < asked {
            dues.drained(upTo: claimedAt)
            isBehind = false
        }
        finishClaim()
    }

    /// The database could not be asked: try again then.
    mutating func failClaim(asked: Int, claimedAt: Timestamp, retryAt: Timestamp) {
        held -= asked
        dues.drained(upTo: claimedAt)
        dues.note(retryAt)
        finishClaim()
    }

    private mutating func finishClaim() {
        isClaiming = false
        dues.merge(notedWhileClaiming)
        notedWhileClaiming = DueTimes()
    }

    /// Puts a claim into the line. It is held already.
    mutating func hand(_ claim: Claim) {
        waiting.append(claim)
    }

    /// Puts a claim at the head of the line, for another attempt at once. It is held already.
    mutating func handBack(_ claim: Claim) {
        waiting.prepend(claim)
    }

    /// That many are no longer held: their results are on disk, or they were given back.
    mutating func letGo(_ count: Int) {
        held -= count
    }

    /// Something of this lane waits on disk and is due then.
    mutating func note(due: Timestamp) {
        if isClaiming { notedWhileClaiming.note(due) } else { dues.note(due) }
    }

    /// What the database says of the lane's backlog; nil when it has none.
    mutating func learned(earliest: Timestamp?) {
        if isClaiming { notedWhileClaiming.learned(earliest: earliest) } else { dues.learned(earliest: earliest) }
    }

    /// Takes out what waits unsent, when the lane will not send for a while: on disk it can be cancelled, and fills no memory.
    /// It stays held until `letGo`.
    mutating func evict(now: Timestamp) -> [Claim] {
        guard !waiting.isEmpty, let until = stoppedUntil, until > now + .seconds(1) else { return [] }
        return waiting.removeAll()
    }

    /// Nothing is held, nothing waits on disk as far as is known, and nobody is about to put something in.
    var isEmpty: Bool { held == 0 && inFlight == 0 && waiting.isEmpty && dues.isEmpty && !isClaiming && !isBehind }

    /// The machine's clock has been set back: times that were meant to come soon lie far ahead now, and would stop the lane until then.
    mutating func clockWasSetBack(by jump: Duration) {
        limiter.clockWasSetBack(by: jump)
        breaker.clockWasSetBack(by: jump)
        credential.clockWasSetBack(by: jump)
        guardRail.clockWasSetBack(by: jump)
        dues.clockWasSetBack(by: jump)
        notedWhileClaiming.clockWasSetBack(by: jump)
    }

    // MARK: Whether and when

    enum Admission {
        case free
        /// A single delivery, to see whether the fault is over.
        case probe
        case stopped
    }

    func admission(now: Timestamp) -> Admission {
        if limiter.isPaused(now: now) { return .stopped }
        if credential.isOpen, breaker.isClosed { return .free }
        let mayProbe = (credential.isOpen || credential.mayProbe(now: now)) && (breaker.isClosed || breaker.mayProbe(now: now))
        return mayProbe ? .probe : .stopped
    }

    /// The earliest time at which the lane may send again; nil when nothing stops it, or when a probe is out that will tell.
    private var stoppedUntil: Timestamp? {
        [limiter.pausedUntil, credential.probeAt, breaker.probeAt].compactMap(\.self).max()
    }

    /// When the lane wants to be looked at again without any event having happened; nil when only an event can change anything.
    mutating func wakeAt(now: Timestamp) -> Timestamp? {
        let canClaim = !isClaiming && held * 2 <= capacity
        let nextDue = canClaim ? dues.first : nil
        switch admission(now: now) {
        case .free:
            var wake = nextDue
            if !waiting.isEmpty, inFlight < window {
                let ready = limiter.ready(for: min(waiting.count, batchLimit), fullBatch: batchLimit, now: now)
                wake = min(wake ?? ready, ready)
            }
            return wake
        case .probe:
            return waiting.isEmpty ? nextDue : inFlight < window ? now : nil
        case .stopped:
            guard let stoppedUntil, stoppedUntil > now else { return nil }
            return waiting.isEmpty ? nextDue.map { max($0, stoppedUntil) } : stoppedUntil
        }
    }

    func condition(now: Timestamp) -> LaneState.Condition {
        switch (credential.state, breaker.gate.state) {
        case (.shut(let reason, let probeAt), _): .credentialRefused(reason: reason, probeAt: probeAt)
        case (.probing(let reason), _): .credentialRefused(reason: reason, probeAt: now)
        case (.open, .shut(let reason, let probeAt)): .broken(reason: reason, probeAt: probeAt)
        case (.open, .probing(let reason)): .broken(reason: reason, probeAt: now)
        case (.open, .open): limiter.isPaused(now: now) ? .throttled(until: limiter.pausedUntil ?? now) : .open
        }
    }

    func state(now: Timestamp) -> LaneState {
        LaneState(
            lane: key, condition: condition(now: now), inFlight: inFlight, waiting: waiting.count, hasBacklog: isBehind || dues.isDue(now: now),
            dueSince: dues.first.flatMap { $0 <= now ? $0 : nil })
    }
}
