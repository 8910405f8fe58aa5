internal import CLinux
internal import Dispatch
internal import Foundation
internal import Synchronization

/// Sends mail through libcurl on a bounded pool of threads: libcurl blocks while it waits for the final reply.
///
/// Each thread has its own handle and with it a kept connection to one relay. Threads are started when they are needed and end when they are idle.
public final class SMTPTransport: Sendable {
    public struct Configuration: Sendable {
        /// Threads, and so connections at once, over all relays.
        public var maxThreads: Int = 32
        /// Mails that wait for a thread; beyond that they are turned away at once.
        public var maxQueued: Int = 10_000
        public var extraCAFile: String?
        public var connectTimeout: Duration = .seconds(30)
        /// Longest wait for one reply; RFC 5321 section 4.5.3.2 asks for 10 minutes after the final dot.
        public var replyTimeout: Duration = .seconds(600)
        /// How long an unused connection is kept. Many relays end one after 30 to 300 seconds.
        public var keepIdle: Duration = .seconds(30)

        public init() {}
    }

    private struct Job: Sendable {
        let mail: SMTPMail
        let relay: SMTPRelay
        let deadline: ContinuousClock.Instant
        let continuation: CheckedContinuation<SMTPOutcome, Never>
    }

    /// A thread's post box. The bell is rung outside of all locks: whoever it wakes would run straight into them.
    private final class Desk: Sendable {
        private let bell = DispatchSemaphore(value: 0)
        private let order: Mutex<Order?>

        enum Order: Sendable {
            case carry(Job)
            case end
        }

        init(_ job: Job) { order = Mutex(.carry(job)) }

        func put(_ order: Order) {
            self.order.withLock { $0 = order }
            bell.signal()
        }

        /// Nil when there was nothing to do for that long.
        func next(within wait: Double) -> Order? {
            while true {
                let found = order.withLock { order in
                    defer { order = nil }
                    return order
                }
                if let found { return found }
                if bell.wait(timeout: .now() + wait) == .timedOut { return nil }
            }
        }
    }

    private struct State {
        var pool: SMTPPool
        var waiting: [Int: Job] = [:]
        var desks: [SMTPPool.Worker: Desk] = [:]
        /// When the waiting jobs are looked through for such as have no time left.
        var alarm: ContinuousClock.Instant?
        var isShutDown = false
        /// Probes under way, each on a thread of its own.
        var probes = 0
        var onEmpty: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: Configuration
    private let trust: TrustStore
    private let state: Mutex<State>
    private let lastJob = Atomic(0)
    /// Set when the grace of a shutdown is over; libcurl's progress callback looks at it.
    private let isAborted = AbortFlag()
    private let clock = ContinuousClock()

    /// Throws `TransportFailure` when the extra CA file can't be used.
    public init(configuration: Configuration = .init()) throws {
        self.configuration = configuration
        trust = try TrustStore(extraCAFile: configuration.extraCAFile)
        state = Mutex(State(pool: SMTPPool(maxThreads: configuration.maxThreads, maxQueued: configuration.maxQueued)))
    }

