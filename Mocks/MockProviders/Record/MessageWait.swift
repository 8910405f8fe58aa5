import Synchronization

/// One caller that waits for messages, from Swift.
struct MessageWait: Sendable {
    let log: MessageLog
    let filter: MessageFilter
    let count: Int

    /// Whether they came in time.
    func value(timeout: Duration) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { try await arrived() }
            group.addTask {
                try await Task.sleep(for: timeout)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func arrived() async throws -> Bool {
        let waiter = Mutex<WaiterState>(.fresh)
        return try await withTaskCancellationHandler {
            let came: Bool = await withCheckedContinuation { continuation in
                let number = log.wait(filter, minimum: count) { continuation.resume(returning: $0) }
                guard let number else { return }
                let isCancelled = waiter.withLock { state in
                    defer { if state == .fresh { state = .waiting(number) } }
                    return state == .cancelled
                }
                if isCancelled { log.cancel(number) }
            }
            try Task.checkCancellation()
            return came
        } onCancel: {
            let state = waiter.withLock { state in
                defer { state = .cancelled }
                return state
            }
            if case .waiting(let number) = state { log.cancel(number) }
        }
    }

    private enum WaiterState: Equatable {
        case fresh
        case waiting(Int)
        case cancelled
    }
}
