import DeliveryEngine
import Domain
import Storage

/// The story in a sentence, and what a person can do about it.
struct StorySummary {
    let story: DeliveryStory

    private var delivery: Delivery { story.delivery }
    private var provider: ProviderName { delivery.lane.provider }

    var text: String {
        let text =
            switch delivery.state {
            case .delivered: arrival
            case .sent: taken + "; its receipt is asked for\(at(story.history.receipt?.dueAt))."
            case .sending: "Being sent: attempt \(delivery.attempts + 1) is under way."
            case .queued: "Waiting: \(obstacle)."
            case .failed: "Not delivered: \(failure)."
            case .cancelled: "Not delivered: it was withdrawn\(at(delivery.settledAt))\(withdrawer)."
            }
        return Masking.redact(text, removing: [delivery.target.address])
    }

    var remedy: String? {
        switch delivery.state {
        case .delivered, .sent, .sending, .cancelled: nil
        case .queued: waitingRemedy
        case .failed: failureRemedy
        }
    }

    private func at(_ time: Timestamp?) -> String { time.map { " at \($0.rfc3339Seconds)" } ?? "" }

    // MARK: Gone out

    private var taken: String { "Taken by \(provider.spoken) on attempt \(delivery.attempts)\(at(story.lastAttempt?.endedAt))" }

    private var arrival: String {
        if provider == .inApp { return "Stored in the recipient's inbox\(at(delivery.settledAt))." }
        if delivery.reason == "no_receipt" { return "\(taken); no receipt came within 24 hours, so it is not known whether it went on." }
        let by = provider == .smtp ? "the mail relay" : provider.spoken
        let receipt = provider == .expo ? ", whose receipt says that the device's own service has taken it" : ""
        return "Delivered\(at(delivery.settledAt)) by \(by) on attempt \(delivery.attempts)\(receipt)."
    }

    private var withdrawer: String {
        guard let event = story.history.events.last(where: { $0.kind == .cancelled }) else { return "" }
        if let detail = event.detail { return ", because \(detail)" }
        return event.actor.map { " by \($0)" } ?? ""
    }

    // MARK: Waiting

    private var obstacle: String {
        let due = delivery.nextAttemptAt
        func next(_ time: Timestamp) -> String { "next try at \(max(time, due).rfc3339Seconds)" }
        switch story.lane?.condition {
        case .credentialRefused(_, let probeAt) where story.lane?.guardRail != nil: return "\(railed); \(next(probeAt))"
        case .credentialRefused("no_credential", let probeAt): return "there is no such credential any more; \(next(probeAt))"
        case .credentialRefused(let reason, let probeAt): return "the lane is paused because its credential is refused (\(reason)); \(next(probeAt))"
        case .broken(let reason, let probeAt): return "the lane is paused because \(name) does not answer or fails (\(reason)); \(next(probeAt))"
        case .throttled(let until): return "\(name) has slowed down the whole lane; \(next(until))"
        case .open, nil: break
        }
        guard due > story.now else { return "it has been due since \(due.rfc3339Seconds), and is sent when its turn comes\(pace)" }
        guard let cause = story.lastAttempt?.waitCause, story.lastAttempt?.nextAttemptAt == due else {
            // Left alone without an attempt, or queued again by a person.
            return delivery.error.map { "\(Self.clause($0)); \(next(due))" } ?? "attempt \(delivery.attempts + 1) is due at \(due.rfc3339Seconds)"
        }
        return "\(cause.words)\(said); \(next(due))"
    }

    private var railed: String {
        guard let rail = story.lane?.guardRail else { return "" }
        return
            "the lane is paused because \(rail.alike) of \(rail.verdicts) targets were called dead alike (\(rail.reason)), which speaks of its credential"
            + " and not of them"
    }

    /// A lane that has more to send than its provider takes.
    private var pace: String {
        guard let lane = story.lane, lane.waiting > 0, let quota = lane.quota else { return "" }
        let slowed = quota.reason.map { ", since the provider asked for fewer (\($0))" } ?? ""
        return "; its lane sends \(Int(quota.rate.rounded())) a second\(slowed)"
    }

    private var name: String { provider == .smtp ? "the mail relay" : provider.spoken }

    private var waitingRemedy: String? {
        switch story.lane?.condition {
        case .credentialRefused: "Mend the credential \(delivery.lane), and everything that waits for it goes out at once: \(verify)."
        case .broken: "Nothing here: it goes on by itself as soon as \(name) answers."
        case .throttled, .open, nil: nil
        }
    }

    private var verify: String {
        "hermod credentials verify --org \(delivery.lane.orgID) \(provider.rawValue) \(delivery.lane.credential) tells what is wrong"
    }

    // MARK: Failed

    /// The last answer, as providers and relays put it in short.
    private var said: String {
        let parts = [story.lastAttempt?.status.map(String.init), story.lastAttempt?.reason].compactMap(\.self)
        return parts.isEmpty ? "" : " (\(parts.joined(separator: " ")))"
    }

    private var kind: Verdict.Kind? { story.lastAttempt.flatMap { Verdict.Kind(word: $0.outcome) } }

    /// Its own deadline ended it, whatever the last answer was.
    private var isOverdue: Bool { delivery.reason == "expired" }

    private var failure: String {
        let error = delivery.error.map(Self.clause)
        guard let attempt = story.lastAttempt, !isOverdue else { return error ?? delivery.reason ?? "nobody has noted why" }
        switch kind {
        case .recipientGone, .rejected, .misbuilt:
            guard let words = story.ruleWords(attempt.rule) else { return error ?? attempt.rule }
            return words + said
        case .unknown: return (error ?? "it is not known whether it was taken")
        case .accepted, .awaitingReceipt, .deferred, .refreshed, .otherVersion, .credentialRefused, .split, nil: return error ?? attempt.rule
        }
    }

    /// A sentence as a clause: it begins in lower case, unless with a name.
    private static func clause(_ text: String) -> String {
        guard let first = text.first, !ProviderName.allCases.contains(where: { text.hasPrefix($0.spoken) && !$0.spoken.hasPrefix("The ") }) else {
            return text
        }
        return first.lowercased() + text.dropFirst()
    }

    private var failureRemedy: String {
        let id = delivery.idText
        if let expiresAt = delivery.expiresAt, expiresAt <= story.now {
            return "Its deadline (\(expiresAt.rfc3339Seconds)) has passed, so that it can't be retried; send a new one."
        }
        let retry = "hermod deliveries retry \(id)"
        if story.isRefusedAtOnce || story.lastAttempt == nil {
            return switch delivery.reason {
            case "no_credential": "Set the credential, then: \(retry)."
            case "suppressed":
                "If the address is right after all, take it off the suppression list (DELETE /api/v1/suppressions/ADDRESS), then: \(retry)."
            default: "When the cause is gone: \(retry)."
            }
        }
        return switch kind {
        case .recipientGone:
            provider == .smtp
                ? "Correct the address where the user is kept. If it is right after all, take it off the suppression list, then: \(retry)."
                : "Nothing: the app registers a new token when it is opened the next time."
        case .rejected: "Change what is refused and send a new one; this one would be refused again."
        case .misbuilt:
            "Read the provider's words below: the message's options, the app's set-up or the gateway is at fault. When it is mended: \(retry)."
        case .credentialRefused: "Mend the credential (\(verify)), then: \(retry)."
        case .unknown: "Ask the recipient. If it did not arrive: \(retry); if it did, it arrives twice."
        case .accepted, .awaitingReceipt, .deferred, .refreshed, .otherVersion, .split, nil: "When \(name) is well again: \(retry)."
        }
    }
}
