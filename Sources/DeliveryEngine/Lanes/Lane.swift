internal import Domain
internal import Storage

/// One (org, provider, credential): what it holds, and whether it may claim and send now. Pure: every time comes in, nothing goes out but answers.
///
/// A delivery counts as `held` from its reservation until its result is on disk, so that memory stays bounded even where the disk is slow.
struct Lane: Sendable {
    let key: LaneKey
    private(set) var window = 1
    private(set) var batchLimit = 1
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
    /// More is on disk than there was room for: what comes new goes behind it. Of high priority only behind its like.
    private(set) var isBehind = false
    private(set) var isBehindWithHigh = false
    /// Of high priority that were let past what waits on disk, or into a full lane, since the last claim.
    private var passed = 0
    /// Counts credential changes: a refusal of the old credential says nothing about the new one.
    var epoch = 0

    /// - Parameter probe: how long a refused credential is left alone at first.
    init(key: LaneKey, probe: Duration = .seconds(30)) {
        self.key = key
        credential = Gate(first: probe, longest: probe * 10)
    }

    /// What a provider allows; it comes with the provider, and may change when the credential does.
    mutating func adopt(window: Int, batchLimit: Int) {
        self.window = max(window, 1)
        self.batchLimit = max(batchLimit, 1)
    }

    /// How many deliveries the lane may hold: what is under way, what comes next, and as much again on either side of the disk, being inserted or
    /// settled. What finds no room costs a claim later, a tenth of all that a message costs.
    var capacity: Int { max(4 * window * batchLimit, 32) }

    /// As much of it as its quota lets out in two seconds: where that is little, what is urgent must not come behind minutes of what was claimed before.
    private func bound(_ quota: Limiter, _ now: Timestamp) -> Int {
        let rate = quota.rate(now: now)
        return rate * 2 >= Double(capacity) ? capacity : max(batchLimit, 8, Int(rate * 2))
    }

    /// Room that is kept for high priority: a bulk of normal priority fills the rest, and its backlog waits in front of whoever has to go to the disk.
    var express: Int { max(capacity / 4, 4) }

    /// Deliveries and requests that no other lane's load can take from this one.
    var ownShare: Int { min(capacity, max(batchLimit, 16)) }
    static let ownRequests = 2

    // MARK: Claims in

    /// Room for up to `count` deliveries that are about to be inserted. None where others wait on disk for want of room: these come first. High priority is
    /// let past what waits there of normal priority, a bounded number of times between two claims.
    ///
    /// Who is refused has to call `note(due:)` when the insert is over: only a claim finds out that the lane has caught up.
    /// - Parameter common: room over all lanes.
    mutating func reserve(_ count: Int, _ priority: Priority = .normal, within common: Int = .max, now: Timestamp, quota: Limiter) -> Int {
        let isBehindLike = priority == .high ? isBehindWithHigh : isBehind || isBehindWithHigh
        guard count > 0, !isBehindLike else { return 0 }
        var granted = isBehind ? 0 : min(count, room(now: now, quota: quota), common)
        if priority == .high, granted < count, admission(now: now, quota: quota) == .free {
            // Where there is no room over all lanes either, a few all the same.
            let passing = max(min(count - granted, express - passed, max(common - granted, ownShare - passed)), 0)
            passed += passing
            granted += passing
        }
        if granted < count {
            if priority == .high { isBehindWithHigh = true } else { isBehind = true }
        }
        held += granted
        return granted
    }

    /// How many to claim from disk now.
    func claimWish(now: Timestamp, quota: Limiter) -> Int {
        guard !isClaiming, dues.isDue(now: now) else { return 0 }
        // Half empty is soon enough, and makes a claim worth its transaction.
        return held * 2 <= bound(quota, now) ? min(room(now: now, quota: quota), Self.claimLimit) : 0
    }

    /// What one claim writes at most: whoever else writes waits for it.
    private static let claimLimit = 100

