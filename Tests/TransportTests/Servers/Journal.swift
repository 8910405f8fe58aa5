import Synchronization

/// What a server received, in order, and a way to wait for it.
final class Journal<Entry: Sendable>: Sendable {
    private struct State {
        var entries: [Entry] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var entries: [Entry] { state.withLock { $0.entries } }

    /// Returns the entry's number, from 1.
    @discardableResult
    func record(_ make: (Int) -> Entry) -> Entry {
        let (entry, ready) = state.withLock { state in
            let entry = make(state.entries.count + 1)
            state.entries.append(entry)
            let count = state.entries.count
            let ready = state.waiters.filter { $0.count <= count }
            state.waiters.removeAll { $0.count <= count }
            return (entry, ready)
        }
        for waiter in ready { waiter.continuation.resume() }
        return entry
    }

    /// Returns when at least `count` entries are there.
    func reaches(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.entries.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
