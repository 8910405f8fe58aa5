internal import Domain

/// All lanes together: who may hold and send how much, in whose turn. Pure; each event is answered with what is to be done about it.
///
/// Two bounds over all lanes, claims in memory and requests under way. Each lane has a small share of both that is its own whatever the others
/// do: an outage that fills every slot with requests that never end must not keep a healthy lane from sending.
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
        /// The earliest time at which something becomes possible that no event announces.
        var wakeAt: Timestamp?
    }

    private struct Track {
        var lane: Lane
        var provider: (any Provider)?
    }

    private var tracks: [Track] = []
    private var indexes: [LaneKey: Int] = [:]
    /// Places of lanes that have been forgotten, for the next ones to take.
    private var vacant: [Int] = []
    private var sending = FairShare()
    private var claiming = FairShare()
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
        if let free = vacant.popLast() {
            index = free
            tracks[index] = Track(lane: Lane(key: key, probe: limits.probe))
        } else {
            index = tracks.count
            tracks.append(Track(lane: Lane(key: key, probe: limits.probe)))
        }
        indexes[key] = index
        adopt(provider, at: index, now: now)
        return index
    }

    private mutating func adopt(_ provider: (any Provider)?, at index: Int, now: Timestamp) {
        tracks[index].provider = provider
        if let provider {
            tracks[index].lane.adopt(window: provider.window, batchLimit: provider.batchLimit)
        } else {
            tracks[index].lane.credentialRefused(reason: "no_credential", now: now)
        }
    }

    /// Forgets a lane that can't send and has nothing to send: orgs come and go, and what they leave must not add up. An inbox needs no credential, and is
    /// opened anew when there is something for it.
    private mutating func forgetIfOver(_ index: Int) {
        let track = tracks[index]
        guard track.provider == nil || track.lane.key.provider == .inApp, track.lane.isEmpty, indexes[track.lane.key] == index else { return }
        indexes[track.lane.key] = nil
        tracks[index].provider = nil
        vacant.append(index)
    }

    mutating func credentialChanged(_ key: LaneKey, provider: (any Provider)?, now: Timestamp) {
        guard let index = indexes[key] else { return }
        tracks[index].lane.credentialChanged(now: now)
        adopt(provider, at: index, now: now)
        touch(index)
        forgetIfOver(index)
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
    func state(of key: LaneKey, now: Timestamp) -> LaneState? { indexes[key].map { tracks[$0].lane.state(now: now) } }
    func states(now: Timestamp) -> [LaneState] { indexes.values.map { tracks[$0].lane.state(now: now) } }
    /// True where the breaker holds the lane: a failure there is the lane's, not the delivery's.
    func isBroken(_ index: Int) -> Bool { !tracks[index].lane.breaker.isClosed }

    /// The group that a message is sent with, where the provider takes several in one request.
    func group(of message: OutboundMessage, in index: Int) -> String {
        guard let provider = tracks[index].provider, provider.batchLimit > 1 else { return "" }
        return provider.affinity(of: message)
    }

    // MARK: Claims

    mutating func reserve(_ count: Int, in index: Int, now: Timestamp) -> Int {
        guard isServing else { return 0 }
        let granted = tracks[index].lane.reserve(min(count, room(for: index)), now: now)
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
    mutating func learned(_ earliest: [Int: Timestamp]) {
        for index in Array(indexes.values) {
            tracks[index].lane.learned(earliest: earliest[index])
            touch(index)
            forgetIfOver(index)
        }
    }

    // MARK: Requests

    mutating func ended(_ job: Job, outcomes: [Outcome], now: Timestamp) -> [Outcome] {
        inFlight -= 1
        touch(job.lane)
        return tracks[job.lane].lane.ended(job.batch, outcomes: outcomes, startedAt: job.startedAt, now: now)
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
        ring.rotate { send(from: $0, now: now, into: &work) }
        swap(&ring, &sending)
        swap(&ring, &claiming)
        ring.rotate { claim(for: $0, now: now, into: &work) }
        swap(&ring, &claiming)
        return work
    }

    private mutating func send(from index: Int, now: Timestamp, into work: inout Work) -> FairShare.Turn {
        guard !tracks[index].lane.waiting.isEmpty else { return .done }
        guard inFlight < limits.maxInFlight || tracks[index].lane.inFlight < Lane.ownRequests else { return .blocked }
        if let provider = tracks[index].provider {
            var expired: [Claim] = []
            let batch = tracks[index].lane.nextBatch(now: now, expired: &expired)
            work.evicted += expired.map { Release(lane: index, claim: $0, cause: .expired) }
            if let batch {
                inFlight += 1
                work.jobs.append(Job(lane: index, batch: batch, provider: provider, startedAt: now))
                return .again
            }
        } else if tracks[index].lane.admission(now: now) == .probe {
            work.unresolved.append(tracks[index].lane.key)
            return .done
        }
        work.evicted += tracks[index].lane.evict(now: now).map { Release(lane: index, claim: $0, cause: .stopped) }
        return .done
    }

    private mutating func claim(for index: Int, now: Timestamp, into work: inout Work) -> FairShare.Turn {
        let wish = tracks[index].lane.claimWish(now: now)
        if wish > 0 {
            let count = min(wish, room(for: index))
            guard count > 0 else { return .blocked }
            tracks[index].lane.beginClaim(count)
            held += count
            claimsUnderWay += 1
            work.claims.append(ClaimOrder(lane: index, key: tracks[index].lane.key, count: count))
        }
        // What is possible now and was not begun waits for room, and room is an event.
        if let wake = tracks[index].lane.wakeAt(now: now), wake > now { work.wakeAt = min(work.wakeAt ?? wake, wake) }
        return .done
    }
}