    private func room(now: Timestamp, quota: Limiter) -> Int {
        switch admission(now: now, quota: quota) {
        case .free: max(bound(quota, now) - held, 0)
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
        var high = 0
        for claim in claims {
            if claim.message.delivery.priority == .high { high += 1 }
            waiting.append(claim)
        }
        if claims.count < asked {
            dues.drained(upTo: claimedAt)
            isBehind = false
        }
        // A claim leaves high ones on disk only when it has taken as many as it may.
        if high < asked - DeliveryQueue.normalShare(of: asked) || claims.count < asked { isBehindWithHigh = false }
        passed = 0
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
    mutating func evict(now: Timestamp, quota: Limiter) -> [Claim] {
        guard !waiting.isEmpty, let until = stoppedUntil(quota), until >= now + .seconds(1) else { return [] }
        return waiting.removeAll()
    }

    /// Nothing is held, nothing waits on disk as far as is known, and nobody is about to put something in.
    var isEmpty: Bool { held == 0 && inFlight == 0 && waiting.isEmpty && dues.isEmpty && !isClaiming && !isBehind && !isBehindWithHigh }

    /// The machine's clock has been set back: times that were meant to come soon lie far ahead now, and would stop the lane until then.
    mutating func clockWasSetBack(by jump: Duration) {
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

    /// - Parameter quota: what the lane draws from.
    func admission(now: Timestamp, quota: Limiter) -> Admission {
        if quota.isPaused(now: now) { return .stopped }
        if credential.isOpen, breaker.isClosed { return .free }
        let mayProbe = (credential.isOpen || credential.mayProbe(now: now)) && (breaker.isClosed || breaker.mayProbe(now: now))
        return mayProbe ? .probe : .stopped
    }

    /// The earliest time at which the lane may send again; nil when nothing stops it, or when a probe is out that will tell.
    private func stoppedUntil(_ quota: Limiter) -> Timestamp? {
        [quota.pausedUntil, credential.probeAt, breaker.probeAt].compactMap(\.self).max()
    }

    /// When the lane wants to be looked at again without any event having happened; nil when only an event can change anything, or when it waits for its
    /// turn at its quota.
    func wakeAt(now: Timestamp, quota: Limiter) -> Timestamp? {
        let canClaim = !isClaiming && held * 2 <= bound(quota, now)
        let nextDue = canClaim ? dues.first : nil
        switch admission(now: now, quota: quota) {
        case .free:
            return nextDue
        case .probe:
            return waiting.isEmpty ? nextDue : inFlight < window ? now : nil
        case .stopped:
            guard let stoppedUntil = stoppedUntil(quota), stoppedUntil > now else { return nil }
            return waiting.isEmpty ? nextDue.map { max($0, stoppedUntil) } : stoppedUntil
        }
    }

    // MARK: For operators

    func condition(now: Timestamp, quota: Limiter) -> LaneState.Condition {
        switch (credential.state, breaker.gate.state) {
        case (.shut(let reason, let probeAt), _): .credentialRefused(reason: reason, probeAt: probeAt)
        case (.probing(let reason), _): .credentialRefused(reason: reason, probeAt: now)
        case (.open, .shut(let reason, let probeAt)): .broken(reason: reason, probeAt: probeAt)
        case (.open, .probing(let reason)): .broken(reason: reason, probeAt: now)
        case (.open, .open): quota.isPaused(now: now) ? .throttled(until: quota.pausedUntil ?? now) : .open
        }
    }

    func state(now: Timestamp, quota: Limiter) -> LaneState {
        LaneState(
            lane: key, condition: condition(now: now, quota: quota), inFlight: inFlight, waiting: waiting.count,
            hasBacklog: isBehind || isBehindWithHigh || dues.isDue(now: now), dueSince: dues.first.flatMap { $0 <= now ? $0 : nil },
            guardRail: guardRail.state)
    }
}
