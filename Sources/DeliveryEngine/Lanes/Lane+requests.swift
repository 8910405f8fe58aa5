internal import Domain

extension Lane {
    /// One request to be made.
    struct Batch: Sendable {
        var claims: [Claim]
        /// The single delivery that shows whether a stopped lane may go on.
        var isProbe: Bool
        var epoch: Int
    }

    /// The next request; nil when the lane may not send now or has nothing to send.
    ///
    /// - Parameter expired: gets the claims whose deadline has passed, which are not sent any more.
    mutating func nextBatch(now: Timestamp, expired: inout [Claim]) -> Batch? {
        let admission = admission(now: now)
        while !waiting.isEmpty, inFlight < window {
            let granted =
                switch admission {
                case .free: limiter.take(min(waiting.count, batchLimit), fullBatch: batchLimit, now: now)
                case .probe: 1
                case .stopped: 0
                }
            guard granted > 0 else { return nil }
            let taken = waiting.takeBatch(limit: granted)
            let live = taken.filter { $0.delivery.expiresAt.map { $0 > now } ?? true }
            if live.count < taken.count { expired += taken.filter { $0.delivery.expiresAt.map { $0 <= now } ?? false } }
            if admission == .free { limiter.giveBack(granted - live.count) }
            guard !live.isEmpty else { continue }
            inFlight += 1
            if admission == .probe {
                credential.beginProbe()
                breaker.beginProbe()
            }
            return Batch(claims: live, isProbe: admission == .probe, epoch: epoch)
        }
        return nil
    }

    /// A request has ended: the lane learns from its outcomes and gives the outcomes to act on.
    mutating func ended(_ batch: Batch, outcomes: [Outcome], startedAt: Timestamp, now: Timestamp) -> [Outcome] {
        inFlight -= 1
        let judged = outcomes.map { guardRail.judge($0, now: now) }
        learnAboutProvider(from: judged, isProbe: batch.isProbe, now: now)
        learnAboutCredential(from: judged, of: batch, now: now)
        for case .deferred(let wait) in judged.lazy.map(\.verdict) where wait.scope == .lane {
            limiter.throttle(for: max(wait.floor, wait.retryAfter ?? .zero), sentAt: startedAt, now: now)
        }
        return judged
    }

    /// A request is one word about the provider's health: bad only when nothing in the answer shows it well.
    private mutating func learnAboutProvider(from outcomes: [Outcome], isProbe: Bool, now: Timestamp) {
        if outcomes.contains(where: { !$0.blamesProvider }) {
            breaker.recordGood(isProbe: isProbe, now: now)
        } else if let outcome = outcomes.first {
            breaker.recordBad(reason: outcome.reason ?? outcome.rule, isProbe: isProbe, now: now)
        }
    }

    private mutating func learnAboutCredential(from outcomes: [Outcome], of batch: Batch, now: Timestamp) {
        guard batch.epoch == epoch else { return }
        let refusal = zip(outcomes, batch.claims).first { outcome, claim in outcome.refusesCredential(afterRefresh: claim.isRefreshed) }?.0
        if let refusal {
            let reason = refusal.reason ?? refusal.rule
            if batch.isProbe { credential.probeFailed(reason: reason, now: now) }
            credential.shut(reason: reason, now: now)
        } else if batch.isProbe {
            if outcomes.contains(where: \.showsCredentialWorks) {
                credential.probeSucceeded()
            } else if case .refreshed = outcomes.first?.verdict {
                // The second attempt, with a fresh token or another version, is part of the same probe.
                credential.probeAtOnce(now: now)
            } else {
                credential.probeWasInconclusive(now: now)
            }
        }
    }

    /// Receipts speak of the credential, too.
    mutating func credentialRefused(reason: String, now: Timestamp) {
        credential.shut(reason: reason, now: now)
    }

    /// The credential has changed: whatever was wrong may be right now.
    mutating func credentialChanged(now: Timestamp) {
        epoch += 1
        guardRail = GuardRail()
        credential.probeAtOnce(now: now)
        breaker.probeAtOnce(now: now)
    }
}

extension Outcome {
    fileprivate func refusesCredential(afterRefresh: Bool) -> Bool {
        switch verdict {
        case .credentialRefused: true
        case .refreshed(let afterwards): afterRefresh && afterwards == .credentialRefused
        case .accepted, .awaitingReceipt, .deferred, .rejected, .misbuilt, .recipientGone, .split, .unknown: false
        }
    }
}
