internal import DequeModule

/// What the lanes of one pool share. Confined to the loop's thread, but for the counters.
final class PoolContext {
    let group: ConnectionGroup
    /// `https://host:port`
    let origin: String
    let settings: HTTPSettings
    let poller: Poller
    let clock: LoopClock
    let shortage: SocketShortage
    let counters: Counters
    /// The pool owns this context and outlives every use of it.
    weak var pool: Pool?

    init(
        group: ConnectionGroup, origin: String, settings: HTTPSettings, poller: Poller, clock: LoopClock, shortage: SocketShortage, counters: Counters
    ) {
        self.group = group
        self.origin = origin
        self.settings = settings
        self.poller = poller
        self.clock = clock
        self.shortage = shortage
        self.counters = counters
    }
}

/// The time at which the present turn began: read once per turn, used by all.
final class LoopClock {
    var now = Moment.now
}

/// Whether a connection could not be had for want of descriptors since the loop looked last. Confined to the loop's thread.
final class SocketShortage {
    var isFelt = false
}

/// The connections of one group to one origin, and the requests that wait for a place on them. Confined to the loop's thread.
final class Pool {
    struct Key: Hashable {
        var group: ConnectionGroup
        var origin: String
    }

    let context: PoolContext
    private var lanes: [Lane] = []
    /// Retired: they finish what they have.
    private var leaving: [Lane] = []
    private var queue: Deque<Exchange> = []
    /// How many of `queue` have ended while they waited.
    private var staleCount = 0
    private(set) var inFlight = 0
    private var isSerial: Bool
    /// Ended in this turn; resumed when the turn is over.
    private var finished: [Exchange] = []
    private(set) var usedAt: Moment
    /// How many more requests the present turn may begin.
    private var admissions = 0
    /// The loop's marks: has a turn to take; stands in the list of those with something to do.
    var isDirty = false
    var isActive = false

    /// Callers bound what they have on the way by windows; this is the wall behind that.
    static let maxQueued = 20_000
    /// Requests begun in one turn. A window's worth would take the thread for milliseconds, and the provider would get it all at once.
    private static let maxAdmissions = 32

    init(_ context: PoolContext, isPlain: Bool) {
        self.context = context
        isSerial = isPlain
        usedAt = context.clock.now
    }

    var isIdle: Bool { inFlight == 0 && queue.count == staleCount && finished.isEmpty }

    // MARK: In

    func enqueue(_ exchange: Exchange) {
        usedAt = context.clock.now
        guard queue.count - staleCount < Self.maxQueued else {
            exchange.finish(.queueFull, message: "more than \(Self.maxQueued) requests wait for \(context.group.name)")
            finished.append(exchange)
            return
        }
        exchange.place = .queued
        queue.append(exchange)
    }

    /// Ends one request by our own decision, wherever it stands.
    func end(_ exchange: Exchange, _ cause: Ending.Cause, _ message: String) {
        switch exchange.place {
        case .queued:
            exchange.finish(cause, message: message)
            finished.append(exchange)
            staleCount += 1
            if staleCount > queue.count / 2 {
                queue.removeAll { $0.isFinished }
                staleCount = 0
            }
        case .inFlight(let lane): lane.abort(exchange, cause, message)
        case .posted, .finished: break
        }
    }

    func endQueued(_ cause: Ending.Cause, _ message: String) {
        for exchange in queue where !exchange.isFinished {
            exchange.finish(cause, message: message)
            finished.append(exchange)
        }
        queue.removeAll()
        staleCount = 0
    }

    func endAll(_ cause: Ending.Cause, _ message: String) {
        endQueued(cause, message)
        for lane in lanes + leaving {
            for exchange in lane.working.compactMap(\.exchange) { lane.abort(exchange, cause, message) }
        }
    }

    /// New requests get new connections.
    func renew() {
        for lane in lanes { lane.retire() }
    }

    // MARK: A turn

