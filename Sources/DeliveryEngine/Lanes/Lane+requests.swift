internal import Domain

extension Lane {
    /// One request to be made.
    struct Batch: Sendable {
        var claims: [Claim]
        /// The single delivery that shows whether a stopped lane may go on.
        var isProbe: Bool
        var epoch: Int
        /// The place of the quota that it was drawn from.
        var quota = 0
    }

    /// A claim that has been taken out of the line and is not sent now.
    struct Removal: Sendable {
        var claim: Claim
        var cause: Switchboard.Release.Cause
    }

    /// The next request; nil when the lane may not send now or has nothing to send.
    ///
    /// - Parameter quota: what the head of the line is drawn from.
    /// - Parameter removed: gets the claims whose deadline has passed, and those whose device or mailbox is to be left alone.
    mutating func nextBatch(now: Timestamp, quota: inout Limiter, holds: TargetHolds = TargetHolds(), removed: inout [Removal]) -> Batch? {
        let admission = admission(now: now, quota: quota)
        // Others of the line may be drawn from another quota.
        let group = waiting.first?.group
        while let first = waiting.first, first.group == group, inFlight < window {
            let granted =
                switch admission {
                case .free: quota.take(min(waiting.count, batchLimit), fullBatch: batchLimit, now: now)
                case .probe: 1
                case .stopped: 0
                }
            guard granted > 0 else { return nil }
            let taken = waiting.takeBatch(limit: granted)
            let live = Self.sift(taken, of: key.provider, holds, now, &removed)
            if admission == .free { quota.giveBack(granted - live.count) }
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

    /// Those that may be sent now. Not a method of the lane: that would copy it, and with it the whole line, whose first claim is being taken out.
    private static func sift(
        _ claims: [Claim], of provider: ProviderName, _ holds: TargetHolds, _ now: Timestamp, _ removed: inout [Removal]
    ) -> [Claim] {
        func cause(_ claim: Claim) -> Switchboard.Release.Cause? {
            if let expiresAt = claim.message.delivery.expiresAt, expiresAt <= now { return .expired }
            if holds.isEmpty { return nil }
            return holds.hold(of: claim.message.delivery.target.address, provider, now: now).map { .target($0) }
        }
        // Nearly always all of them: then nothing is copied.
        if claims.allSatisfy({ cause($0) == nil }) { return claims }
        return claims.filter { claim in
            guard let cause = cause(claim) else { return true }
            removed.append(Removal(claim: claim, cause: cause))
            return false
        }
    }

    /// A request has ended: the lane learns from its outcomes and gives the outcomes to act on.
    ///
    /// - Parameter trip: set when the guard rail has tripped by it.
    mutating func ended(_ batch: Batch, outcomes: [Outcome], trip: inout GuardRail.Trip?, now: Timestamp) -> [Outcome] {
        inFlight -= 1
        let judged = guardRail.judge(outcomes, of: { batch.claims[$0].delivery }, trip: &trip, now: now)
        learnAboutProvider(from: judged, of: batch, now: now)
        learnAboutCredential(from: judged, of: batch, now: now)
        return judged
    }

    /// Receipts have come. They speak of tokens and of the credential, too.
    mutating func receipts(
        _ outcomes: [Outcome], of delivery: (Int) -> Delivery, trip: inout GuardRail.Trip?, now: Timestamp
    ) -> [Outcome] {
        let wasTripped = guardRail.isTripped
        let judged = guardRail.judge(outcomes, of: delivery, trip: &trip, now: now)
        // The provider has reached a device: that is what the pause was for.
        if wasTripped, !guardRail.isTripped { credential.probeAtOnce(now: now) }
        return judged
    }

    /// A request is one word about the provider's health: bad only when nothing in the answer shows it well, and none when nothing of it got there.
    private mutating func learnAboutProvider(from outcomes: [Outcome], of batch: Batch, now: Timestamp) {
        if outcomes.contains(where: \.showsProviderWell) { return breaker.recordGood(isProbe: batch.isProbe, now: now) }
        let bad = zip(outcomes, batch.claims).first { outcome, claim in outcome.blamesProvider || (outcome.isGivenUp && claim.isRefreshed) }?.0
        if let bad {
            breaker.recordBad(reason: bad.reason ?? bad.rule, isProbe: batch.isProbe, now: now)
        } else if batch.isProbe {
            // The second attempt, on another connection, is part of the same probe.
            if outcomes.contains(where: \.isGivenUp) { breaker.probeAtOnce(now: now) } else { breaker.probeWasInconclusive(now: now) }
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
            // A ticket shows nothing of a token: where nearly all had died, the receipt has to come first.
            if outcomes.contains(where: { $0.showsCredentialWorks && !(guardRail.isTripped && $0.verdict == .awaitingReceipt) }) {
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
    /// The provider has given its connection up.
    fileprivate var isGivenUp: Bool { verdict == .refreshed(afterwards: .deferred) }

    fileprivate func refusesCredential(afterRefresh: Bool) -> Bool {
        switch verdict {
        case .credentialRefused: true
        case .refreshed(let afterwards): afterRefresh && afterwards == .credentialRefused
        case .accepted, .awaitingReceipt, .deferred, .rejected, .misbuilt, .recipientGone, .split, .unknown: false
        }
    }
}
