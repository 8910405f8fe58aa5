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

    public init(lane: LaneKey, condition: Condition, inFlight: Int, waiting: Int, hasBacklog: Bool, dueSince: Timestamp? = nil) {
        self.lane = lane
        self.condition = condition
        self.inFlight = inFlight
        self.waiting = waiting
        self.hasBacklog = hasBacklog
        self.dueSince = dueSince
    }
}

extension LaneState {
    /// What needs a person about the lane's credential; nil while it is let in.
    public var alarm: CredentialAlarm? {
        guard case .credentialRefused(let reason, let probeAt) = condition else { return nil }
        let message =
            reason == "no_credential"
            ? "there is no such credential any more, and deliveries wait for it: set it again, or cancel them"
            : "the provider refuses it (\(reason)); its deliveries wait until it is mended, and one of them tries again at \(probeAt.rfc3339Seconds)"
        return CredentialAlarm(lane: lane, kind: .refused, message: message)
    }
}
