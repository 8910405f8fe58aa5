import Synchronization

/// What a test has told about single device tokens. The mock takes every other token for one of its app, in both environments.
final class APNsDevices: Sendable {
    /// What APNs knows of one device token.
    struct Device: Sendable, Hashable {
        var environment: APNsEnvironment?
        /// Empty for every topic of the account.
        var topics: Set<String> = []
        /// Milliseconds since 1970; the answer is 410 with this timestamp.
        var unregisteredAt: Int64?
        /// The 410 is `ExpiredToken` instead of `Unregistered`.
        var isExpired = false
        /// Pushes in any minute beyond which the answer is 429 TooManyRequests.
        var perMinute: Int?
    }

    struct Refusal: Sendable, Hashable {
        var reason: String
        var timestamp: Int64?
    }

    private struct State {
        var devices: [String: Device] = [:]
        var sent: [String: (minute: Int64, count: Int)] = [:]
    }

    private let state = Mutex(State())
    private let isEmpty = Atomic<Bool>(true)

    func set(_ token: String, _ device: Device?) {
        state.withLock { state in
            state.devices[token.lowercased()] = device
            isEmpty.store(state.devices.isEmpty, ordering: .releasing)
        }
    }

    func device(_ token: String) -> Device? { state.withLock { $0.devices[token.lowercased()] } }

    func removeAll() {
        state.withLock { $0 = State() }
        isEmpty.store(true, ordering: .releasing)
    }

    /// Why the device can't be reached so, before anybody asks who sends.
    func refusal(of token: String, topic: String?, environment: APNsEnvironment) -> Refusal? {
        guard !isEmpty.load(ordering: .acquiring), let device = device(token) else { return nil }
        if let own = device.environment, own != environment { return Refusal(reason: "BadDeviceToken") }
        if let moment = device.unregisteredAt {
            return Refusal(reason: device.isExpired ? "ExpiredToken" : "Unregistered", timestamp: moment)
        }
        if !device.topics.isEmpty, let topic, !device.topics.contains(topic) { return Refusal(reason: "DeviceTokenNotForTopic") }
        return nil
    }

    /// Counts a push that is otherwise well-formed; false when the device has had too many.
    func admits(_ token: String, now: Int64) -> Bool {
        guard !isEmpty.load(ordering: .acquiring) else { return true }
        return state.withLock { state in
            guard let limit = state.devices[token]?.perMinute else { return true }
            let minute = now / 60_000
            let before = state.sent[token].map { $0.minute == minute ? $0.count : 0 } ?? 0
            guard before < limit else { return false }
            state.sent[token] = (minute, before + 1)
            return true
        }
    }
}
