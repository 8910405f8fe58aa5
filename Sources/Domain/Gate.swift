/// Keeps from use what has failed for more than one message (a lane, a version of a credential), and lets a single message through from time to time
/// to see whether the fault is over.
///
/// ```
/// open ──shut──▶ shut ──probe time, beginProbe──▶ probing ──probeSucceeded──▶ open
///                 ▲                                  │
///                 └───────────probeFailed────────────┘   each time twice as long as before, up to a bound
/// ```
public struct Gate: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case open
        case shut(reason: String, probeAt: Timestamp)
        case probing(reason: String)
    }

    public private(set) var state: State = .open
    private let first: Duration
    private let longest: Duration
    private var interval: Duration

    /// - Parameter first: how long the gate stays shut before the first probe; doubles with each probe that fails, up to `longest`.
    public init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
        interval = first
    }

    public var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    /// When a shut gate lets its probe through.
    public var probeAt: Timestamp? {
        if case .shut(_, let probeAt) = state { probeAt } else { nil }
    }

    /// Shuts an open gate. A shut or probing one keeps its time: what was sent before it shut says nothing new.
    public mutating func shut(reason: String, now: Timestamp) {
        guard isOpen else { return }
        interval = first
        state = .shut(reason: reason, probeAt: now + interval)
    }

    /// Shuts an open gate for a failure that may have been chance: the first probe is let through at once, and only when it fails too is there a wait.
    public mutating func doubt(reason: String, now: Timestamp) {
        guard isOpen else { return }
        interval = first / 2
        state = .shut(reason: reason, probeAt: now)
    }

    public func mayProbe(now: Timestamp) -> Bool {
        if case .shut(_, let probeAt) = state { probeAt <= now } else { false }
    }

    public mutating func beginProbe() {
        guard case .shut(let reason, _) = state else { return }
        state = .probing(reason: reason)
    }

    public mutating func probeSucceeded() {
        guard case .probing = state else { return }
        state = .open
        interval = first
    }

    public mutating func probeFailed(reason: String, now: Timestamp) {
        guard case .probing = state else { return }
        interval = min(interval * 2, longest)
        state = .shut(reason: reason, probeAt: now + interval)
    }

    /// The probe said nothing about this gate (it was not sent, or failed for another cause): the next one comes after the same wait as before.
    public mutating func probeWasInconclusive(now: Timestamp) {
        guard case .probing(let reason) = state else { return }
        state = .shut(reason: reason, probeAt: now + interval)
    }

    /// The machine's clock has been set back by so much: the next probe must not wait for longer than was meant.
    public mutating func clockWasSetBack(by jump: Duration) {
        if case .shut(let reason, let probeAt) = state { state = .shut(reason: reason, probeAt: probeAt - jump) }
    }

    /// Somebody has changed what was at fault: don't wait for the next probe's time.
    public mutating func probeAtOnce(now: Timestamp) {
        switch state {
        case .open: return
        case .shut(let reason, _), .probing(let reason):
            interval = first
            state = .shut(reason: reason, probeAt: now)
        }
    }
}
