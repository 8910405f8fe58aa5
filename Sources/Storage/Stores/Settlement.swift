public import Domain

/// An attempt's result to be written, if the lease is still ours.
///
/// A class because it waits in several lists on its way to the disk; it never changes.
public final class Settlement: Sendable {
    /// What was sent.
    public let message: OutboundMessage
    public let outcome: Outcome
    public let next: RetryPolicy.Next
    /// In words for the caller; stored as the delivery's `error` when it failed or waits.
    public let error: String?
    public let startedAt: Timestamp
    public let endedAt: Timestamp
    /// When to ask for the receipt; with `next == .awaitingReceipt` only.
    public let receiptDueAt: Timestamp?

    public init(
        _ message: OutboundMessage, outcome: Outcome, next: RetryPolicy.Next, error: String?, startedAt: Timestamp, endedAt: Timestamp,
        receiptDueAt: Timestamp? = nil
    ) {
        self.message = message
        self.outcome = outcome
        self.next = next
        self.error = error
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.receiptDueAt = receiptDueAt
    }

    @inlinable public var delivery: Delivery { message.delivery }
}
