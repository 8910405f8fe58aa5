internal import Domain

/// Stops a lane after a fault that is not one delivery's own, and lets a single delivery through from time to time to see whether it is over.
///
/// ```
/// open ──shut──▶ shut ──probe time, beginProbe──▶ probing ──probeSucceeded──▶ open
///                 ▲                                  │
///                 └───────────probeFailed────────────┘   each time twice as long as before, up to a bound
/// ```
struct Gate: Sendable, Hashable {
    enum State: Sendable, Hashable {
        case open
        case shut(reason: String, probeAt: Timestamp)
        case probing(reason: String)
    }

    private(set) var state: State = .open
    private let first: Duration
    private let longest: Duration
    private var interval: Duration

    /// - Parameter first: how long the gate stays shut before the first probe; doubles with each probe that fails, up to `longest`.
    init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
        interval = first
    }

    var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    /// When a shut gate lets its probe through.
    var probeAt: Timestamp? {
        if case .shut(_, let probeAt) = state { probeAt } else { nil }
    }

    /// Shuts an open gate. A shut or probing one keeps its time: what was sent before it shut says nothing new.
    mutating func shut(reason: String, now: Timestamp) {
        guard isOpen else { return }
        interval = first
        state = .shut(reason: reason, probeAt: now + interval)
    }

    func mayProbe(now: Timestamp) -> Bool {
        if case .shut(_, let probeAt) = state { probeAt <= now } else { false }
    }

    mutating func beginProbe() {
        guard case .shut(let reason, _) = state else { return }
        state = .probing(reason: reason)
    }

    mutating func probeSucceeded() {
        guard case .probing = state else { return }
        state = .open
        interval = first
    }

    mutating func probeFailed(reason: String, now: Timestamp) {
        guard case .probing = state else { return }
        interval = min(interval * 2, longest)
        state = .shut(reason: reason, probeAt: now + interval)
    }

    /// The probe said nothing about this gate (it was not sent, or failed for another cause): the next one comes after the same wait as before.
    mutating func probeWasInconclusive(now: Timestamp) {
        guard case .probing(let reason) = state else { return }
        state = .shut(reason: reason, probeAt: now + interval)
    }

    /// Somebody has changed what was at fault: don't wait for the next probe's time.
    mutating func probeAtOnce(now: Timestamp) {
        switch state {
        case .open: return
        case .shut(let reason, _), .probing(let reason):
            interval = first
            state = .shut(reason: reason, probeAt: now)
        }
    }
}
