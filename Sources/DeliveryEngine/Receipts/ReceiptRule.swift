internal import Domain
internal import Storage

/// What an Expo receipt, or its absence, means for its delivery. Pure.
struct ReceiptRule: Sendable {
    /// Expo keeps receipts for a day.
    static let kept: Duration = .seconds(86_400)

    let retry: RetryPolicy
    let interval: Duration

    /// - Parameter outcome: the receipt; nil when there is none yet, or when it could not be asked for.
    /// - Parameter unit: a random number in 0 ..< 1, for the jitter.
    func settle(_ receipt: OpenReceipt, _ outcome: Outcome?, now: Timestamp, unit: Double) -> ReceiptSettlement {
        guard let outcome else { return ReceiptSettlement(receipt: receipt, outcome: nil, action: absent(receipt, now: now)) }
        let delivery = receipt.delivery
        // The attempt that got the ticket is counted already.
        let attempt = RetryPolicy.Attempt(
            number: delivery.attempts, held: delivery.heldAttempts, isRefreshed: true, createdAt: delivery.createdAt, expiresAt: delivery.expiresAt)
        let next = retry.next(after: verdict(outcome.verdict), attempt, now: now, unit: unit)
        let error = FaultWords.describe(outcome, next: next, lane: delivery.lane, attempt: attempt)
        return ReceiptSettlement(receipt: receipt, outcome: outcome, action: .closed(next: next, error: error))
    }

    /// The question failed: ask again after what the answer demands, but not more often than usual.
    func postpone(_ receipt: OpenReceipt, after outcome: Outcome, now: Timestamp) -> ReceiptSettlement {
        var wait = interval
        if case .deferred(let demanded) = outcome.verdict { wait = max(wait, demanded.floor, demanded.retryAfter ?? .zero) }
        return ReceiptSettlement(receipt: receipt, outcome: nil, action: absent(receipt, wait: wait, now: now))
    }

    private func absent(_ receipt: OpenReceipt, wait: Duration? = nil, now: Timestamp) -> ReceiptSettlement.Action {
        let end = receipt.sentAt + Self.kept
        if now >= end { return .gaveUp(note: "No receipt came within 24 hours") }
        return .askAgain(at: min(now + (wait ?? interval), end))
    }

    /// A receipt closes its delivery or queues it again, each time for itself: what would pause a lane or split a request at sending has no such
    /// meaning here.
    private func verdict(_ verdict: Verdict) -> Verdict {
        switch verdict {
        case .accepted, .awaitingReceipt: .accepted
        case .deferred(let wait): .deferred(Wait(floor: wait.floor, retryAfter: wait.retryAfter, scope: .delivery))
        case .refreshed, .split, .unknown(resend: true): .deferred(Wait())
        case .rejected, .misbuilt, .recipientGone, .credentialRefused, .unknown: verdict
        }
    }
}
