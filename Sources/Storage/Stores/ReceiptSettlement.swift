public import Domain

/// A ticket to be asked about.
public struct OpenReceipt: Sendable, Hashable {
    public var ticket: String
    public var delivery: Delivery
    /// How often it was asked about in vain.
    public var askedTimes: Int
    /// When the provider gave the ticket: receipts are kept for 24 hours from then.
    public var sentAt: Timestamp

    public init(ticket: String, delivery: Delivery, askedTimes: Int, sentAt: Timestamp) {
        self.ticket = ticket
        self.delivery = delivery
        self.askedTimes = askedTimes
        self.sentAt = sentAt
    }
}

/// What a receipt's verdict does to its delivery.
public struct ReceiptSettlement: Sendable {
    public enum Action: Sendable {
        /// Delivered, failed, or queued again; the receipt is closed.
        case closed(next: RetryPolicy.Next, error: String?)
        /// No receipt yet: ask again then.
        case askAgain(at: Timestamp)
        /// None came within 24 hours: delivered, with that note.
        case gaveUp(note: String)
    }

    public var receipt: OpenReceipt
    /// Nil with `askAgain` and `gaveUp`.
    public var outcome: Outcome?
    public var action: Action

    public init(receipt: OpenReceipt, outcome: Outcome?, action: Action) {
        self.receipt = receipt
        self.outcome = outcome
        self.action = action
    }
}
