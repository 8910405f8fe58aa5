import Foundation
import Synchronization

/// The one place where the mock reads the time of the machine, so that tests can put another in its place.
struct MockClock: Sendable {
    /// Milliseconds since 1970.
    var now: @Sendable () -> Int64

    static let system = MockClock { Int64(Date().timeIntervalSince1970 * 1000) }
}

/// The time of one run: that of the machine until a test moves it. Receipts, token ages and greylisting go by it; delays and timeouts do not.
final class VirtualClock: Sendable {
    private let base: MockClock
    private let state = Mutex(State())

    private struct State {
        var offset: Int64 = 0
        /// The moment at which the clock was stopped; nil while it runs.
        var stoppedAt: Int64?
    }

    init(_ base: MockClock) { self.base = base }

    /// Milliseconds since 1970.
    func now() -> Int64 {
        let machine = base.now()
        return state.withLock { $0.stoppedAt ?? machine + $0.offset }
    }

    func advance(by duration: Duration) {
        state.withLock { state in
            state.offset += duration.milliseconds
            if let stopped = state.stoppedAt { state.stoppedAt = stopped + duration.milliseconds }
        }
    }

    func set(to milliseconds: Int64) {
        let machine = base.now()
        state.withLock { state in
            state.offset = milliseconds - machine
            if state.stoppedAt != nil { state.stoppedAt = milliseconds }
        }
    }

    /// Stops the clock, or lets it go on from where it stands.
    func setRunning(_ runs: Bool) {
        let machine = base.now()
        state.withLock { state in
            if runs, let stopped = state.stoppedAt {
                state.offset = stopped - machine
                state.stoppedAt = nil
            } else if !runs, state.stoppedAt == nil {
                state.stoppedAt = machine + state.offset
            }
        }
    }

    func reset() { state.withLock { $0 = State() } }

    var isRunning: Bool { state.withLock { $0.stoppedAt == nil } }

    /// How far it is ahead of the machine's clock, in milliseconds.
    var offset: Int64 { now() - base.now() }
}
