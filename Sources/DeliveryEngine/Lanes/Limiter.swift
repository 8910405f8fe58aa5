internal import Domain

/// How many messages a second a quota allows: a token bucket whose rate is halved when the provider says "too many" and grows back by degrees
/// (additive increase, multiplicative decrease). After a minute without use it is as new.
struct Limiter: Sendable, Hashable {
    /// From nothing to the ceiling takes as long, and so long is a rest.
    static let recovery: Duration = .seconds(60)
    /// Nobody is woken more often than that: at a high rate, what has come together by then goes out together.
    private static let grain: Duration = .milliseconds(5)

    /// Messages a second while the provider does not complain.
    let ceiling: Double
    /// What may go out at once after a rest. `ceiling + burst` is the most that any one second can see.
    let burst: Double
    /// Messages a second after a rest.
    let start: Double
    private(set) var rate: Double
    private var tokens: Double
    private var filledAt: Timestamp?
    /// When something was taken last, or the end of the last pause.
    private var usedAt: Timestamp?
    private(set) var pausedUntil: Timestamp?
    /// Requests that were sent before this moment and come back refused tell of a flood that has been answered for already.
    private var lastThrottle: Timestamp?

    init(ceiling: Double, burst: Double, start: Double? = nil) {
        self.ceiling = ceiling
        self.burst = burst
        self.start = start ?? ceiling
        rate = self.start
        tokens = burst
    }

    init(_ quota: Quota) {
        self.init(ceiling: quota.ceiling, burst: quota.burst, start: quota.start)
    }

    func isPaused(now: Timestamp) -> Bool { pausedUntil.map { now < $0 } ?? false }

    /// True when nothing would be lost by forgetting it.
    func isAsNew(now: Timestamp) -> Bool {
        guard let usedAt else { return true }
        return now - usedAt >= Self.recovery
    }

    /// Messages a second at that moment.
    func rate(now: Timestamp) -> Double {
        var copy = self
        copy.refill(now)
        return copy.rate
    }

    /// Takes up to `count` tokens, or none when it is worth waiting for more.
    ///
    /// - Parameter fullBatch: how many would fill a request; fewer than wished for are only given when they do, or when they are a second's worth.
    mutating func take(_ count: Int, fullBatch: Int, now: Timestamp) -> Int {
        guard !isPaused(now: now) else { return 0 }
        // Before the rate grows: who has waited until `ready` is given what was worth waiting for then.
        let least = least(count, fullBatch)
        refill(now)
        // A millionth of slack: after waiting exactly until `ready`, rounding must not ask for another wait.
        let available = Int(min(tokens + 1e-6, burst))
        guard available >= least else { return 0 }
        let taken = min(count, available)
        tokens -= Double(taken)
        usedAt = now
        return taken
    }

    /// Gives back what was taken and not used.
    mutating func giveBack(_ count: Int) {
        tokens = min(burst, tokens + Double(count))
    }

    /// When `take(count, fullBatch:)` will give something.
    mutating func ready(for count: Int, fullBatch: Int, now: Timestamp) -> Timestamp {
        if let pausedUntil, now < pausedUntil { return pausedUntil }
        refill(now)
        let missing = Double(least(count, fullBatch)) - tokens
        if missing <= 1e-6 { return now }
        return now + max(.microseconds(Int64((missing / rate * 1_000_000).rounded(.up))), Self.grain)
    }

    /// The provider asks for fewer messages.
    ///
    /// - Parameter sentAt: when the refused request had gone out.
    mutating func throttle(for wait: Duration, sentAt: Timestamp, now: Timestamp) {
        refill(now)
        let until = now + max(wait, .seconds(1))
        pausedUntil = max(pausedUntil ?? until, until)
        tokens = 0
        filledAt = pausedUntil
        usedAt = pausedUntil
        if let lastThrottle, sentAt <= lastThrottle { return }
        lastThrottle = now
        rate = max(1, rate / 2)
    }

    mutating func clockWasSetBack(by jump: Duration) {
        filledAt = filledAt.map { $0 - jump }
        usedAt = usedAt.map { $0 - jump }
        pausedUntil = pausedUntil.map { $0 - jump }
        lastThrottle = lastThrottle.map { $0 - jump }
    }

    /// Where the rate is low, a full request is not waited for longer than a second.
    private func least(_ count: Int, _ fullBatch: Int) -> Int { max(1, min(count, fullBatch, Int(burst), Int(rate))) }

    private mutating func refill(_ now: Timestamp) {
        guard let last = filledAt else {
            filledAt = now
            return
        }
        guard now > last else { return }
        filledAt = now
        guard !isAsNew(now: now) else {
            tokens = burst
            rate = start
            return
        }
        let seconds = (now - last).inSeconds
        tokens = min(burst, tokens + rate * seconds)
        if rate < ceiling { rate = min(ceiling, rate + ceiling / Self.recovery.inSeconds * seconds) }
    }
}
