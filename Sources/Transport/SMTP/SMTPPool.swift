/// Decides which thread carries which mail: pure, and without the mails themselves.
///
/// A thread is bound to one relay at a time, because it keeps a connection to it; so the threads bound to a relay are the relay's connections.
struct SMTPPool {
    typealias Worker = Int
    typealias Job = Int

    enum Placement: Equatable {
        /// An idle thread takes it.
        case idle(Worker)
        /// A new thread has to be started for it.
        case new(Worker)
        /// It waits.
        case queued
        /// Too many wait already.
        case full
    }

    private struct Bound {
        var relay: SMTPRelay
        var isBusy: Bool
        /// When it was last used, as a count; the longest unused connection is given up first, the latest used is taken first.
        var lastUse: Int
    }

    private let maxThreads: Int
    private let maxQueued: Int
    private var workers: [Worker: Bound] = [:]
    /// Waiting jobs of each relay, first come first served.
    private var queues: [SMTPRelay: [Job]] = [:]
    private var lastWorker = 0
    private var uses = 0
    private(set) var queuedCount = 0

    init(maxThreads: Int, maxQueued: Int) {
        self.maxThreads = max(1, maxThreads)
        self.maxQueued = maxQueued
    }

    var threadCount: Int { workers.count }

    var idleWorkers: [Worker] { workers.filter { !$0.value.isBusy }.map(\.key) }

    func idleWorkers(of relay: SMTPRelay) -> [Worker] { workers.filter { !$0.value.isBusy && $0.value.relay == relay }.map(\.key) }

    mutating func submit(_ job: Job, for relay: SMTPRelay) -> Placement {
        if let worker = idle(where: { $0.relay == relay }, latest: true) {
            take(worker, relay)
            return .idle(worker)
        }
        if count(of: relay) < max(1, relay.maxConnections) {
            if workers.count < maxThreads {
                lastWorker += 1
                take(lastWorker, relay)
                return .new(lastWorker)
            }
            if let worker = idle(where: { _ in true }, latest: false) {
                take(worker, relay)
                return .idle(worker)
            }
        }
        guard queuedCount < maxQueued else { return .full }
        queues[relay, default: []].append(job)
        queuedCount += 1
        return .queued
    }

    /// The next job for a thread that has ended one; nil: it is idle.
    ///
    /// It stays with its relay, but for a relay that has waiting jobs and either no thread at all or so many fewer that the change brings both nearer to an
    /// equal share: one relay's bulk must not hold up another's single mail.
    mutating func next(after worker: Worker) -> (job: Job, relay: SMTPRelay)? {
        guard let bound = workers[worker] else { return nil }
        let own = count(of: bound.relay)
        let poorest = queues.keys
            .filter { $0 != bound.relay && count(of: $0) < max(1, $0.maxConnections) }
            .min { count(of: $0) < count(of: $1) }
        let hasOwn = queues[bound.relay] != nil
        let relay: SMTPRelay?
        if let poorest, !hasOwn || count(of: poorest) == 0 || count(of: poorest) + 1 < own {
            relay = poorest
        } else {
            relay = hasOwn ? bound.relay : nil
        }
        guard let relay, let job = dequeue(relay) else {
            workers[worker]?.isBusy = false
            return nil
        }
        take(worker, relay)
        return (job, relay)
    }

    /// Withdraws a waiting job; false when it no longer waits.
    mutating func withdraw(_ job: Job, for relay: SMTPRelay) -> Bool {
        guard let index = queues[relay]?.firstIndex(of: job) else { return false }
        queues[relay]?.remove(at: index)
        if queues[relay]?.isEmpty == true { queues[relay] = nil }
        queuedCount -= 1
        return true
    }

    /// Takes all waiting jobs out.
    mutating func withdrawAll() -> [Job] {
        let jobs = queues.values.flatMap { $0 }
        queues = [:]
        queuedCount = 0
        return jobs
    }

    /// Ends a thread that has been idle for long; false when it has just been given a job.
    mutating func retire(_ worker: Worker) -> Bool {
        guard workers[worker]?.isBusy == false else { return false }
        workers[worker] = nil
        return true
    }

    private func count(of relay: SMTPRelay) -> Int { workers.values.count { $0.relay == relay } }

    private func idle(where fits: (Bound) -> Bool, latest: Bool) -> Worker? {
        let idle = workers.filter { !$0.value.isBusy && fits($0.value) }
        return (latest ? idle.max { $0.value.lastUse < $1.value.lastUse } : idle.min { $0.value.lastUse < $1.value.lastUse })?.key
    }

    private mutating func take(_ worker: Worker, _ relay: SMTPRelay) {
        uses += 1
        workers[worker] = Bound(relay: relay, isBusy: true, lastUse: uses)
    }

    private mutating func dequeue(_ relay: SMTPRelay) -> Job? {
        guard var queue = queues[relay], !queue.isEmpty else { return nil }
        let job = queue.removeFirst()
        queuedCount -= 1
        queues[relay] = queue.isEmpty ? nil : queue
        return job
    }
}
