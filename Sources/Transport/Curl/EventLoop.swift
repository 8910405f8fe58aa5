internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The one thread that touches libcurl for HTTP: epoll under `curl_multi_socket_action`, because it drives many multi handles.
///
/// `@unchecked Sendable`: other threads reach only `inbox` and `counters` (mutexes) and the poller's `wakeUp`; everything else belongs to the thread.
final class EventLoop: @unchecked Sendable {
    /// What other threads have for the loop.
    private struct Inbox {
        var arrivals: [Exchange] = []
        var withdrawals: [Exchange] = []
        var renewals: [ConnectionGroup] = []
        var endBy: Moment?
        var shutdownWaiters: [CheckedContinuation<Void, Never>] = []
        /// The thread is past its last look into the inbox.
        var isOver = false
        var isSignalled = false
    }

    private let inbox = Mutex(Inbox())
    private let counters = Mutex<[ConnectionGroup: Counters]>([:])
    private let poller: Poller
    private let settings: HTTPSettings
    private let clock = LoopClock()
    private let shortage = SocketShortage()
    private var pools: [Pool.Key: Pool] = [:]
    private var active: [Pool] = []
    private var deadlines = Deadlines<Exchange> { $0.isFinished }
    private var nextSweep = Moment.now
    private var endBy: Moment?

    /// Idle pools give their sockets back after this; APNs wants connections kept for hours.
    private static let idleLifetime: Duration = .seconds(3600)
    private static let sweepInterval: Duration = .seconds(60)

    init(_ settings: HTTPSettings) throws(TransportFailure) {
        self.settings = settings
        poller = try Poller()
    }

    // MARK: From any thread

