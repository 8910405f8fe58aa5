public import Domain

/// A lane as operators see it.
public struct LaneState: Sendable, Hashable {
    public enum Condition: Sendable, Hashable {
        case open
        /// The provider asked for a pause (429, busy relay).
        case throttled(until: Timestamp)
        /// The credential or the app's configuration is refused; one delivery probes at that time.
        case credentialRefused(reason: String, probeAt: Timestamp)
        /// The provider does not answer or fails; one delivery probes at that time.
        case broken(reason: String, probeAt: Timestamp)
    }

    public var lane: LaneKey
    public var condition: Condition
    /// Requests under way.
    public var inFlight: Int
    /// Claimed and waiting in memory.
    public var waiting: Int
    /// True when more of the lane waits on disk.
    public var hasBacklog: Bool
    /// Since when the next delivery on disk has been due; nil when none is, as far as is known without asking the database.
    public var dueSince: Timestamp?
    /// What the lane draws from, perhaps with others; nil while it has no credential. A lane that is `open` with deliveries in `waiting` is paced by it.
    public var quota: QuotaState?
    /// Set while the guard rail keeps the lane from killing tokens; its condition is `credentialRefused` then.
    public var guardRail: GuardRailState?

    public init(
        lane: LaneKey, condition: Condition, inFlight: Int, waiting: Int, hasBacklog: Bool, dueSince: Timestamp? = nil, quota: QuotaState? = nil,
        guardRail: GuardRailState? = nil
    ) {
        self.lane = lane
        self.condition = condition
        self.inFlight = inFlight
        self.waiting = waiting
        self.hasBacklog = hasBacklog
        self.dueSince = dueSince
        self.quota = quota
        self.guardRail = guardRail
    }
}

/// What a provider limits together (a project, a relay's account), as operators see it.
public struct QuotaState: Sendable, Hashable {
    /// `fcm/my-project`, `smtp/mail.example.org:587/3a96d4af24d74099`; a lane's own name where nothing is known that it shares.
    public var name: String
    /// Messages a second now.
    public var rate: Double
    /// Messages a second while the provider does not complain.
    public var ceiling: Double
    /// Until when the provider has asked for a pause; nil when none lasts.
    public var pausedUntil: Timestamp?
    /// The provider's word for why it last asked for fewer messages; nil once the rate is back at its ceiling.
    public var reason: String?
    /// Lanes that draw from it.
    public var lanes: Int
    /// How often the provider has asked for fewer messages, and for how long it was waited in all, since the quota came into use.
    public var throttles: Int
    public var throttled: Duration

    public init(
        name: String, rate: Double, ceiling: Double, pausedUntil: Timestamp? = nil, reason: String? = nil, lanes: Int = 1, throttles: Int = 0,
        throttled: Duration = .zero
    ) {
        self.name = name
        self.rate = rate
        self.ceiling = ceiling
        self.pausedUntil = pausedUntil
        self.reason = reason
        self.lanes = lanes
        self.throttles = throttles
        self.throttled = throttled
    }
}

/// Nearly all of a lane's tokens were called dead at once, which speaks of its credential: no token dies until the provider reaches one.
public struct GuardRailState: Sendable, Hashable {
    /// The verdict rule that nearly all fell under, and the provider's word for it.
    public var rule: String
    public var reason: String
    public var trippedAt: Timestamp
    /// Of so many verdicts in ten minutes, so many were of that rule.
    public var verdicts: Int
    public var alike: Int
    /// Tokens that had been killed by that rule in those ten minutes and were made active again.
    public var revived: Int

    public init(rule: String, reason: String, trippedAt: Timestamp, verdicts: Int, alike: Int, revived: Int = 0) {
        self.rule = rule
        self.reason = reason
        self.trippedAt = trippedAt
        self.verdicts = verdicts
        self.alike = alike
        self.revived = revived
    }
}

extension LaneState {
    /// What needs a person about the lane's credential; nil while it is let in.
    public var alarm: CredentialAlarm? {
        guard case .credentialRefused(let reason, let probeAt) = condition else { return nil }
        if let guardRail {
            let revived = guardRail.revived == 0 ? "" : "; \(guardRail.revived) that had been are active again"
            return CredentialAlarm(
                lane: lane, kind: .refused,
                message:
                    "nearly all of its messages are refused alike (\(guardRail.reason), \(guardRail.alike) of \(guardRail.verdicts) in ten minutes), "
                    + "as with a credential of another environment, project or app: no token is killed\(revived); "
                    + "set a credential that fits, or the same one again if the targets are at fault indeed")
        }
        let message =
            reason == "no_credential"
            ? "there is no such credential any more, and deliveries wait for it: set it again, or cancel them"
            : "the provider refuses it (\(reason)); its deliveries wait until it is mended, and one of them tries again at \(probeAt.rfc3339Seconds)"
        return CredentialAlarm(lane: lane, kind: .refused, message: message)
    }
}
