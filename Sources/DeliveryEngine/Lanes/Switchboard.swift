internal import Domain

/// All lanes together: who may hold and send how much, in whose turn. Pure; each event is answered with what is to be done about it.
///
/// Two bounds over all lanes, claims in memory and requests under way. Each lane has a small share of both that is its own whatever the others
/// do: an outage that fills every slot with requests that never end must not keep a healthy lane from sending.
///
/// Lanes whose quota has run out wait in a line of their own there, so that each has its turn when there is more, whatever it has to send: priorities order
/// a lane's messages and not the orgs.
struct Switchboard {
    struct Limits: Sendable {
        var maxHeld: Int
        var maxInFlight: Int
        var probe: Duration = .seconds(30)
    }

    /// A request to be made, and all that its maker needs.
    struct Job: Sendable {
        var lane: Int
        var batch: Lane.Batch
        var provider: any Provider
        var startedAt: Timestamp
    }

    /// A claim that is held, unsent, and given back to the disk.
    struct Release: Sendable {
        enum Cause: Sendable, Hashable {
            /// The lane will not send for a while, or the gateway goes.
            case stopped
            /// Its deadline has passed: the sweep fails it, nobody has to claim it again.
            case expired
            /// Its device or mailbox is to be left alone until then.
            case target(TargetHolds.Hold)
            /// Its quota will give nothing before then; others of the lane are drawn from another one.
            case quota(TargetHolds.Hold)
        }

        var lane: Int
        var claim: Claim
        var cause: Cause
    }

    struct ClaimOrder: Sendable, Hashable {
        var lane: Int
        var key: LaneKey
        var count: Int
    }

    /// What an event asks the shell to do, outside the lock.
    struct Work {
        var jobs: [Job] = []
        var claims: [ClaimOrder] = []
        /// To be put back on disk.
        var evicted: [Release] = []
        /// Lanes whose provider has to be looked up.
        var unresolved: [LaneKey] = []
        /// The earliest time at which something becomes possible that no event announces, and every lane has to be looked at.
        var wakeAt: Timestamp?
        /// The earliest time at which a quota has enough for the lanes that wait for it. That comes often, and no other lane has to be looked at.
        var turnAt: Timestamp?
    }

    private struct Track {
        var lane: Lane
        var provider: (any Provider)?
        /// The place of the lane's quota.
        var quota: Int
        var hasGroups = false
    }

    private var tracks: [Track] = []
    private var indexes: [LaneKey: Int] = [:]
    /// Places of lanes that have been forgotten, for the next ones to take.
    private var vacant: [Int] = []
    private var sending = FairShare()
    private var claiming = FairShare()
    private var quotas = Quotas()
    private var holds = TargetHolds()
    /// Guard rails that have tripped since the shell asked last.
    private var trips: [GuardRail.Trip] = []
    private(set) var held = 0
    private(set) var inFlight = 0
    private var claimsUnderWay = 0
    /// No request and no claim is under way.
    var isIdle: Bool { inFlight == 0 && claimsUnderWay == 0 }
    /// False before the lease is ours, and from the moment that it may be lost or is to be given back: nothing is claimed or sent then.
    private(set) var isServing = false
    let limits: Limits

    init(limits: Limits) {
        self.limits = limits
    }

    // MARK: Lanes

    /// The place of a lane; good for as long as the lane holds something, and else for this very look at the switchboard.
    func index(of key: LaneKey) -> Int? { indexes[key] }

    /// The places of these lanes; nil unless all are open.
    func places(of keys: Set<LaneKey>) -> [LaneKey: Int]? {
        var places = [LaneKey: Int](minimumCapacity: keys.count)
        for key in keys {
            guard let index = indexes[key] else { return nil }
            places[key] = index
        }
        return places
    }

    /// Lanes that are open.
    var count: Int { indexes.count }

    /// The place of a lane that has been opened or is opened now. A lane without a provider is stopped until it has one.
    mutating func open(_ key: LaneKey, provider: (any Provider)?, now: Timestamp) -> Int {
        if let index = indexes[key] { return index }
        let index: Int
        let track = Track(lane: Lane(key: key, probe: limits.probe), quota: quotas.join(.undocumented(nil), by: key))
        if let free = vacant.popLast() {
            index = free
            tracks[index] = track
        } else {
            index = tracks.count
            tracks.append(track)
        }
        indexes[key] = index
        adopt(provider, at: index, now: now)
        return index
    }