    /// Starts the thread, which keeps the loop alive until it ends.
    func start() throws(TransportFailure) -> LoopThread {
        var thread = pthread_t()
        // Released by the thread's first line.
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { context in
                let loop = Unmanaged<EventLoop>.fromOpaque(context!).takeRetainedValue()
                loop.run()
                return nil
            }, context.toOpaque())
        guard code == 0 else {
            context.release()
            throw TransportFailure(kind: .local, message: "pthread_create failed (errno \(code))")
        }
        return LoopThread(id: thread)
    }

    func submit(_ exchange: Exchange) {
        let isAccepted = post { inbox in
            if inbox.endBy != nil { return false }
            inbox.arrivals.append(exchange)
            return true
        }
        if !isAccepted {
            exchange.finish(.shutdown, message: "the transport has been shut down")
            exchange.resume()
        }
    }

    func withdraw(_ exchange: Exchange) {
        _ = post { inbox in
            inbox.withdrawals.append(exchange)
            return true
        }
    }

    func renew(_ group: ConnectionGroup) {
        _ = post { inbox in
            inbox.renewals.append(group)
            return true
        }
    }

    /// Takes no more from now on.
    func beginShutdown(by deadline: Moment) {
        _ = post { inbox in
            inbox.endBy = min(inbox.endBy ?? deadline, deadline)
            return true
        }
    }

    /// Returns when the thread has done its last act but to end.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isWaiting = post { inbox in
                inbox.shutdownWaiters.append(continuation)
                return true
            }
            if !isWaiting { continuation.resume() }
        }
    }

    func counters(of group: ConnectionGroup) -> HTTPTransport.Counters {
        counters.withLock { $0[group]?.snapshot } ?? HTTPTransport.Counters()
    }

    /// False where the loop is over or the closure refuses. One wake-up serves all that is posted before the loop looks.
    private func post(_ change: (inout Inbox) -> Bool) -> Bool {
        let (isAccepted, mustWake) = inbox.withLock { inbox in
            if inbox.isOver || !change(&inbox) { return (false, false) }
            defer { inbox.isSignalled = true }
            return (true, !inbox.isSignalled)
        }
        if mustWake { poller.wakeUp() }
        return isAccepted
    }

    // MARK: On the thread

    private func run() {
        while !isDone {
            poller.wait(milliseconds: timeout) { event in
                event.lane.queue(event)
                mark(event.lane.pool)
            }
            clock.now = .now
            takeInbox()
            expire()
            turn()
            giveWay()
            sweep()
        }
        end()
    }

    private var isDone: Bool {
        guard let endBy else { return false }
        return endBy <= clock.now || pools.values.allSatisfy(\.isIdle)
    }

    /// Until something is due that no socket reports.
    private var timeout: Int {
        if active.contains(where: \.isDirty) { return 0 }
        var earliest = endBy
        if !pools.isEmpty { earliest = min(earliest ?? nextSweep, nextSweep) }
        if let deadline = deadlines.earliest { earliest = min(earliest ?? deadline, deadline) }
        for pool in active { if let due = pool.due { earliest = min(earliest ?? due, due) } }
        return earliest.map { $0.milliseconds(from: clock.now) } ?? -1
    }

    private func takeInbox() {
        var taken = Inbox()
        inbox.withLock { inbox in
            guard inbox.isSignalled else { return }
            inbox.isSignalled = false
            swap(&taken.arrivals, &inbox.arrivals)
            swap(&taken.withdrawals, &inbox.withdrawals)
            swap(&taken.renewals, &inbox.renewals)
            taken.endBy = inbox.endBy
        }
        for exchange in taken.arrivals { arrive(exchange) }
        for exchange in taken.withdrawals { withdrawn(exchange) }
        for group in taken.renewals {
            for pool in pools.values where pool.context.group == group {
                pool.renew()
                mark(pool)
            }
        }
        if let moment = taken.endBy, endBy == nil || moment < endBy! {
            endBy = moment
            for pool in pools.values {
                pool.endQueued(.shutdown, "the transport is shutting down")
                mark(pool)
            }
        }
    }

    private func arrive(_ exchange: Exchange) {
        guard !exchange.isWithdrawn else {
            exchange.finish(.cancelled, message: "cancelled before it was sent")
            exchange.resume()
            return
        }
        let pool = pool(for: exchange)
        pool.enqueue(exchange)
        deadlines.insert(exchange, at: exchange.deadline)
        mark(pool)
    }

    /// The withdrawal may overtake the arrival.
    private func withdrawn(_ exchange: Exchange) {
        exchange.isWithdrawn = true
        finish(exchange, .cancelled, "cancelled")
    }

    private func finish(_ exchange: Exchange, _ cause: Ending.Cause, _ message: String) {
        let key = Pool.Key(group: exchange.group, origin: exchange.request.origin)
        guard !exchange.isFinished, let pool = pools[key] else { return }
        pool.end(exchange, cause, message)
        mark(pool)
    }

    private func pool(for exchange: Exchange) -> Pool {
        let key = Pool.Key(group: exchange.group, origin: exchange.request.origin)
        if let pool = pools[key] { return pool }
        let counters = counters.withLock { known in
            if let counters = known[exchange.group] { return counters }
            let fresh = Counters()
            known[exchange.group] = fresh
            return fresh
        }
        let context = PoolContext(
            group: exchange.group, origin: exchange.request.origin, settings: settings, poller: poller, clock: clock, shortage: shortage,
            counters: counters)
        let pool = Pool(context, isPlain: exchange.request.isPlain)
        context.pool = pool
        pools[key] = pool
        return pool
    }

    private func mark(_ context: PoolContext) {
        if let pool = context.pool { mark(pool) }
    }

    private func mark(_ pool: Pool) {
        pool.isDirty = true
        if !pool.isActive {
            pool.isActive = true
            active.append(pool)
        }
    }

    private func expire() {
        while let exchange = deadlines.popDue(by: clock.now) { finish(exchange, .deadline, "no answer in time") }
    }

    private func turn() {
        // Who has little on the way is served first: its few requests cost the others nothing, and theirs would cost it their whole turn.
        if active.count > 1 { active.sort { $0.load < $1.load } }
        for pool in active where pool.isDirty || pool.due.map({ $0 <= clock.now }) ?? false {
            pool.isDirty = false
            pool.turn()
            pool.isDirty = pool.wantsTurn
            pool.resumeFinished()
        }
        if active.contains(where: { $0.isIdle && $0.due == nil }) {
            active.removeAll { pool in
                guard pool.isIdle, pool.due == nil, !pool.isDirty else { return false }
                pool.isActive = false
                return true
            }
        }
    }

    /// Gives back what nobody has used for long: credentials come and go, and each had its own connections.
    private func sweep() {
        guard nextSweep <= clock.now else { return }
        nextSweep = clock.now.advanced(by: Self.sweepInterval)
        for (key, pool) in pools where pool.isIdle && !pool.isActive && pool.usedAt.advanced(by: Self.idleLifetime) <= clock.now {
            drop(pool, key)
        }
    }

    /// Descriptors are running out: connections that nobody uses just now give way to those that somebody needs.
    private func giveWay() {
        guard shortage.isFelt else { return }
        shortage.isFelt = false
        active.removeAll(where: \.isIdle)
        for (key, pool) in pools where pool.isIdle { drop(pool, key) }
    }

    private func drop(_ pool: Pool, _ key: Pool.Key) {
        pool.close()
        pools[key] = nil
        if !pools.keys.contains(where: { $0.group == key.group }) { counters.withLock { $0[key.group] = nil } }
    }

    private func end() {
        for pool in pools.values {
            pool.endAll(.shutdown, "the transport was shut down before the answer came")
            pool.turn()
            pool.resumeFinished()
            pool.close()
        }
        pools.removeAll()
        active.removeAll()
        let (late, waiters) = inbox.withLock { inbox in
            inbox.isOver = true
            defer { (inbox.arrivals, inbox.withdrawals, inbox.shutdownWaiters) = ([], [], []) }
            return (inbox.arrivals, inbox.shutdownWaiters)
        }
        for exchange in late {
            exchange.finish(.shutdown, message: "the transport has been shut down")
            exchange.resume()
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// A running thread, to be joined or let go, and that once: until then the system keeps its stack, also when it has ended.
struct LoopThread: Sendable {
    fileprivate let id: pthread_t

    func join() { pthread_join(id, nil) }

    /// For whoever can't wait for its end.
    func letGo() { pthread_detach(id) }
}
