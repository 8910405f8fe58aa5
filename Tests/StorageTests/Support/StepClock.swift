import Domain
import Synchronization

/// Time that passes only when a test says so.
final class StepClock: TimeSource {
    private struct State {
        var now = Timestamp(microseconds: 1_000_000_000)
        var sleepers: [(deadline: Timestamp, continuation: CheckedContinuation<Void, Never>)] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var now: Timestamp { state.withLock(\.now) }

    func sleep(until deadline: Timestamp) async throws {
        await withCheckedContinuation { continuation in
            let (isOver, watchers) = state.withLock { state in
                if deadline <= state.now { return (true, [CheckedContinuation<Void, Never>]()) }
                state.sleepers.append((deadline, continuation))
                defer { state.watchers = [] }
                return (false, state.watchers)
            }
            if isOver { continuation.resume() }
            for watcher in watchers { watcher.resume() }
        }
    }

    /// Returns when somebody sleeps.
    func hasSleeper() async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.isEmpty { state.watchers.append(continuation) }
                return !state.sleepers.isEmpty
            }
            if isThere { continuation.resume() }
        }
    }

    func pass(_ span: Duration) {
        let awake = state.withLock { state in
            state.now = state.now + span
            defer { state.sleepers.removeAll { $0.deadline <= state.now } }
            return state.sleepers.filter { $0.deadline <= state.now }
        }
        for sleeper in awake { sleeper.continuation.resume() }
    }
}
