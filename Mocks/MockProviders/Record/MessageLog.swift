import Synchronization

/// What the mock has received: the last ones whole, all of them counted. Memory is bounded by `retention`, `payloadBudget` and
/// `identityRetention`.
final class MessageLog: Sendable {
    static let identityRetention = 200_000

    /// Bytes of payloads kept: ten thousand mails of 25 MiB must not fit.
    private let payloadBudget: Int

    private struct Waiter {
        var filter: MessageFilter
        var missing: Int
        var resume: @Sendable (Bool) -> Void
    }

    private struct State {
        var messages: Ring<ReceivedMessage>
        var deliveries = DeliveryCounts(retention: identityRetention)
        var statistics = Statistics()
        var waiters: [Int: Waiter] = [:]
        var received = 0
        var nextWaiter = 0
        var payloadBytes = 0
        /// The number of the oldest message that still has its payload.
        var oldestWhole = 1
        var observers: [Int: @Sendable () -> Void] = [:]
        var generation = 0
    }

    private let state: Mutex<State>

    init(retention: Int, payloadBudget: Int = 256 << 20) {
        self.payloadBudget = payloadBudget
        state = Mutex(State(messages: Ring(capacity: max(1, retention))))
    }

    func record(_ message: ReceivedMessage) {
        let (satisfied, observers): ([Waiter], [@Sendable () -> Void]) = state.withLock { state in
            state.received += 1
            var message = message
            message.number = state.received
            state.payloadBytes += message.payload.count - (state.messages.oldestIfFull?.payload.count ?? 0)
            state.messages.append(message)
            Self.dropPayloads(&state, beyond: payloadBudget)
            state.statistics.count(message)
            if message.accepted { state.deliveries.count(message) }
            return (state.waiters.isEmpty ? [] : Self.tell(message, &state), Array(state.observers.values))
        }
        for waiter in satisfied { waiter.resume(true) }
        for observer in observers { observer() }
    }

    /// Lets go of the oldest payloads, but never of the newest.
    private static func dropPayloads(_ state: inout State, beyond budget: Int) {
        while state.payloadBytes > budget, state.oldestWhole < state.received {
            var dropped = 0
            state.messages.change(age: state.received - state.oldestWhole) { message in
                dropped = message.payload.count
                message.payload = []
                message.isPayloadDropped = dropped > 0
            }
            state.payloadBytes -= dropped
            state.oldestWhole += 1
        }
    }

    private static func tell(_ message: ReceivedMessage, _ state: inout State) -> [Waiter] {
        var satisfied: [Waiter] = []
        for (key, waiter) in state.waiters where waiter.filter.admits(message) {
            if waiter.missing == 1 {
                state.waiters[key] = nil
                satisfied.append(waiter)
            } else {
                state.waiters[key]?.missing -= 1
            }
        }
        return satisfied
    }

    /// The newest `limit` that the filter admits, oldest first.
    func messages(_ filter: MessageFilter, limit: Int = .max) -> [ReceivedMessage] {
        state.withLock { state in
            var found: [ReceivedMessage] = []
            for message in state.messages.newestFirst {
                // Numbers only fall from here: whoever asks again and again for what is new must not pay for all that is old.
                guard found.count < limit, message.number > filter.after ?? 0 else { break }
                if filter.admits(message) { found.append(message) }
            }
            return found.reversed()
        }
    }

    /// The message of that number, if it is still kept.
    func message(_ number: Int) -> ReceivedMessage? {
        state.withLock { state in state.messages.newestFirst.first { $0.number == number } }
    }

    /// How many have come since the start, and how often all was forgotten.
    var progress: (received: Int, generation: Int) { state.withLock { ($0.received, $0.generation) } }

    /// Calls `body` after each change, on whatever thread made it, until `endObserving`.
    func observe(_ body: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.nextWaiter += 1
            state.observers[state.nextWaiter] = body
            return state.nextWaiter
        }
    }

    func endObserving(_ number: Int) { state.withLock { $0.observers[number] = nil } }

    /// How many the filter admits. Those no longer kept count too, as long as the filter asks for nothing but provider and acceptance.
    func count(_ filter: MessageFilter) -> Int {
        state.withLock { Self.count(filter, $0) }
    }

    private static func count(_ filter: MessageFilter, _ state: State) -> Int {
        if filter.asksForCountsOnly { return state.statistics.messages(filter) }
        return state.messages.newestFirst.reduce(into: 0) { $0 += filter.admits($1) ? 1 : 0 }
    }

    /// Calls `resume` once: with true as soon as `minimum` messages have come, with false when they had not by the time of `cancel`.
    ///
    /// - Returns: the number to cancel by; nil when `resume` has been called already.
    func wait(_ filter: MessageFilter, minimum: Int, resume: @escaping @Sendable (Bool) -> Void) -> Int? {
        let waiter: Int? = state.withLock { state in
            let missing = minimum - Self.count(filter, state)
            guard missing > 0 else { return nil }
            state.nextWaiter += 1
            state.waiters[state.nextWaiter] = Waiter(filter: filter, missing: missing, resume: resume)
            return state.nextWaiter
        }
        if waiter == nil { resume(true) }
        return waiter
    }

    func cancel(_ waiter: Int) {
        state.withLock { $0.waiters.removeValue(forKey: waiter) }?.resume(false)
    }

    var duplicates: [Duplicate] { state.withLock { $0.deliveries.duplicates } }

    var statistics: Statistics { state.withLock { $0.statistics } }

    func count(_ change: @Sendable (inout Statistics) -> Void) {
        state.withLock { change(&$0.statistics) }
    }

    func removeAll() {
        let observers = state.withLock { state in
            state.generation += 1
            state.messages.removeAll()
            state.payloadBytes = 0
            state.oldestWhole = state.received + 1
            state.deliveries = DeliveryCounts(retention: Self.identityRetention)
            state.statistics = Statistics()
            return Array(state.observers.values)
        }
        for observer in observers { observer() }
    }
}