    /// When the pool next needs a turn, socket events apart.
    var due: Moment? {
        var earliest: Moment?
        for lane in lanes { if let due = lane.due { earliest = min(earliest ?? due, due) } }
        for lane in leaving { if let due = lane.due { earliest = min(earliest ?? due, due) } }
        return earliest
    }

    /// It has begun all that one turn may, and more waits: to be given another turn at once, when the other pools have had theirs.
    var wantsTurn: Bool { admissions == 0 && queue.count > staleCount }

    /// Requests on the way or waiting to be.
    var load: Int { inFlight + queue.count - staleCount }

    /// Everything that is to be done now, as far as it goes in one turn; all that it writes leaves together.
    func turn() {
        let now = context.clock.now
        admissions = Self.maxAdmissions
        for lane in lanes + leaving { lane.beginTurn() }
        for lane in lanes { lane.runEvents() }
        for lane in leaving { lane.runEvents() }
        // What a request's end makes room for goes out in the same turn. Bounded, so that one pool can't keep the thread.
        for _ in 0..<4 {
            gather()
            let admitted = admit(now: now)
            var ran = false
            for lane in lanes + leaving where lane.due.map({ $0 <= now }) ?? false {
                lane.runTimer(now: now)
                ran = true
            }
            settle(now: now)
            if !admitted && !ran { break }
        }
        gather()
        for lane in lanes + leaving { lane.endTurn() }
        closeLeft()
    }

    /// After the turn, when everything is written: wakes the callers.
    func resumeFinished() {
        for exchange in finished { exchange.resume() }
        finished.removeAll(keepingCapacity: true)
    }

    private func gather() {
        for lane in lanes + leaving where !lane.finished.isEmpty {
            inFlight -= lane.finished.count
            finished.append(contentsOf: lane.finished)
            lane.finished.removeAll(keepingCapacity: true)
        }
    }

    private func admit(now: Moment) -> Bool {
        var admitted = false
        while admissions > 0, inFlight < max(1, context.group.maxInFlight), let lane = laneWithRoom(now: now), let exchange = nextQueued() {
            inFlight += 1
            admissions -= 1
            lane.admit(exchange, now: now)
            admitted = true
        }
        return admitted
    }

    private func nextQueued() -> Exchange? {
        while let exchange = queue.popFirst() {
            if !exchange.isFinished { return exchange }
            staleCount -= 1
        }
        return nil
    }

    private func laneWithRoom(now: Moment) -> Lane? {
        guard queue.count > staleCount else { return nil }
        if let lane = lanes.first(where: { $0.hasRoom(now: now) }) { return lane }
        // One that was retired since the last turn takes nobody's place: nothing else would give this request a turn again.
        let standing = lanes.count { !$0.isRetired }
        let mayOpen = standing < max(1, context.group.maxConnections) && (isSerial || lanes.allSatisfy(\.isSaturated))
        guard mayOpen, let lane = try? Lane(context, isSerial: isSerial, now: now) else { return nil }
        lanes.append(lane)
        return lane
    }

    private func settle(now: Moment) {
        for lane in lanes where lane.isEmpty && lane.isTooOld(now) { lane.retire() }
        var recalled: [Exchange] = []
        for lane in lanes + leaving {
            recalled += lane.settle(now: now)
            if lane.isSerial { isSerial = true }
        }
        if !recalled.isEmpty {
            inFlight -= recalled.count
            for exchange in recalled.reversed() {
                exchange.place = .queued
                queue.prepend(exchange)
            }
        }
        if lanes.contains(where: \.isRetired) {
            leaving += lanes.filter(\.isRetired)
            lanes.removeAll(where: \.isRetired)
        }
    }

    private func closeLeft() {
        guard leaving.contains(where: \.isEmpty) else { return }
        for lane in leaving where lane.isEmpty { lane.close() }
        leaving.removeAll(where: \.isEmpty)
    }

    /// The last act.
    func close() {
        for lane in lanes + leaving { lane.close() }
        lanes.removeAll()
        leaving.removeAll()
    }
}
