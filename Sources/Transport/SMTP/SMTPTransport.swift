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

    /// A thread's post box: what it is to do next, and the bell that wakes it.
    private struct Desk {
        let bell = DispatchSemaphore(value: 0)
        var job: Job?
        var isToEnd = false
    }

    private struct State {
        var pool: SMTPPool
        var lastJob = 0
        var waiting: [Int: Job] = [:]
        var desks: [SMTPPool.Worker: Desk] = [:]
        /// When the waiting jobs are looked through for such as have no time left.
        var alarm: ContinuousClock.Instant?
        var isShutDown = false
        var onEmpty: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: Configuration
    private let trust: TrustStore
    private let state: Mutex<State>
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
        do { _ = try relay.url() } catch { return .notSent(error) }
        guard timeout > .zero else { return .notSent(Self.noTime) }
        guard !Task.isCancelled else { return .notSent(Self.cancelled) }
        let deadline = clock.now + timeout
        let id = state.withLock { state in
            state.lastJob += 1
            return state.lastJob
        }
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

    /// Ends the kept connections to a relay that nobody is using; for a relay whose credential is gone or changed.
    public func closeIdleConnections(to relay: SMTPRelay) {
        state.withLock { state in
            for worker in state.pool.idleWorkers(of: relay) { Self.dismiss(worker, &state) }
        }
    }

    /// Takes no more mail, sends back what waits, lets running transactions finish for `grace` at most and then ends them. Safe to call twice.
    public func shutdown(grace: Duration) async {
        let waiting = state.withLock { state in
            state.isShutDown = true
            let jobs = state.pool.withdrawAll().compactMap { state.waiting.removeValue(forKey: $0) }
            for worker in state.pool.idleWorkers { Self.dismiss(worker, &state) }
            return jobs
        }
        for job in waiting { job.continuation.resume(returning: .notSent(Self.shutDown)) }
        let bell = DispatchSource.makeTimerSource(queue: .global())
        let flag = isAborted
        bell.setEventHandler { flag.raise() }
        bell.schedule(deadline: .now() + max(0, grace.inSeconds))
        bell.resume()
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.desks.isEmpty { state.onEmpty.append(continuation) }
                return state.desks.isEmpty
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
            case placed
            case queued
            case start(SMTPPool.Worker)
            case refuse(TransportFailure)
        }
        let answer = state.withLock { state -> Answer in
            if state.isShutDown { return .refuse(Self.shutDown) }
            switch state.pool.submit(id, for: job.relay) {
            case .idle(let worker):
                state.desks[worker]?.job = job
                state.desks[worker]?.bell.signal()
                return .placed
            case .new(let worker):
                state.desks[worker] = Desk(job: job)
                return .start(worker)
            case .queued:
                state.waiting[id] = job
                return .queued
            case .full: return .refuse(TransportFailure(kind: .local, message: "too many mails wait for a connection"))
            }
        }
        switch answer {
        case .placed: break
        case .start(let worker): start(worker)
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

    private func start(_ worker: SMTPPool.Worker) {
        // The thread keeps the transport alive, so a transport that is let go ends when its last thread has been idle for long enough.
        let thread = Thread { self.run(worker) }
        thread.name = "smtp-\(worker)"
        thread.stackSize = 512 * 1024
        thread.start()
    }

    private func run(_ worker: SMTPPool.Worker) {
        var session: SMTPSession?
        while let job = nextJob(of: worker) {
            if session?.relay != job.relay { session = nil }
            let outcome = carry(job, by: &session)
            if session?.isAlive == false { session = nil }
            // The next job is drawn before the caller hears of this one, so that its answer can't find this thread still busy.
            finish(worker)
            job.continuation.resume(returning: outcome)
        }
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

    /// Lays the thread's next job on its desk, if one waits.
    private func finish(_ worker: SMTPPool.Worker) {
        state.withLock { state in
            if let next = state.pool.next(after: worker) {
                state.desks[worker]?.job = state.waiting.removeValue(forKey: next.job)
            } else if state.isShutDown {
                Self.dismiss(worker, &state)
            }
        }
    }

    /// Waits for the next job; nil when the thread has to end.
    private func nextJob(of worker: SMTPPool.Worker) -> Job? {
        var hasWaited = false
        while true {
            enum Step {
                case work(Job)
                case wait(DispatchSemaphore)
                case end([CheckedContinuation<Void, Never>])
            }
            let step = state.withLock { state -> Step in
                guard let desk = state.desks[worker] else { return .end([]) }
                if let job = desk.job {
                    state.desks[worker]?.job = nil
                    return .work(job)
                }
                guard desk.isToEnd || (hasWaited && state.pool.retire(worker)) else { return .wait(desk.bell) }
                state.desks[worker] = nil
                guard state.desks.isEmpty else { return .end([]) }
                defer { state.onEmpty = [] }
                return .end(state.onEmpty)
            }
            switch step {
            case .work(let job): return job
            case .wait(let bell): hasWaited = bell.wait(timeout: .now() + configuration.keepIdle.inSeconds) == .timedOut
            case .end(let listeners):
                for listener in listeners { listener.resume() }
                return nil
            }
        }
    }

    /// An idle thread gets no more jobs and ends.
    private static func dismiss(_ worker: SMTPPool.Worker, _ state: inout State) {
        guard state.pool.retire(worker) else { return }
        state.desks[worker]?.isToEnd = true
        state.desks[worker]?.bell.signal()
    }
}

extension Duration {
    fileprivate var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
