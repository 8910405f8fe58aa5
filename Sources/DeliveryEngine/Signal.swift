internal import Synchronization

/// Wakes one waiting task. Raised while nobody waits, it is remembered once; raised often, it wakes once.
final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var isClosed = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func raise() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiting = state.waiting else {
                state.isRaised = true
                return nil
            }
            state.waiting = nil
            return waiting
        }?.resume()
    }

    /// From now on nobody waits any more.
    func close() {
        state.withLock { $0.isClosed = true }
        raise()
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Returns when the signal is or was raised, when it is closed, or when the task is cancelled. One task at a time may wait.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isRaised || state.isClosed || Task.isCancelled {
                        state.isRaised = false
                        return true
                    }
                    precondition(state.waiting == nil, "two tasks wait for one signal")
                    state.waiting = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            // Remembered where the task does not wait yet: it looks before it waits.
            raise()
        }
    }
}
