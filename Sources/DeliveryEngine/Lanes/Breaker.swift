internal import Domain

/// Stops a lane whose provider does not answer or fails, so that an outage costs each delivery few attempts and the provider few requests.
///
/// Counts requests that speak of the provider's health and no others: a peer whose breaker counted refused addresses let five bad ones
/// block a tenant. A 429 and a refused credential are answers in good health; what never reached the provider says nothing, as a probe either.
struct Breaker: Sendable, Hashable {
    /// This many bad requests in a row open it.
    static let consecutive = 5
    /// Or half of at least this many within `period`.
    static let sample = 20
    static let period: Duration = .seconds(10)

    private(set) var gate = Gate(first: .seconds(5), longest: .seconds(300))
    private var inARow = 0
    private var good = 0
    private var bad = 0
    private var periodEnd = Timestamp(microseconds: .min)

    var isClosed: Bool { gate.isOpen }
    var probeAt: Timestamp? { gate.probeAt }

    /// A request that the provider answered in good health, whatever it said.
    mutating func recordGood(isProbe: Bool, now: Timestamp) {
        if isProbe {
            gate.probeSucceeded()
            if gate.isOpen { forget() }
        }
        guard gate.isOpen else { return }
        roll(now)
        inARow = 0
        good += 1
    }

    /// No answer, a refused connection, a 5xx.
    mutating func recordBad(reason: String, isProbe: Bool, now: Timestamp) {
        if isProbe { gate.probeFailed(reason: reason, now: now) }
        guard gate.isOpen else { return }
        roll(now)
        inARow += 1
        bad += 1
        let mostlyBad = good + bad >= Self.sample && bad * 2 >= good + bad
        if inARow >= Self.consecutive || mostlyBad {
            gate.shut(reason: reason, now: now)
            forget()
        }
    }

    func mayProbe(now: Timestamp) -> Bool { gate.mayProbe(now: now) }
    mutating func beginProbe() { gate.beginProbe() }
    mutating func probeWasInconclusive(now: Timestamp) { gate.probeWasInconclusive(now: now) }
    mutating func probeAtOnce(now: Timestamp) { gate.probeAtOnce(now: now) }

    mutating func clockWasSetBack(by jump: Duration) {
        gate.clockWasSetBack(by: jump)
        if periodEnd.microseconds != .min { periodEnd = periodEnd - jump }
    }

    private mutating func roll(_ now: Timestamp) {
        guard now >= periodEnd else { return }
        periodEnd = now + Self.period
        good = 0
        bad = 0
    }

    private mutating func forget() {
        inARow = 0
        good = 0
        bad = 0
    }
}