    private mutating func adopt(_ provider: (any Provider)?, at index: Int, now: Timestamp) {
        tracks[index].provider = provider
        if let provider {
            tracks[index].lane.adopt(window: provider.window, batchLimit: provider.batchLimit)
            tracks[index].hasGroups = provider.batchLimit > 1
            // First in, then out: what the quota has learnt stays when it is the same one.
            let quota = quotas.join(provider.quota(of: ""), by: tracks[index].lane.key)
            quotas.leave(tracks[index].quota, now: now)
            tracks[index].quota = quota
        } else {
            tracks[index].lane.credentialRefused(reason: "no_credential", now: now)
        }
    }

    /// Forgets a lane that can't send and has nothing to send: orgs come and go, and what they leave must not add up. An inbox needs no credential, and is
    /// opened anew when there is something for it.
    private mutating func forgetIfOver(_ index: Int, now: Timestamp) {
        let track = tracks[index]
        guard track.provider == nil || track.lane.key.provider == .inApp, track.lane.isEmpty, indexes[track.lane.key] == index else { return }
        indexes[track.lane.key] = nil
        tracks[index].provider = nil
        quotas.leave(tracks[index].quota, now: now)
        vacant.append(index)
    }

    mutating func credentialChanged(_ key: LaneKey, provider: (any Provider)?, now: Timestamp) {
        guard let index = indexes[key] else { return }
        tracks[index].lane.credentialChanged(now: now)
        adopt(provider, at: index, now: now)
        touch(index)
        forgetIfOver(index, now: now)
    }

    /// The answer to `Work.unresolved`.
    mutating func resolved(_ key: LaneKey, provider: (any Provider)?, now: Timestamp) {
        guard let index = indexes[key] else { return }
        guard let provider else {
            tracks[index].lane.credential.beginProbe()
            tracks[index].lane.credential.probeFailed(reason: "no_credential", now: now)
            return
        }
        adopt(provider, at: index, now: now)
        touch(index)
    }

    mutating func credentialRefused(_ index: Int, reason: String, now: Timestamp) {
        tracks[index].lane.credentialRefused(reason: reason, now: now)
        touch(index)
    }

    func key(of index: Int) -> LaneKey { tracks[index].lane.key }
    func state(of key: LaneKey, now: Timestamp) -> LaneState? { indexes[key].map { state($0, now) } }
    func states(now: Timestamp) -> [LaneState] { indexes.values.map { state($0, now) } }
    func quotaStates(now: Timestamp) -> [QuotaState] { quotas.states(now: now) }

    private func state(_ index: Int, _ now: Timestamp) -> LaneState {
        var state = tracks[index].lane.state(now: now, quota: quotas[tracks[index].quota])
        if tracks[index].provider != nil { state.quota = quotas.state(tracks[index].quota, now: now) }
        return state
    }

    /// True where the breaker holds the lane: a failure there is the lane's, not the delivery's.
    func isBroken(_ index: Int) -> Bool { !tracks[index].lane.breaker.isClosed }

    /// The group that a message is sent with, where the provider takes several in one request.
    func group(of message: OutboundMessage, in index: Int) -> String {
        guard let provider = tracks[index].provider, provider.batchLimit > 1 else { return "" }
        return provider.affinity(of: message)
    }

    // MARK: Claims

    mutating func reserve(_ count: Int, _ priority: Priority = .normal, in index: Int, now: Timestamp) -> Int {
        guard isServing else { return 0 }
        let granted = tracks[index].lane.reserve(
            count, priority, within: room(for: index), now: now, quota: quotas[tracks[index].quota])
        held += granted
        return granted
    }

    private func room(for index: Int) -> Int {
        max(limits.maxHeld - held, tracks[index].lane.ownShare - tracks[index].lane.held, 0)
    }

    mutating func letGo(_ count: Int, in index: Int) {
        tracks[index].lane.letGo(count)
        held -= count
        touch(index)
    }

    /// Reserved, now durable, and to be sent.
    mutating func hand(_ message: OutboundMessage, to index: Int) {
        tracks[index].lane.hand(Claim(message, group: group(of: message, in: index)))
        touch(index)
    }

    mutating func handBack(_ claim: Claim, to index: Int) {
        tracks[index].lane.handBack(claim)
        touch(index)
    }

    mutating func note(due: Timestamp, in index: Int) {
        tracks[index].lane.note(due: due)
        touch(index)
    }

    mutating func claimed(_ messages: [OutboundMessage], order: ClaimOrder, claimedAt: Timestamp) {
        let claims = messages.map { Claim($0, group: group(of: $0, in: order.lane)) }
        tracks[order.lane].lane.endClaim(asked: order.count, claims: claims, claimedAt: claimedAt)
        held -= order.count - claims.count
        claimsUnderWay -= 1
        touch(order.lane)
    }

