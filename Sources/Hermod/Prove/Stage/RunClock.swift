import Domain
import Synchronization

/// The run's time, which is the mock's: the machine's, and what the run has skipped instead of waiting. The gateway's clock goes with it, and may be made to jump.
final class RunClock: Sendable {
    private struct State {
        var passed: Duration = .zero
        var jump: Duration = .zero
        var latest: Timestamp
    }

    private let start: Timestamp
    private let file: ClockFile
    private let state: Mutex<State>

    init(file: ClockFile) {
        start = SystemTime().now
        self.file = file
        state = Mutex(State(latest: start))
    }

    /// Milliseconds since the run began.
    var moment: UInt32 { moment(of: state.withLock { SystemTime().now + $0.passed }) }

    /// A moment of the gateway's clock, or of the mock's.
    func moment(of time: Timestamp) -> UInt32 { UInt32(clamping: (time - start).milliseconds) }

    /// How long the run has really taken.
    var elapsed: Duration { SystemTime().now - start }

    /// What the gateway's clock shows.
    var gatewayTime: Timestamp { state.withLock { SystemTime().now + $0.passed + $0.jump } }

    /// The latest that the gateway's clock has ever shown.
    var latestGatewayTime: Timestamp { state.withLock { max($0.latest, SystemTime().now + $0.passed + $0.jump) } }

    /// Lets time pass for the gateway, which takes it for real.
    func pass(_ time: Duration) {
        state.withLock { state in
            state.passed += time
            file.set(passed: state.passed)
        }
    }

    /// Sets the gateway's clock ahead or back, by so much against the right time.
    func setJump(_ jump: Duration) {
        state.withLock { state in
            state.latest = max(state.latest, SystemTime().now + state.passed + state.jump)
            state.jump = jump
            file.set(jump: jump)
        }
    }
}
