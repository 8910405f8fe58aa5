/// What becomes of a delivery after an attempt: a pure function of the outcome, the delivery and the time.
public struct RetryPolicy: Sendable, Hashable {
    /// First wait; doubles with each counted attempt.
    public var base: Duration
    /// The longest wait that backoff alone gives.
    public var cap: Duration
    /// Counted attempts after which a delivery that would be tried again is failed instead.
    public var maxAttempts: Int

    public init(base: Duration = .seconds(1), cap: Duration = .seconds(3600), maxAttempts: Int = 12) {
        self.base = base
        self.cap = cap
        self.maxAttempts = maxAttempts
    }

    public enum Next: Sendable, Hashable {
        /// No further attempt.
        case settled(DeliveryState)
        /// Expo took it; ask for the receipt.
        case awaitingReceipt
        /// Another attempt, not before that time. `counted` says whether this one counts against the limit.
        case queued(at: Timestamp, counted: Bool)
        /// Another attempt at once with a fresh token or connection.
        case again
        /// Another attempt at once in a smaller request.
        case split(label: String)
    }

    /// - Parameter attempt: number of the attempt that has just ended, counted ones only, from 1.
    /// - Parameter refreshed: this attempt was itself the one retry after a `refreshed` verdict.
    /// - Parameter unit: a random number in 0 ..< 1, for the jitter.
    public func next(
        after verdict: Verdict, attempt: Int, refreshed: Bool = false, now: Timestamp, expiresAt: Timestamp?, unit: Double
    ) -> Next {
        switch verdict {
        case .accepted: .settled(.delivered)
        case .awaitingReceipt: .awaitingReceipt
        case .rejected, .misbuilt, .recipientGone: .settled(.failed)
        case .unknown(let resend): resend ? retry(Wait(), attempt, now, expiresAt, unit) : .settled(.failed)
        case .deferred(let wait): retry(wait, attempt, now, expiresAt, unit)
        case .refreshed(let afterwards):
            if !refreshed {
                .again
            } else if afterwards == .credentialRefused {
                hold(now, expiresAt)
            } else {
                retry(Wait(), attempt, now, expiresAt, unit)
            }
        case .credentialRefused: hold(now, expiresAt)
        case .split(let label): .split(label: label)
        }
    }

    /// Full jitter, `rand(0, min(cap, base · 2^n))` (AWS architecture blog, "Exponential backoff and jitter"), on top of what the provider demands.
    public func delay(_ wait: Wait, attempt: Int, unit: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 40)
        let ceiling = min(cap.inSeconds, base.inSeconds * Double(UInt64(1) << UInt64(doublings)))
        return max(wait.floor, wait.retryAfter ?? .zero) + .microseconds(Int64(ceiling * unit * 1_000_000))
    }

    private func retry(_ wait: Wait, _ attempt: Int, _ now: Timestamp, _ expiresAt: Timestamp?, _ unit: Double) -> Next {
        guard attempt < maxAttempts else { return .settled(.failed) }
        let at = now + delay(wait, attempt: attempt, unit: unit)
        // An attempt after the deadline would never be made: say so now instead of then.
        if let expiresAt, at >= expiresAt { return .settled(.failed) }
        return .queued(at: at, counted: true)
    }

    /// The lane is paused; its breaker, not the delivery's own backoff, decides when to go on.
    private func hold(_ now: Timestamp, _ expiresAt: Timestamp?) -> Next {
        if let expiresAt, now >= expiresAt { return .settled(.failed) }
        return .queued(at: now, counted: false)
    }
}
