import Domain

/// When a key set is read: decided without reading anything.
struct KeySetSchedule: Sendable {
    enum Step: Sendable, Hashable {
        case use
        /// Go on with what is there, and begin to read meanwhile.
        case useAndRead
        /// Begin to read, or join the reading that has begun, and wait for it.
        case wait
        /// Nothing is there, and it is too early to ask again.
        case unavailable
    }

    let pace: KeySetPace
    private var readAt: Timestamp?
    private var triedAt: Timestamp?
    private var isReading = false

    init(pace: KeySetPace) {
        self.pace = pace
    }

    /// - Parameter isMissed: a token asks for a key that is not among those read; they may be new.
    mutating func step(now: Timestamp, isMissed: Bool = false) -> Step {
        let step = decide(now, isMissed)
        if !isReading, step == .wait || step == .useAndRead {
            isReading = true
            triedAt = now
        }
        return step
    }

    mutating func ended(isRead: Bool, now: Timestamp) {
        isReading = false
        if isRead { readAt = now }
    }

    private func decide(_ now: Timestamp, _ isMissed: Bool) -> Step {
        guard let readAt else { return isReading || isDue(now) ? .wait : .unavailable }
        // A clock that was set back makes old keys look young: they count as old.
        let age: Duration = now < readAt ? pace.renewal : now - readAt
        if isReading { return isMissed || age >= pace.renewal ? .wait : .use }
        guard isDue(now) else { return .use }
        if isMissed || age >= pace.renewal { return .wait }
        return age >= pace.refresh ? .useAndRead : .use
    }

    private func isDue(_ now: Timestamp) -> Bool {
        guard let triedAt else { return true }
        return now < triedAt || now - triedAt >= pace.interval
    }
}