    /// One transaction, `timeout` at most, the wait for a free connection included.
    ///
    /// Cancelling the task withdraws a mail that still waits. One that is being sent goes on to its end, because half a transaction
    /// is the one state that nobody can tell the meaning of.
    public func send(_ mail: SMTPMail, via relay: SMTPRelay, timeout: Duration) async -> SMTPOutcome {
        if let fault = mail.fault { return .notSent(fault) }
        guard timeout > .zero else { return .notSent(Self.noTime) }
        guard !Task.isCancelled else { return .notSent(Self.cancelled) }
        let deadline = clock.now + timeout
        let id = lastJob.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(Job(mail: mail, relay: relay, deadline: deadline, continuation: continuation), id: id)
                // Cancelled before it was handed in: the handler below found nothing to withdraw.
                if Task.isCancelled { withdraw(id, for: relay, because: Self.cancelled) }
            }
        } onCancel: {
            withdraw(id, for: relay, because: Self.cancelled)
        }
    }

    /// Asks a relay whether it would take mail of that sender, for `timeout` at most; names no recipient and leaves no mail.
    ///
    /// On a connection and a thread of its own: neither waits for mail that is under way, nor the other way round. Cancelling the task ends it.
    public func probe(sender: String, via relay: SMTPRelay, timeout: Duration) async -> SMTPProbe {
        let isAdmitted = state.withLock { state in
            guard !state.isShutDown, state.probes < Self.probeLimit else { return false }
            state.probes += 1
            return true
        }
        guard isAdmitted else {
            return Self.failed(
                TransportFailure(kind: .local, message: "too many relays are being asked at the moment, or the gateway is shutting down"))
        }
        let abort = AbortFlag(parent: isAborted)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let thread = Thread {
                    // The connection's farewell comes first, so that nothing of the probe is left when its answer is there.
                    let probe = self.probe(sender, relay, timeout, abort)
                    self.endProbe()
                    continuation.resume(returning: probe)
                }
                thread.name = "smtp-probe"
                thread.stackSize = 512 * 1024
                thread.start()
            }
        } onCancel: {
            abort.raise()
        }
    }

    /// More at once are more than people ask for.
    private static let probeLimit = 8

    private static func failed(_ failure: TransportFailure) -> SMTPProbe { SMTPProbe(answers: [], isEncrypted: false, ending: .failed(failure)) }

    private func probe(_ sender: String, _ relay: SMTPRelay, _ timeout: Duration, _ abort: AbortFlag) -> SMTPProbe {
        guard timeout > .zero else { return Self.failed(Self.noTime) }
        do {
            return try SMTPSession(relay: relay, configuration: configuration, trust: trust, abort: abort).probe(sender: sender, timeout: timeout)
        } catch let error as CurlError {
            return Self.failed(error.failure)
        } catch let failure as TransportFailure {
            return Self.failed(failure)
        } catch {
            return Self.failed(TransportFailure(kind: .local, message: "\(error)"))
        }
    }

    private func endProbe() {
        let listeners = state.withLock { state in
            state.probes -= 1
            return Self.takeListeners(&state)
        }
        for listener in listeners { listener.resume() }
    }

    /// Those who wait for the last thread's end, once it has come.
    private static func takeListeners(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        guard state.desks.isEmpty, state.probes == 0 else { return [] }
        defer { state.onEmpty = [] }
        return state.onEmpty
    }

    /// Ends the kept connections to a relay that nobody is using; for a relay whose credential is gone or changed.
    public func closeIdleConnections(to relay: SMTPRelay) {
        let idle = state.withLock { state in
            state.pool.idleWorkers(of: relay).compactMap { Self.dismiss($0, &state) }
        }
        for desk in idle { desk.put(.end) }
    }

    /// Takes no more mail, sends back what waits, lets running transactions finish for `grace` at most and then ends them. Safe to call twice.
    public func shutdown(grace: Duration) async {
        let (waiting, idle) = state.withLock { state in
            state.isShutDown = true
            let jobs = state.pool.withdrawAll().compactMap { state.waiting.removeValue(forKey: $0) }
            return (jobs, state.pool.idleWorkers.compactMap { Self.dismiss($0, &state) })
        }
        for desk in idle { desk.put(.end) }
        for job in waiting { job.continuation.resume(returning: .notSent(Self.shutDown)) }
        let bell = DispatchSource.makeTimerSource(queue: .global())
        let flag = isAborted
        bell.setEventHandler { flag.raise() }
        bell.schedule(deadline: .now() + max(0, grace.inSeconds))
        bell.resume()
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                let isEmpty = state.desks.isEmpty && state.probes == 0
                if !isEmpty { state.onEmpty.append(continuation) }
                return isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        bell.cancel()
    }

    // MARK: Handing in and out

    private static let noTime = TransportFailure(kind: .local, message: "no time left for the attempt")
    private static let cancelled = TransportFailure(kind: .cancelled, message: "withdrawn before it was sent")
    private static let shutDown = TransportFailure(kind: .shutdown, message: "the gateway is shutting down")

    private func submit(_ job: Job, id: Int) {
        enum Answer {
            case put(Desk)
            case queued
            case start(SMTPPool.Worker, Desk)
            case refuse(TransportFailure)
        }
        let answer = state.withLock { state -> Answer in
            if state.isShutDown { return .refuse(Self.shutDown) }
            switch state.pool.submit(id, for: job.relay) {
            case .idle(let worker):
                guard let desk = state.desks[worker] else { preconditionFailure("the pool knows a thread that has no desk") }
                return .put(desk)
            case .new(let worker):
                let desk = Desk(job)
                state.desks[worker] = desk
                return .start(worker, desk)
            case .queued:
                state.waiting[id] = job
                return .queued
            case .full: return .refuse(TransportFailure(kind: .local, message: "too many mails wait for a connection"))
            }
        }
        switch answer {
        case .put(let desk): desk.put(.carry(job))
        case .start(let worker, let desk): start(worker, desk)
        case .queued: setAlarm(at: job.deadline)
        case .refuse(let failure): job.continuation.resume(returning: .notSent(failure))
        }
    }

    private func withdraw(_ id: Int, for relay: SMTPRelay, because failure: TransportFailure) {
        let job = state.withLock { state -> Job? in
            guard state.pool.withdraw(id, for: relay) else { return nil }
            return state.waiting.removeValue(forKey: id)
        }
        job?.continuation.resume(returning: .notSent(failure))
    }

    /// One alarm for all that wait, at the earliest deadline.
    private func setAlarm(at deadline: ContinuousClock.Instant) {
        let isEarliest = state.withLock { state in
            if let alarm = state.alarm, alarm <= deadline { return false }
            state.alarm = deadline
            return true
        }
        guard isEarliest else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + max(0, (deadline - clock.now).inSeconds)) { [weak self] in self?.expire() }
    }

    /// A mail that found no thread by its deadline has not been sent.
    private func expire() {
        let now = clock.now
        let (expired, next) = state.withLock { state in
            state.alarm = nil
            let expired = state.waiting.filter { $0.value.deadline <= now }
            for (id, job) in expired where state.pool.withdraw(id, for: job.relay) { state.waiting[id] = nil }
            return (expired.values.map(\.continuation), state.waiting.values.map(\.deadline).min())
        }
        for continuation in expired {
            continuation.resume(returning: .notSent(TransportFailure(kind: .local, message: "no connection to the relay was free in time")))
        }
        if let next { setAlarm(at: next) }
    }

    // MARK: Threads

    private func start(_ worker: SMTPPool.Worker, _ desk: Desk) {
        // The thread keeps the transport alive, so a transport that is let go ends when its last thread has been idle for long enough.
        let thread = Thread {
            // A mail is a dozen short waits, and by default each of their ends puts the thread before the work that runs (sched(7)): without that,
            // ten connections on two cores carry a tenth to a fifth more. A kernel that refuses costs speed only.
            _ = clinux_schedule_as_batch()
            self.run(worker, desk)
        }
        thread.name = "smtp-\(worker)"
        thread.stackSize = 512 * 1024
        thread.start()
    }

    private func run(_ worker: SMTPPool.Worker, _ desk: Desk) {
        var session: SMTPSession?
        while true {
            switch desk.next(within: configuration.keepIdle.inSeconds) {
            case .carry(var job):
                while true {
                    if session?.relay != job.relay { session = nil }
                    let outcome = carry(job, by: &session)
                    if session?.isAlive == false { session = nil }
                    // The next job is drawn before the caller hears of this one, so that what it sends next can't find this thread still busy.
                    let next = state.withLock { state in
                        state.pool.next(after: worker).flatMap { state.waiting.removeValue(forKey: $0.job) }
                    }
                    job.continuation.resume(returning: outcome)
                    guard let next else { break }
                    job = next
                }
                if state.withLock({ $0.isShutDown && $0.pool.retire(worker) }) { return end(worker) }
            case .end: return end(worker)
            case nil: if state.withLock({ $0.pool.retire(worker) }) { return end(worker) }
            }
        }
    }

    /// The thread's last act but for the connection's farewell.
    private func end(_ worker: SMTPPool.Worker) {
        let listeners = state.withLock { state in
            state.desks[worker] = nil
            return Self.takeListeners(&state)
        }
        for listener in listeners { listener.resume() }
    }

    private func carry(_ job: Job, by session: inout SMTPSession?) -> SMTPOutcome {
        let left = job.deadline - clock.now
        guard left > .zero else { return .notSent(Self.noTime) }
        do {
            let current = try session ?? SMTPSession(relay: job.relay, configuration: configuration, trust: trust, abort: isAborted)
            session = current
            return try current.transact(job.mail, timeout: left)
        } catch let error as CurlError {
            return .notSent(error.failure)
        } catch let failure as TransportFailure {
            return .notSent(failure)
        } catch {
            return .notSent(TransportFailure(kind: .local, message: "\(error)"))
        }
    }

    /// An idle thread gets no more jobs; its desk is to be told to end.
    private static func dismiss(_ worker: SMTPPool.Worker, _ state: inout State) -> Desk? {
        state.pool.retire(worker) ? state.desks[worker] : nil
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
