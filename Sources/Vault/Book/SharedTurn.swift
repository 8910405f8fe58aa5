import Synchronization

/// Work that is worth doing once for all who ask while it is still to begin: whoever asks gets a run that began after the question.
final class SharedTurn<Value: Sendable>: Sendable {
    private struct State {
        var running: Task<Value, any Error>?
        var waiting: Task<Value, any Error>?
    }

    private let state = Mutex(State())

    func run(_ work: @Sendable @escaping () async throws -> Value) async throws -> Value {
        let task = state.withLock { state in
            if let waiting = state.waiting { return waiting }
            let before = state.running
            // Unstructured: it is several callers' work, and must not end because the first of them is cancelled.
            let task = Task {
                _ = await before?.result
                self.begin()
                return try await work()
            }
            state.waiting = task
            return task
        }
        return try await task.value
    }

    private func begin() {
        state.withLock { state in
            state.running = state.waiting
            state.waiting = nil
        }
    }
}
