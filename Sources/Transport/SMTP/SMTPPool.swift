/// Decides which thread carries which mail: pure, and without the mails themselves.
///
/// A thread is bound to one relay at a time, because it keeps a connection to it; so the threads bound to a relay are the relay's connections.
struct SMTPPool {
    typealias Worker = Int
    /// Numbered in the order of their coming.
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
        /// When it was last used, as a count; the longest unused connection is given up first.
        var lastUse: Int
    }

    /// What belongs to one relay.
    private struct Line {
        /// Threads bound to it.
        var threads = 0
        /// Those of them without a job, the latest used one at the end.
        var idle: [Worker] = []
        /// Waiting jobs, first come first served.
        var queue: [Job] = []
    }

    private let maxThreads: Int
    private let maxQueued: Int
    private var workers: [Worker: Bound] = [:]
    private var lines: [SMTPRelay: Line] = [:]
    private var lastWorker = 0
    private var uses = 0
    private(set) var queuedCount = 0

    init(maxThreads: Int, maxQueued: Int) {
        self.maxThreads = max(1, maxThreads)
        self.maxQueued = maxQueued
    }

    var threadCount: Int { workers.count }

    var idleWorkers: [Worker] { lines.values.flatMap(\.idle) }

    func idleWorkers(of relay: SMTPRelay) -> [Worker] { lines[relay]?.idle ?? [] }

    mutating func submit(_ job: Job, for relay: SMTPRelay) -> Placement {
        if let worker = lines[relay]?.idle.popLast() {
            workers[worker]?.isBusy = true
            return .idle(worker)
        }
        if hasRoom(relay) {
            if workers.count < maxThreads {
                lastWorker += 1
                bind(lastWorker, to: relay)
                return .new(lastWorker)
            }
            if let worker = longestIdle {
                bind(worker, to: relay)
                return .idle(worker)
            }
        }
        guard queuedCount < maxQueued else { return .full }
        lines[relay, default: Line()].queue.append(job)
        queuedCount += 1
        return .queued
    }

    /// The next job for a thread that has ended one; nil: it is idle.
    ///
    /// It stays with its relay, but for a relay that has waiting jobs and either no thread at all or so many fewer that the change brings both nearer to an
    /// equal share: one relay's bulk must not hold up another's single mail.
    mutating func next(after worker: Worker) -> (job: Job, relay: SMTPRelay)? {
        guard let relay = workers[worker]?.relay, let own = lines[relay] else { return nil }
        if queuedCount > own.queue.count, let other = poorest(but: relay) {
            let threads = lines[other]?.threads ?? 0
            if own.queue.isEmpty || threads == 0 || threads + 1 < own.threads {
                bind(worker, to: other)
                return dequeue(other)
            }
        }
        if let next = dequeue(relay) { return next }
        uses += 1
        workers[worker] = Bound(relay: relay, isBusy: false, lastUse: uses)
        lines[relay]?.idle.append(worker)
        return nil
    }

    /// Withdraws a waiting job; false when it no longer waits.
    mutating func withdraw(_ job: Job, for relay: SMTPRelay) -> Bool {
        guard let index = lines[relay]?.queue.firstIndex(of: job) else { return false }
        lines[relay]?.queue.remove(at: index)
        queuedCount -= 1
        tidy(relay)
        return true
    }

    /// Takes all waiting jobs out.
    mutating func withdrawAll() -> [Job] {
        let jobs = lines.values.flatMap(\.queue)
        for relay in Array(lines.keys) {
            lines[relay]?.queue = []
            tidy(relay)
        }
        queuedCount = 0
        return jobs
    }

    /// Ends a thread that has been idle for long; false when it has just been given a job.
    mutating func retire(_ worker: Worker) -> Bool {
        guard let bound = workers[worker], !bound.isBusy else { return false }
        release(worker)
        workers[worker] = nil
        return true
    }

    private func hasRoom(_ relay: SMTPRelay) -> Bool { (lines[relay]?.threads ?? 0) < max(1, relay.maxConnections) }

    /// Of the relays with waiting jobs and room for a thread more, the one with the fewest; of equals the one that has waited longest, as job numbers tell.
    private func poorest(but relay: SMTPRelay) -> SMTPRelay? {
        lines.filter { !$0.value.queue.isEmpty && $0.key != relay && hasRoom($0.key) }
            .min { ($0.value.threads, $0.value.queue[0]) < ($1.value.threads, $1.value.queue[0]) }?.key
    }

    private var longestIdle: Worker? { workers.filter { !$0.value.isBusy }.min { $0.value.lastUse < $1.value.lastUse }?.key }

    private mutating func bind(_ worker: Worker, to relay: SMTPRelay) {
        release(worker)
        workers[worker] = Bound(relay: relay, isBusy: true, lastUse: uses)
        lines[relay, default: Line()].threads += 1
    }

    private mutating func release(_ worker: Worker) {
        guard let bound = workers[worker] else { return }
        lines[bound.relay]?.threads -= 1
        lines[bound.relay]?.idle.removeAll { $0 == worker }
        tidy(bound.relay)
    }

    /// Forgets a relay that nobody uses any more.
    private mutating func tidy(_ relay: SMTPRelay) {
        if let line = lines[relay], line.threads == 0, line.queue.isEmpty { lines[relay] = nil }
    }

    private mutating func dequeue(_ relay: SMTPRelay) -> (job: Job, relay: SMTPRelay)? {
        guard lines[relay]?.queue.isEmpty == false, let job = lines[relay]?.queue.removeFirst() else { return nil }
        queuedCount -= 1
        return (job, relay)
    }
}
