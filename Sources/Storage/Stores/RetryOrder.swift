public import Domain

/// A failed delivery that is to be queued again.
public struct RetryOrder: Sendable, Hashable {
    public var id: Identifier
    /// The lane that it goes through now; nil: the one that it went through before.
    public var lane: LaneKey?

    public init(id: Identifier, lane: LaneKey? = nil) {
        self.id = id
        self.lane = lane
    }
}
