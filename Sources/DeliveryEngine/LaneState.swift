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

    public init(lane: LaneKey, condition: Condition, inFlight: Int, waiting: Int, hasBacklog: Bool) {
        self.lane = lane
        self.condition = condition
        self.inFlight = inFlight
        self.waiting = waiting
        self.hasBacklog = hasBacklog
    }
}
