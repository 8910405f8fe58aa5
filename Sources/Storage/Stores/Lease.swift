/// A running gateway's name on the deliveries that it works on. One row says until when all of them hold.
public struct Lease: Sendable, Hashable {
    /// Unlike any other gateway's, and any earlier life of this one.
    public var holder: String

    public init(holder: String) {
        self.holder = holder
    }
}
