internal import Domain
internal import Logging
internal import Storage

extension Dispatcher {
    /// One line per attempt, with all its fields: quiet where all went well, since that is the rule at ten thousand a second.
    func log(_ settlement: Settlement) {
        let level: Logger.Level =
            switch settlement.outcome.verdict {
            case .accepted, .awaitingReceipt: .debug
            case .deferred, .refreshed, .split, .rejected, .recipientGone: .info
            case .misbuilt, .credentialRefused, .unknown: .warning
            }
        guard logger.logLevel <= level else { return }
        let delivery = settlement.delivery
        let outcome = settlement.outcome
        var metadata: Logger.Metadata = [
            "delivery": "\(delivery.idText)", "notification": "\(delivery.notificationID)", "lane": "\(delivery.lane)",
            "target": "\(Masking.mask(delivery.target.address))", "rule": "\(outcome.rule)", "attempt": "\(delivery.attempts + 1)",
            "ms": "\((settlement.endedAt - settlement.startedAt).milliseconds)", "next": "\(settlement.next.word)",
        ]
        if let status = outcome.status { metadata["status"] = "\(status)" }
        if let reason = outcome.reason { metadata["reason"] = "\(reason)" }
        if case .queued(let at, _) = settlement.next { metadata["next_attempt_at"] = "\(at.rfc3339Milliseconds)" }
        logger.log(level: level, "delivery.attempted", metadata: metadata)
    }
}

extension RetryPolicy.Next {
    fileprivate var word: String {
        switch self {
        case .settled(let state): state.rawValue
        case .awaitingReceipt: "sent"
        case .queued(_, let counted): counted ? "queued" : "held"
        case .again: "again"
        case .split: "split"
        }
    }
}
