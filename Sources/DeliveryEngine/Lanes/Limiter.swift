internal import Domain

/// How many messages a second a lane may send: a token bucket whose rate is halved when the provider says "too many" and grows back by degrees
/// (additive increase, multiplicative decrease).
struct Limiter: Sendable, Hashable {
    /// Messages a second while the provider does not complain.
    let ceiling: Double
    /// What may go out at once after a rest. `ceiling + burst` is the most that any one second can see.
    let burst: Double
    private(set) var rate: Double
    private var tokens: Double
    private var filledAt: Timestamp?
    private(set) var pausedUntil: Timestamp?
    /// Requests that were sent before this moment and come back refused tell of a flood that has been answered for already.
    private var lastThrottle: Timestamp?

    init(ceiling: Double, burst: Double) {
        self.ceiling = ceiling
        self.burst = burst
        rate = ceiling
        tokens = burst
    }

    /// The documented limits. Expo: 600 notifications a second and project. FCM: 600,000 a minute and project. APNs and mail relays document
    /// none, so these start unhindered and learn from refusals; the inbox refuses nothing.
    init(provider: ProviderName) {
        switch provider {
        case .expo: self.init(ceiling: 500, burst: 100)
        case .fcm: self.init(ceiling: 9_500, burst: 10_000)
        case .apns: self.init(ceiling: 100_000, burst: 100_000)
        case .smtp: self.init(ceiling: 10_000, burst: 1_000)
        case .inApp: self.init(ceiling: 100_000, burst: 100_000)
        }
    }

    func isPaused(now: Timestamp) -> Bool { pausedUntil.map { now < $0 } ?? false }

    /// Takes up to `count` tokens, or none when it is worth waiting for more.
    ///
    /// - Parameter fullBatch: how many would fill a request; fewer than wished for are only given when they do.
    mutating func take(_ count: Int, fullBatch: Int, now: Timestamp) -> Int {
        guard !isPaused(now: now) else { return 0 }
        refill(now)
        // A millionth of slack: after waiting exactly until `ready`, rounding must not ask for another wait.
        let available = Int(min(tokens + 1e-6, burst))
        guard available >= min(count, fullBatch, max(Int(burst), 1)) else { return 0 }
        let taken = min(count, available)
        tokens -= Double(taken)
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
        let missing = Double(min(count, fullBatch, max(Int(burst), 1))) - tokens
        if missing <= 0 { return now }
        return now + .microseconds(Int64((missing / rate * 1_000_000).rounded(.up)))
    }

    /// The provider asks the whole lane to wait.
    ///
    /// - Parameter sentAt: when the refused request had gone out.
    mutating func throttle(for wait: Duration, sentAt: Timestamp, now: Timestamp) {
        let until = now + max(wait, .seconds(1))
        pausedUntil = max(pausedUntil ?? until, until)
        tokens = 0
        filledAt = pausedUntil
        if let lastThrottle, sentAt <= lastThrottle { return }
        lastThrottle = now
        rate = max(1, rate / 2)
    }

    mutating func clockWasSetBack(by jump: Duration) {
        filledAt = filledAt.map { $0 - jump }
        pausedUntil = pausedUntil.map { $0 - jump }
        lastThrottle = lastThrottle.map { $0 - jump }
    }

    private mutating func refill(_ now: Timestamp) {
        guard let last = filledAt else {
            filledAt = now
            return
        }
        guard now > last else { return }
        let seconds = (now - last).inSeconds
        tokens = min(burst, tokens + rate * seconds)
        if rate < ceiling { rate = min(ceiling, rate + ceiling / 60 * seconds) }
        filledAt = now
    }
}
