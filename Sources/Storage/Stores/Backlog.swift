public import Domain

/// A lane's backlog on disk: how much, and when its next delivery is due.
public struct Backlog: Sendable, Hashable {
    public var lane: LaneKey
    public var nextAttemptAt: Timestamp

    public init(lane: LaneKey, nextAttemptAt: Timestamp) {
        self.lane = lane
        self.nextAttemptAt = nextAttemptAt
    }
}
