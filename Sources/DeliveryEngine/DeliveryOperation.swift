public import Domain

/// What people do to deliveries, one by one or many at once.
public enum DeliveryOperation: String, Sendable, Hashable {
    case retry
    case cancel

    /// The one state in which a delivery lets it be done.
    public var state: DeliveryState {
        switch self {
        case .retry: .failed
        case .cancel: .queued
        }
    }
}

/// Why a delivery is left as it is. Whoever asked is told: nothing is passed over in silence.
public enum Obstacle: String, Sendable, Hashable, CaseIterable {
    /// Its deadline has passed: it would fail again without an attempt.
    case expired
    /// Its mail address is suppressed.
    case suppressed
    /// No credential serves it.
    case noCredential = "no_credential"
    /// It was sent, settled or operated on between our look and our write.
    case changedMeanwhile = "changed_meanwhile"

    /// The fault and its remedy, for the caller.
    public func words(for delivery: Delivery) -> String {
        switch self {
        case .expired:
            "Its deadline (expires_at \(delivery.expiresAt?.rfc3339Seconds ?? "")) has passed, and it would fail again without an attempt; send a new one"
        case .suppressed: "Its mail address is suppressed; take it off the suppression list first"
        case .noCredential:
            "No \(delivery.lane.provider.rawValue) credential serves the organisation \(delivery.orgID) for it; set one first"
        case .changedMeanwhile: "Its state has changed meanwhile"
        }
    }
}

/// What an operation on many deliveries came to, in one of its calls.
public struct OperationReport: Sendable {
    public struct Group: Sendable, Hashable {
        public var state: DeliveryState
        public var provider: ProviderName
        /// Nil for none, and for those beyond `mostGroups`.
        public var reason: String?

        public init(state: DeliveryState, provider: ProviderName, reason: String?) {
            self.state = state
            self.provider = provider
            self.reason = reason
        }
    }

    /// Reasons are the providers' words: there may be any number of them.
    public static let mostGroups = 200
    public static let sampled = 5

    /// Deliveries that the filter let through.
    public internal(set) var matched = 0
    /// Of these, those that nothing stands in the way of.
    public internal(set) var eligible = 0
    /// Of these, those that were changed; none in a dry run.
    public internal(set) var changed = 0
    public internal(set) var obstacles: [Obstacle: Int] = [:]
    public internal(set) var groups: [Group: Int] = [:]
    /// The first of those that are eligible, as they stood.
    public internal(set) var sample: [Delivery] = []
    /// Where the next call goes on; nil when all have been seen.
    public internal(set) var next: Identifier?

    public init() {}
}

extension OperationReport {
    mutating func note(_ delivery: Delivery, obstacle: Obstacle?) {
        matched += 1
        let group = Group(state: delivery.state, provider: delivery.lane.provider, reason: delivery.reason)
        if groups[group] != nil || groups.count < Self.mostGroups {
            groups[group, default: 0] += 1
        } else {
            groups[Group(state: group.state, provider: group.provider, reason: nil), default: 0] += 1
        }
        if let obstacle {
            obstacles[obstacle, default: 0] += 1
        } else {
            eligible += 1
            if sample.count < Self.sampled { sample.append(delivery) }
        }
    }
}
