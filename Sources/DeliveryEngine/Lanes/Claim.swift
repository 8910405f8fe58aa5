internal import Domain

/// A delivery that this process holds under its lease, on its way through a lane.
///
/// A class because it is passed from hand to hand at every step, and a message is large; it never changes.
final class Claim: Sendable {
    let message: OutboundMessage
    /// Claims of different groups never share a request.
    let group: String
    /// The attempt to come is the one retry after a `refreshed` verdict.
    let isRefreshed: Bool
    /// How often the provider has refused the request that this was part of as a batch.
    let splits: Int
    /// How often it was handed from one version of the credential to the other.
    let changes: Int

    init(_ message: OutboundMessage, group: String = "", isRefreshed: Bool = false, splits: Int = 0, changes: Int = 0) {
        self.message = message
        self.group = group
        self.isRefreshed = isRefreshed
        self.splits = splits
        self.changes = changes
    }

    var delivery: Delivery { message.delivery }
}
