public import Domain

/// A notification with its deliveries, to be made durable together. Deliveries in state `sending` are inserted already leased to `lease`.
public struct NewNotification: Sendable {
    public var notification: Notification
    public var deliveries: [Delivery]

    public init(notification: Notification, deliveries: [Delivery]) {
        self.notification = notification
        self.deliveries = deliveries
    }
}

/// A running gateway's name on the deliveries that it works on. One row says until when all of them hold.
public struct Lease: Sendable, Hashable {
    /// Unlike any other gateway's, and any earlier life of this one.
    public var holder: String

    public init(holder: String) {
        self.holder = holder
    }
}

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

/// A lane's backlog on disk: how much, and when its next delivery is due.
public struct Backlog: Sendable, Hashable {
    public var lane: LaneKey
    public var nextAttemptAt: Timestamp

    public init(lane: LaneKey, nextAttemptAt: Timestamp) {
        self.lane = lane
        self.nextAttemptAt = nextAttemptAt
    }
}

/// A ticket to be asked about.
public struct OpenReceipt: Sendable, Hashable {
    public var ticket: String
    public var delivery: Delivery
    public var askedTimes: Int

    public init(ticket: String, delivery: Delivery, askedTimes: Int) {
        self.ticket = ticket
        self.delivery = delivery
        self.askedTimes = askedTimes
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

/// The queue on disk: what the engine writes and claims.
///
/// Writes go through group commit: all that wait for the disk at a moment share one transaction.
/// Results are written only where the row is still in the state that we think, so that a late gateway can't overwrite a rescue or a cancel.
public struct DeliveryQueue: Sendable {
    public init(_ committer: GroupCommit) {
        fatalError("to be built")
    }

    /// Makes notifications and deliveries durable; all of the call or nothing.
    /// - Parameter idempotency: marks that key in the same transaction as "enqueued under this reference".
    public func insert(_ batch: [NewNotification], lease: Lease, idempotency: IdempotencyMark? = nil) async throws {
        fatalError("to be built")
    }

    /// Claims due deliveries of a lane, high priority first, oldest first: one statement, `queued` → `sending`.
    public func claim(lane: LaneKey, limit: Int, now: Timestamp, lease: Lease) async throws -> [OutboundMessage] {
        fatalError("to be built")
    }

    /// Writes results: delivery, attempt row, notification tally, token invalidation (by compare-and-set on `registeredAt`), receipt.
    /// - Returns: for each settlement whether it was written; false when the delivery is no longer ours.
    public func settle(_ settlements: [Settlement], lease: Lease) async throws -> [Bool] {
        fatalError("to be built")
    }

    /// Puts deliveries back to `queued` without an attempt (shutdown, lost credential, paused lane).
    public func release(_ ids: [Identifier], nextAttemptAt: Timestamp, lease: Lease) async throws {
        fatalError("to be built")
    }

    /// Withdraws a queued delivery. False when it was not queued (any more).
    public func cancel(_ id: Identifier, scope: OrgScope, now: Timestamp) async throws -> Bool {
        fatalError("to be built")
    }

    /// Queues a failed delivery again, attempts kept. False when it was not failed.
    public func retry(_ id: Identifier, scope: OrgScope, now: Timestamp) async throws -> Bool {
        fatalError("to be built")
    }

    /// Lanes with queued deliveries, and when each has its next one due. Served by an index; costs per lane, not per row.
    public func backlog() async throws -> [Backlog] {
        fatalError("to be built")
    }

    /// Fails queued deliveries whose deadline has passed, at most `limit` of them; gives the deliveries so that waiting callers hear of it.
    public func expire(now: Timestamp, limit: Int) async throws -> [Delivery] {
        fatalError("to be built")
    }

    /// Says that this gateway lives until then. The first call registers it.
    public func renew(_ lease: Lease, until: Timestamp) async throws {
        fatalError("to be built")
    }

    /// Gives back what dead gateways hold: leases past their time, or, when this process is known to be alone on the database, every lease but its own.
    /// - Returns: the number of deliveries that are queued again.
    public func reap(now: Timestamp, alone: Bool, lease: Lease) async throws -> Int {
        fatalError("to be built")
    }

    /// Gives the lease itself back at the end of an orderly shutdown.
    public func surrender(_ lease: Lease, now: Timestamp) async throws {
        fatalError("to be built")
    }

    public func dueReceipts(now: Timestamp, limit: Int) async throws -> [OpenReceipt] {
        fatalError("to be built")
    }

    public func settleReceipts(_ settlements: [ReceiptSettlement], now: Timestamp) async throws {
        fatalError("to be built")
    }

    /// When the next receipt is due; nil when none is open.
    public func nextReceiptDueAt() async throws -> Timestamp? {
        fatalError("to be built")
    }
}
