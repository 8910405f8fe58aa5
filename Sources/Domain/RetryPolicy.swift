/// What becomes of a delivery after an attempt: a pure function of the outcome, the delivery and the time.
public struct RetryPolicy: Sendable, Hashable {
    /// First wait; doubles with each attempt.
    public var base: Duration
    /// The longest wait that backoff alone gives.
    public var cap: Duration
    /// Counted attempts after which a delivery that would be tried again is failed instead.
    public var maxAttempts: Int
    /// How long a delivery without a deadline is held for faults of its lane, which count no attempts. RFC 5321 section 4.5.4.1 asks a mailer
    /// for four to five days.
    public var patience: Duration

    public init(
        base: Duration = .seconds(1), cap: Duration = .seconds(3600), maxAttempts: Int = 12, patience: Duration = .seconds(5 * 86_400)
    ) {
        self.base = base
        self.cap = cap
        self.maxAttempts = maxAttempts
        self.patience = patience
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

    /// The attempt that has just ended, and the delivery that it was for.
    public struct Attempt: Sendable, Hashable {
        /// From 1, all attempts counted.
        public var number: Int
        /// How many of the attempts before this one were a fault of the lane.
        public var held: Int
        /// It was itself the one retry after a `refreshed` verdict.
        public var isRefreshed: Bool
        /// Whose fault a failure would be: the lane's when it is known to be down and this was its probe.
        public var fault: Wait.Scope
        public var createdAt: Timestamp
        public var expiresAt: Timestamp?

        public init(
            number: Int, held: Int = 0, isRefreshed: Bool = false, fault: Wait.Scope = .delivery, createdAt: Timestamp, expiresAt: Timestamp? = nil
        ) {
            self.number = number
            self.held = held
            self.isRefreshed = isRefreshed
            self.fault = fault
            self.createdAt = createdAt
            self.expiresAt = expiresAt
        }
    }

    /// - Parameter unit: a random number in 0 ..< 1, for the jitter; asked for where there is some, because the system makes it.
    public func next(after verdict: Verdict, _ attempt: Attempt, now: Timestamp, unit: @autoclosure () -> Double) -> Next {
        switch verdict {
        case .accepted: .settled(.delivered)
        case .awaitingReceipt: .awaitingReceipt
        case .rejected, .misbuilt, .recipientGone: .settled(.failed)
        case .unknown(let resend): resend ? retry(Wait(), attempt, now, unit()) : .settled(.failed)
        case .deferred(let wait): retry(wait, attempt, now, unit())
        case .refreshed(let afterwards):
            // Whoever names another version keeps account of those that are left: this does not go round in circles.
            if !attempt.isRefreshed || afterwards == .otherVersion {
                .again
            } else if afterwards == .credentialRefused {
                hold(attempt, until: now, now)
            } else {
                retry(Wait(), attempt, now, unit())
            }
        // The lane is paused: its probe, not the delivery's own backoff, decides when to go on.
        case .credentialRefused: hold(attempt, until: now, now)
        case .split(let label): .split(label: label)
        }
    }

    /// Full jitter, `rand(0, min(cap, base · 2^n))` (AWS architecture blog, "Exponential backoff and jitter"), on top of what the provider demands.
    public func delay(_ wait: Wait, attempt: Int, unit: Double) -> Duration {
        let doublings = min(max(attempt - 1, 0), 40)
        let ceiling = min(cap.inSeconds, base.inSeconds * Double(UInt64(1) << UInt64(doublings)))
        return max(wait.floor, wait.retryAfter ?? .zero) + .microseconds(Int64(ceiling * unit * 1_000_000))
    }

    private func retry(_ wait: Wait, _ attempt: Attempt, _ now: Timestamp, _ unit: Double) -> Next {
        let at = now + delay(wait, attempt: attempt.number, unit: unit)
        // A quota or an outage is nobody's in particular: giving up deliveries for it, one by one, is how peers lose them.
        if wait.scope == .lane || attempt.fault == .lane { return hold(attempt, until: at, now) }
        guard attempt.number - attempt.held < maxAttempts else { return .settled(.failed) }
        // An attempt after the deadline would never be made: say so now instead of then.
        if let expiresAt = attempt.expiresAt, at >= expiresAt { return .settled(.failed) }
        return .queued(at: at, counted: true)
    }

    private func hold(_ attempt: Attempt, until at: Timestamp, _ now: Timestamp) -> Next {
        let deadline = attempt.expiresAt ?? attempt.createdAt + patience
        return at < deadline ? .queued(at: at, counted: false) : .settled(.failed)
    }
}
