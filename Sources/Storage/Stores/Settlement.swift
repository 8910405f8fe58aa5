public import Domain

/// An attempt's result to be written, if the lease is still ours.
public struct Settlement: Sendable {
    public var delivery: Delivery
    public var outcome: Outcome
    public var next: RetryPolicy.Next
    /// In words for the caller; stored as the delivery's `error` when it failed or waits.
    public var error: String?
    public var startedAt: Timestamp
    public var endedAt: Timestamp
    /// When to ask for the receipt; with `next == .awaitingReceipt` only.
    public var receiptDueAt: Timestamp?

    public init(
        delivery: Delivery, outcome: Outcome, next: RetryPolicy.Next, error: String?, startedAt: Timestamp, endedAt: Timestamp,
        receiptDueAt: Timestamp? = nil
    ) {
        self.delivery = delivery
        self.outcome = outcome
        self.next = next
        self.error = error
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.receiptDueAt = receiptDueAt
    }
}