    mutating func claimFailed(_ order: ClaimOrder, claimedAt: Timestamp, retryAt: Timestamp) {
        tracks[order.lane].lane.failClaim(asked: order.count, claimedAt: claimedAt, retryAt: retryAt)
        held -= order.count
        claimsUnderWay -= 1
        touch(order.lane)
    }

    /// True when some lane has used up what it knows of its backlog's times, and the database knows more.
    var needsBacklog: Bool { tracks.contains { $0.lane.dues.isTruncated && $0.lane.dues.first == nil } }

    /// What the database says of every lane's backlog. `earliest` has to name lanes that are open. What is over is forgotten.
    mutating func learned(_ earliest: [Int: Timestamp], now: Timestamp) {
        for index in Array(indexes.values) {
            tracks[index].lane.learned(earliest: earliest[index])
            touch(index)
            forgetIfOver(index, now: now)
        }
        quotas.forgetIdle(now: now)
        holds.forgetOver(now: now)
    }

    // MARK: Requests

    mutating func ended(_ job: Job, outcomes: [Outcome], now: Timestamp) -> [Outcome] {
        inFlight -= 1
        touch(job.lane)
        var trip: GuardRail.Trip?
        let judged = tracks[job.lane].lane.ended(job.batch, outcomes: outcomes, trip: &trip, now: now)
        if let trip { trips.append(trip) }
        for (outcome, claim) in zip(judged, job.batch.claims) {
            guard case .deferred(let wait) = outcome.verdict else { continue }
            let least = max(wait.floor, wait.retryAfter ?? .zero)
            switch wait.scope {
            case .delivery: break
            case .target:
                holds.refused(claim.delivery.target.address, claim.delivery.lane.provider, for: least, reason: outcome.word, now: now)
            case .lane: quotas.throttle(job.batch.quota, for: least, reason: outcome.word, sentAt: job.startedAt, now: now)
            }
        }
        quotas.ended(job.batch.quota)
        return judged
    }

    /// Receipts, which a lane asks for in its own time.
    mutating func receipts(_ outcomes: [Outcome], of delivery: (Int) -> Delivery, in index: Int, now: Timestamp) -> [Outcome] {
        var trip: GuardRail.Trip?
        let judged = tracks[index].lane.receipts(outcomes, of: delivery, trip: &trip, now: now)
        if let trip { trips.append(trip) }
        for (place, outcome) in judged.enumerated() {
            guard case .deferred(let wait) = outcome.verdict, wait.scope == .target else { continue }
            let target = delivery(place)
            let least = max(wait.floor, wait.retryAfter ?? .zero)
            holds.refused(target.target.address, target.lane.provider, for: least, reason: outcome.word, now: now)
        }
        touch(index)
        return judged
    }

    mutating func takeTrips() -> [GuardRail.Trip] {
        defer { trips = [] }
        return trips
    }

    /// So many of the tokens that had died before the lane's guard rail tripped are active again.
    mutating func revived(_ count: Int, in key: LaneKey) {
        if let index = indexes[key] { tracks[index].lane.guardRail.revived(count) }
    }

    // MARK: Turns

    mutating func serve() {
        isServing = true
        for index in indexes.values { touch(index) }
    }

    mutating func stop() {
        isServing = false
    }

    /// Everything that waits unsent, to be given back; for the end of a gateway's life.
    mutating func evictAll() -> [Release] {
        tracks.indices.flatMap { index in
            tracks[index].lane.waiting.removeAll().map { Release(lane: index, claim: $0, cause: .stopped) }
        }
    }

    private mutating func touch(_ index: Int) {
        sending.add(index)
        claiming.add(index)
    }

    /// Time has passed: every lane may have become ready.
    mutating func tick() {
        for index in indexes.values { touch(index) }
    }

    mutating func clockWasSetBack(by jump: Duration) {
        for index in tracks.indices { tracks[index].lane.clockWasSetBack(by: jump) }
        quotas.clockWasSetBack(by: jump)
        holds.clockWasSetBack(by: jump)
        tick()
    }

    /// All that can be begun now: requests in turn over the lanes, and claims for lanes with room.
    ///
    /// After `tick`, `Work.wakeAt` covers every lane; otherwise those that something has happened to.
    mutating func work(now: Timestamp) -> Work {
        var work = Work()
        guard isServing else { return work }
        // Taken out for the time of the turn: a turn changes the rest of the switchboard.
        var ring = FairShare()
        swap(&ring, &sending)
        ring.readmit(quotas.takeReady(now: now))
        ring.rotate { send(from: $0, now: now, into: &work) }
        swap(&ring, &sending)
        swap(&ring, &claiming)
        ring.rotate { claim(for: $0, now: now, into: &work) }
        swap(&ring, &claiming)
        work.turnAt = quotas.nextReady
        return work
    }

