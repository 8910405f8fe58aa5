import Synchronization

/// What FCM remembers in one run: who has subscribed to which topic, and how fast each project and device is sent to.
final class FCMState: Sendable {
    /// Registrations remembered with their topics; beyond it the mock begins anew.
    static let registrationLimit = 100_000

    private struct State {
        /// Project, registration, topic; milliseconds since 1970.
        var subscriptions: [String: [String: [String: Int64]]] = [:]
        var buckets: [String: TokenBucket] = [:]
        var sent: [String: (minute: Int64, count: Int)] = [:]
    }

    private let state = Mutex(State())

    // MARK: Topics

    /// False when it is subscribed already.
    func subscribe(_ registration: String, to topic: String, project: String, now: Int64) -> Bool {
        state.withLock { state in
            if state.subscriptions[project, default: [:]].count >= Self.registrationLimit { state.subscriptions[project] = [:] }
            guard state.subscriptions[project]?[registration]?[topic] == nil else { return false }
            state.subscriptions[project, default: [:]][registration, default: [:]][topic] = now
            return true
        }
    }

    /// False when it was not subscribed.
    func unsubscribe(_ registration: String, from topic: String, project: String) -> Bool {
        state.withLock { state in
            guard state.subscriptions[project]?[registration]?.removeValue(forKey: topic) != nil else { return false }
            if state.subscriptions[project]?[registration]?.isEmpty == true { state.subscriptions[project]?[registration] = nil }
            return true
        }
    }

    /// The topics of one registration, with the time of each subscription.
    func topics(of registration: String, project: String) -> [String: Int64] {
        state.withLock { $0.subscriptions[project]?[registration] ?? [:] }
    }

    /// Whom a message reaches that is sent to those who fulfil the condition.
    func registrations(fulfilling condition: TopicCondition, project: String) -> [String] {
        state.withLock { state in
            (state.subscriptions[project] ?? [:]).filter { condition.holds(for: Set($0.value.keys)) }.keys.sorted()
        }
    }

    /// Each topic with its subscribers.
    func subscribers(project: String) -> [String: [String]] {
        state.withLock { state in
            var byTopic: [String: [String]] = [:]
            for (registration, topics) in state.subscriptions[project] ?? [:] {
                for topic in topics.keys { byTopic[topic, default: []].append(registration) }
            }
            return byTopic.mapValues { $0.sorted() }
        }
    }

    // MARK: Quotas

    /// Nil when the project may send another message at `perMinute`; else how long it has to wait.
    func wait(project: String, perMinute: Int, now: Int64) -> Duration? {
        state.withLock { state in
            var bucket = state.buckets[project] ?? TokenBucket(capacity: perMinute, perSecond: Double(perMinute) / 60, now: now)
            defer { state.buckets[project] = bucket }
            return bucket.take(1, now: now) ? nil : bucket.wait(for: 1)
        }
    }

    /// Whether the device may have another message in this minute.
    func admits(device: String, perMinute: Int, now: Int64) -> Bool {
        state.withLock { state in
            let minute = now / 60_000
            let before = state.sent[device].map { $0.minute == minute ? $0.count : 0 } ?? 0
            guard before < perMinute else { return false }
            if state.sent.count >= Self.registrationLimit { state.sent = [:] }
            state.sent[device] = (minute, before + 1)
            return true
        }
    }

    func removeAll() {
        state.withLock { $0 = State() }
    }
}
