import Domain
import Synchronization

/// A clock that stands still until it is moved. Who sleeps can be waited for, so that a test moves it only when its time has been set.
final class HandClock: TimeSource {
    private struct Sleeper {
        var deadline: Timestamp
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        /// By how much the clock has been set, in all.
        var jumped: Duration = .zero
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var next = 0
        var watchers: [Int: (deadline: Timestamp, continuation: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state: Mutex<State>

    init(_ now: Timestamp = .start) {
        state = Mutex(State(now: now))
    }

    var now: Timestamp { state.withLock(\.now) }

    var elapsed: Duration { state.withLock { $0.now - Timestamp(microseconds: 0) - $0.jumped } }

    /// Sets the clock, as an operator or a time server would. No time passes by that: who sleeps, sleeps as long as before.
    func set(by jump: Duration) {
        state.withLock { state in
            state.now = state.now + jump
            state.jumped += jump
            state.sleepers = state.sleepers.mapValues { Sleeper(deadline: $0.deadline + jump, continuation: $0.continuation) }
        }
    }

    func sleep(until deadline: Timestamp) async throws {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (done, watchers) = state.withLock { state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
                    if state.cancelled.remove(id) != nil { return (.failure(CancellationError()), []) }
                    if deadline <= state.now { return (.success(()), []) }
                    state.sleepers[id] = Sleeper(deadline: deadline, continuation: continuation)
                    let seen = state.watchers.filter { $0.value.deadline == deadline }
                    for watcher in seen.keys { state.watchers[watcher] = nil }
                    return (nil, seen.values.map(\.continuation))
                }
                for watcher in watchers { watcher.resume() }
                if let done { continuation.resume(with: done) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let sleeper = state.sleepers.removeValue(forKey: id) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock and wakes who is due.
    func advance(by duration: Duration) {
        advance(to: now + duration)
    }

    func advance(to moment: Timestamp) {
        let due = state.withLock { state in
            state.now = max(state.now, moment)
            let ids = state.sleepers.filter { $0.value.deadline <= state.now }.map(\.key)
            return ids.compactMap { state.sleepers.removeValue(forKey: $0)?.continuation }
        }
        for continuation in due { continuation.resume() }
    }

    /// Returns when somebody sleeps until exactly that moment, or when the test's time is over.
    func sleeper(until deadline: Timestamp) async {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.cancelled.remove(id) != nil || state.sleepers.values.contains(where: { $0.deadline == deadline }) { return true }
                    state.watchers[id] = (deadline, continuation)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state in
                if let watcher = state.watchers.removeValue(forKey: id) { return Optional(watcher.continuation) }
                state.cancelled.insert(id)
                return nil
            }
            watcher?.resume()
        }
    }
}
