import Domain
import Synchronization

/// How long callers wait for an answer.
final class Manners: Sendable {
    static let patience: Duration = .seconds(15)

    private struct State {
        var hangsUp = false
        var random: SeededRandom
    }

    private let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    func set(hangsUp: Bool) { state.withLock { $0.hangsUp = hangsUp } }

    /// - Parameter attempt: from 0; nobody hangs up for ever.
    func patience(attempt: Int) -> Duration {
        state.withLock { $0.hangsUp && attempt < 3 ? $0.random.milliseconds(in: 1...30) : Self.patience }
    }
}