    private mutating func send(from index: Int, now: Timestamp, into work: inout Work) -> FairShare.Turn {
        guard let head = tracks[index].lane.waiting.first else { return .done }
        guard inFlight < limits.maxInFlight || tracks[index].lane.inFlight < Lane.ownRequests else { return .blocked }
        guard let provider = tracks[index].provider else {
            if tracks[index].lane.admission(now: now, quota: quotas[tracks[index].quota]) == .probe {
                work.unresolved.append(tracks[index].lane.key)
            } else {
                evict(index, now, into: &work)
            }
            return .done
        }
        let quota = quota(of: head.group, in: index, provider, now)
        let admission = tracks[index].lane.admission(now: now, quota: quotas[quota])
        // Nobody takes what others wait for; a probe takes nothing.
        if admission == .free, quotas.hasQueue(quota) { return wait(head, index, at: quota, now, into: &work) }
        var removed: [Lane.Removal] = []
        let batch = tracks[index].lane.nextBatch(now: now, quota: &quotas[quota], holds: holds, removed: &removed)
        work.evicted += removed.map { Release(lane: index, claim: $0.claim, cause: $0.cause) }
        if var batch {
            batch.quota = quota
            quotas.began(quota)
            inFlight += 1
            work.jobs.append(Job(lane: index, batch: batch, provider: provider, startedAt: now))
            return .again
        }
        // The head was not to be sent, and what comes behind it may be.
        guard removed.isEmpty else { return .again }
        if admission == .free || quota != tracks[index].quota { return wait(head, index, at: quota, now, into: &work) }
        evict(index, now, into: &work)
        return .done
    }

    /// What a group is drawn from: the lane's own quota, unless the provider knows better.
    private mutating func quota(of group: String, in index: Int, _ provider: any Provider, _ now: Timestamp) -> Int {
        guard tracks[index].hasGroups, !group.isEmpty else { return tracks[index].quota }
        return quotas.place(of: provider.quota(of: group), now: now) ?? tracks[index].quota
    }

    /// The lane could not send. Where its quota's tokens are all that it lacks, it waits there for its turn.
    private mutating func wait(_ head: Claim, _ index: Int, at quota: Int, _ now: Timestamp, into work: inout Work) -> FairShare.Turn {
        guard tracks[index].lane.inFlight < tracks[index].lane.window else { return .done }
        let fullBatch = tracks[index].lane.batchLimit
        let readyAt = quotas[quota].ready(for: min(tracks[index].lane.waiting.count, fullBatch), fullBatch: fullBatch, now: now)
        if quota != tracks[index].quota, readyAt >= now + .seconds(1) {
            // Of several projects in one lane, one that has to pause must not stop the others.
            let hold = TargetHolds.Hold(until: readyAt, reason: quotas.state(quota, now: now)?.reason ?? "quota")
            work.evicted += tracks[index].lane.waiting.removeAll(of: head.group).map { Release(lane: index, claim: $0, cause: .quota(hold)) }
            return .again
        }
        guard tracks[index].lane.admission(now: now, quota: quotas[quota]) == .free else {
            evict(index, now, into: &work)
            return .done
        }
        quotas.enqueue(index, at: quota, readyAt: max(readyAt, now + .microseconds(1)))
        return .elsewhere
    }

    private mutating func evict(_ index: Int, _ now: Timestamp, into work: inout Work) {
        let evicted = tracks[index].lane.evict(now: now, quota: quotas[tracks[index].quota])
        work.evicted += evicted.map { Release(lane: index, claim: $0, cause: .stopped) }
    }

    private mutating func claim(for index: Int, now: Timestamp, into work: inout Work) -> FairShare.Turn {
        let quota = quotas[tracks[index].quota]
        let wish = tracks[index].lane.claimWish(now: now, quota: quota)
        if wish > 0 {
            let count = min(wish, room(for: index))
            guard count > 0 else { return .blocked }
            tracks[index].lane.beginClaim(count)
            held += count
            claimsUnderWay += 1
            work.claims.append(ClaimOrder(lane: index, key: tracks[index].lane.key, count: count))
        }
        // What is possible now and was not begun waits for room, and room is an event.
        if let wake = tracks[index].lane.wakeAt(now: now, quota: quota), wake > now { work.wakeAt = min(work.wakeAt ?? wake, wake) }
        return .done
    }
}

extension Outcome {
    /// The provider's word for it.
    fileprivate var word: String { reason ?? rule }
}
