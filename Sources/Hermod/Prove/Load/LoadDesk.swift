import Synchronization

/// Hands orders to callers, as far as the run has been released, and tells when they are done.
final class LoadDesk: Sendable {
    private struct State {
        var book: OrderBook
        var limit = 0
        var isClosed = false
        var isAbandoned = false
        var underWay = 0
        var waiting: [CheckedContinuation<Order?, Never>] = []
        var watchers: [(number: Int, needsIdle: Bool, resume: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(book: OrderBook(seed: seed)))
    }

    var handedOut: Int { state.withLock { $0.book.next } }

    /// The next order; nil when there will be none.
    func take() async -> Order? {
        await withCheckedContinuation { continuation in
            let order: Order?? = state.withLock { state in
                if state.book.next < state.limit, !state.isAbandoned {
                    state.underWay += 1
                    return .some(state.book.draw(below: state.limit))
                }
                if state.isClosed { return .some(nil) }
                state.waiting.append(continuation)
                return nil
            }
            notify()
            if let order { continuation.resume(returning: order) }
        }
    }

    func done() {
        state.withLock { $0.underWay -= 1 }
        notify()
    }

    /// Lets callers have all numbers below that one.
    func release(below limit: Int) {
        let ready = state.withLock { state in
            state.limit = max(state.limit, limit)
            var ready: [(CheckedContinuation<Order?, Never>, Order)] = []
            while state.book.next < state.limit, let caller = state.waiting.popLast() {
                state.underWay += 1
                ready.append((caller, state.book.draw(below: state.limit)))
            }
            return ready
        }
        for (caller, order) in ready { caller.resume(returning: order) }
        notify()
    }

    func close() {
        let waiting = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for caller in waiting { caller.resume(returning: nil) }
    }

    /// Nobody gets anything any more, and nobody waits: the run has failed.
    func abandon() {
        close()
        let watchers = state.withLock { state in
            state.isAbandoned = true
            defer { state.watchers = [] }
            return state.watchers
        }
        for watcher in watchers { watcher.resume.resume() }
    }

    /// Returns when all numbers below that one have been handed out.
    func handedOut(below number: Int) async { await reach(number, idle: false) }

    /// Returns when the calls for all numbers below that one have ended, too.
    func finished(below number: Int) async { await reach(number, idle: true) }

    private func reach(_ number: Int, idle: Bool) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0.watchers.append((number, idle, continuation)) }
            notify()
        }
    }

    private func notify() {
        let reached = state.withLock { state in
            let isReached = { (watcher: (number: Int, needsIdle: Bool, resume: CheckedContinuation<Void, Never>)) in
                state.isAbandoned || state.book.next >= watcher.number && (!watcher.needsIdle || state.underWay == 0)
            }
            let reached = state.watchers.filter(isReached)
            if !reached.isEmpty { state.watchers.removeAll(where: isReached) }
            return reached
        }
        for watcher in reached { watcher.resume.resume() }
    }
}
