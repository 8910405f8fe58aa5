public import Domain

/// An attempt's result to be written, if the lease is still ours.
///
/// A class because it waits in several lists on its way to the disk, and holds a whole delivery; it never changes.
public final class Settlement: Sendable {
    public let delivery: Delivery
    public let outcome: Outcome
    public let next: RetryPolicy.Next
    /// In words for the caller; stored as the delivery's `error` when it failed or waits.
    public let error: String?
    public let startedAt: Timestamp
    public let endedAt: Timestamp
    /// When to ask for the receipt; with `next == .awaitingReceipt` only.
    public let receiptDueAt: Timestamp?
    /// Where the delivery's notification stands; nil to have it looked up.
    public let place: NotificationPlace?

    public init(
        delivery: Delivery, outcome: Outcome, next: RetryPolicy.Next, error: String?, startedAt: Timestamp, endedAt: Timestamp,
        receiptDueAt: Timestamp? = nil, place: NotificationPlace? = nil
    ) {
        self.delivery = delivery
        self.outcome = outcome
        self.next = next
        self.error = error
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.receiptDueAt = receiptDueAt
        self.place = place
    }
}
