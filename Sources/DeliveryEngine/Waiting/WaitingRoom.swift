internal import Domain
internal import Synchronization

/// Where callers wait for what they sent to be settled. Nobody polls: a settlement that is on disk resumes them, or the end of their time does.
final class WaitingRoom: Sendable {
    /// Ends of waiting that lie this close together share one ring of the alarm.
    private static let grain: Int64 = 50_000

    private struct State {
        var waiters = Waiters()
        var continuations: [Int: CheckedContinuation<Waiters.Finished, Never>] = [:]
        /// Finished between `enter` and `wait`.
        var early: [Int: Waiters.Finished] = [:]
        var ends: [Int64: [Int]] = [:]
        var nextWaiter = 0
        var isOpen = false
    }

    /// A delivery has come to a state in which it stays.
    typealias News = (notification: String, state: DeliveryState, error: String?)

    private let state = Mutex(State())
    /// Callers wait for so long, not until some time of day.
    private let time: SteadyTime
    private let alarm: Alarm

    init(time: any TimeSource) {
        self.time = SteadyTime(base: time)
        alarm = Alarm(time: self.time)
    }

    /// Lets callers wait from now on. Before, and after `close`, nobody is made to: nothing would be settled.
    func open() { state.withLock { $0.isOpen = true } }

    /// Times the waiting until `close`.
    func run() async {
        await alarm.run { ring(now: time.now) }
        close()
    }

    func close() {
        let finished = state.withLock { state in
            state.isOpen = false
            return state.waiters.detachAll()
        }
        resume(finished)
        alarm.stop()
    }

    /// True when nobody waits and nothing is remembered for whoever might.
    var isEmpty: Bool { state.withLock(\.waiters.isEmpty) }

    func track(_ notifications: some Sequence<Notification>) {
        state.withLock { state in
            for notification in notifications where !notification.tally.isSettled {
                state.waiters.track(notification.id, Waiters.Standing(tally: notification.tally, error: notification.error))
            }
        }
    }

    /// Deliveries that have come to a state in which they stay, by notification.
    func settled(_ news: [News]) {
        guard !news.isEmpty else { return }
        let finished = state.withLock { state in
            news.flatMap { state.waiters.delivery(of: $0.notification, became: $0.state, error: $0.error) }
        }
        resume(finished)
    }

    /// Takes a place. It has to be followed by `wait`.
    ///
    /// - Parameter end: of `SteadyTime`.
    /// - Returns: the place, and the notifications that have to be looked up; nil when nobody may wait.
    func enter(for notifications: [String], until end: Timestamp) -> (waiter: Int, unknown: [String])? {
        let place: (Int, [String])? = state.withLock { state in
            guard state.isOpen else { return nil }
            let waiter = state.nextWaiter
            state.nextWaiter += 1
            let unknown = state.waiters.attach(waiter, to: notifications)
            state.ends[end.microseconds / Self.grain + 1, default: []].append(waiter)
            return (waiter, unknown)
        }
        if place != nil { alarm.set(Timestamp(microseconds: (end.microseconds / Self.grain + 1) * Self.grain)) }
        return place
    }

    /// What the database said of an unknown one.
    func lookedUp(settled notifications: [String]) {
        let finished = state.withLock { state in notifications.flatMap { state.waiters.settled($0) } }
        resume(finished)
    }

    /// Returns when all is settled, the time is over, or the task is cancelled.
    func wait(_ waiter: Int) async -> [String: Waiters.Standing] {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state -> Waiters.Finished? in
                    if let early = state.early.removeValue(forKey: waiter) { return early }
                    state.continuations[waiter] = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }.standings
        } onCancel: {
            leave(waiter)
        }
    }

    private func leave(_ waiter: Int) {
        if let finished = state.withLock({ $0.waiters.detach(waiter) }) { resume([finished]) }
    }

    private func ring(now: Timestamp) {
        let (finished, next) = state.withLock { state -> ([Waiters.Finished], Int64?) in
            let over = state.ends.keys.filter { $0 * Self.grain <= now.microseconds }
            var finished: [Waiters.Finished] = []
            for end in over {
                for waiter in state.ends.removeValue(forKey: end) ?? [] {
                    if let one = state.waiters.detach(waiter) { finished.append(one) }
                }
            }
            return (finished, state.ends.keys.min())
        }
        resume(finished)
        if let next { alarm.set(Timestamp(microseconds: next * Self.grain)) }
    }

    private func resume(_ finished: [Waiters.Finished]) {
        guard !finished.isEmpty else { return }
        let ready = state.withLock { state in
            finished.compactMap { one -> (CheckedContinuation<Waiters.Finished, Never>, Waiters.Finished)? in
                guard let continuation = state.continuations.removeValue(forKey: one.waiter) else {
                    state.early[one.waiter] = one
                    return nil
                }
                return (continuation, one)
            }
        }
        for (continuation, one) in ready { continuation.resume(returning: one) }
    }
}
