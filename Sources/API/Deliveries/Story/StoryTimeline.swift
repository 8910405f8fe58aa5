import Domain
import Storage

/// All that happened to a delivery, in the order of time, and what is due.
struct StoryTimeline {
    let story: DeliveryStory

    var events: [JSON] {
        let past = beginning + attempts + others
        // Stable: what happened at the same moment stays in the order of cause and effect.
        let sorted = past.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return sorted.map { .object($0.element.json) } + present
    }

    private struct Event {
        var at: Timestamp
        var json: JSONObject

        init(_ at: Timestamp, _ name: String, _ members: JSONObject = [:]) {
            self.at = at
            json = ["at": JSON(at), "event": .string(name)]
            for member in members.members { json[member.key] = member.value }
        }
    }

    private var delivery: Delivery { story.delivery }

    private var beginning: [Event] {
        let at = delivery.createdAt
        let accepted = Event(
            at, "accepted",
            ["contract": JSON(story.history.contract?.rawValue), "targets": .integer(story.history.targeted), "detail": .string(acceptance)])
        guard story.isRefusedAtOnce else { return [accepted, Event(at, "queued")] }
        return [accepted, Event(at, "refused", ["reason": JSON(delivery.reason), "detail": JSON(redacted(delivery.error))])]
    }

    private var acceptance: String {
        let count = story.history.targeted
        let way = delivery.lane.provider == .inApp ? "the inbox" : "\(delivery.lane.provider.rawValue)"
        let whose = delivery.userID.map { " for \($0)" } ?? ""
        let credential = delivery.lane.credential.isEmpty || delivery.lane.provider == .inApp ? "" : " with the credential \(delivery.lane)"
        return count > 1 ? "one of \(count) targets\(whose), by \(way)\(credential)" : "one target\(whose), by \(way)\(credential)"
    }

    // MARK: Attempts

    private var attempts: [Event] {
        var before: Attempt?
        return story.history.attempts.flatMap { attempt in
            defer { before = attempt }
            return events(of: attempt, after: before)
        }
    }

    private func events(of attempt: Attempt, after before: Attempt?) -> [Event] {
        let wait = wait(for: attempt, after: before)
        var members: JSONObject = [
            "number": .integer(attempt.number),
            "waited_ms": .integer(max((attempt.startedAt - wait.since).milliseconds, 0)),
            "waited_for": JSON(wait.cause?.rawValue),
            "duration_ms": .integer((attempt.endedAt - attempt.startedAt).milliseconds),
        ]
        // A receipt's verdict is written over its attempt's: what the attempt itself came to was a ticket, or there would be no receipt.
        let isReceipt = attempt.rule.hasPrefix(Self.receiptRules)
        let said = isReceipt ? (outcome: Verdict.Kind.awaitingReceipt.word, rule: Self.ticketRule) : (outcome: attempt.outcome, rule: attempt.rule)
        add(verdict: said.outcome, rule: said.rule, to: &members)
        members["status"] = attempt.status.map(JSON.integer) ?? .null
        members["reason"] = isReceipt ? .null : JSON(attempt.reason)
        members["detail"] = isReceipt ? .null : JSON(redacted(attempt.detail))
        members["next_attempt_at"] = isReceipt ? .null : JSON(attempt.nextAttemptAt)
        members["next_reason"] = isReceipt ? .null : JSON(nextReason(attempt))
        var events = [Event(attempt.startedAt, "attempt", members)]
        if isReceipt { events.append(receipt(of: attempt)) }
        return events
    }

    private static let receiptRules = "expo.receipt."
    private static let ticketRule = "expo.ticket.ok"

    private func receipt(of attempt: Attempt) -> Event {
        var members: JSONObject = [:]
        add(verdict: attempt.outcome, rule: attempt.rule, to: &members)
        members["reason"] = JSON(attempt.reason)
        members["detail"] = JSON(redacted(attempt.detail))
        members["next_attempt_at"] = JSON(attempt.nextAttemptAt)
        members["next_reason"] = JSON(nextReason(attempt))
        let came = story.history.events.first { $0.kind == .receipt && $0.at >= attempt.endedAt }?.at
        return Event(came ?? attempt.endedAt, "receipt", members)
    }

    private func add(verdict: String, rule: String, to members: inout JSONObject) {
        members["outcome"] = .string(verdict)
        members["rule"] = .string(rule)
        members["rule_says"] = JSON(story.ruleWords(rule))
        members["meaning"] = JSON(Verdict.Kind(word: verdict)?.meaning)
    }

    /// Since when the attempt was due, and what had made it wait until then.
    private func wait(for attempt: Attempt, after before: Attempt?) -> (since: Timestamp, cause: WaitCause?) {
        let earliest = before?.endedAt ?? delivery.createdAt
        // Whoever queues it again, or finds it with a dead gateway, makes it due at that moment.
        let again = story.history.events.last {
            ($0.kind == .retried || $0.kind == .handedBack) && $0.at >= earliest && $0.at <= attempt.startedAt
        }
        if let again { return (again.at, nil) }
        guard let before else { return (delivery.createdAt, nil) }
        return (before.nextAttemptAt ?? before.endedAt, before.waitCause)
    }

    /// Why the next attempt comes when it comes; nil where this one was the last.
    private func nextReason(_ attempt: Attempt) -> String? {
        if let cause = attempt.waitCause { return cause.rawValue }
        let goesOn = [Verdict.Kind.refreshed, .otherVersion, .split].map(\.word).contains(attempt.outcome)
        let hasSuccessor = attempt.number < delivery.attempts || delivery.state == .sending
        return goesOn && hasSuccessor ? "at_once" : nil
    }

    // MARK: What people and gateways did

    private var others: [Event] {
        story.history.events.compactMap { event in
            switch event.kind {
            // Told with its attempt.
            case .receipt: nil
            case .retried, .cancelled:
                Event(event.at, event.kind.rawValue, ["actor": JSON(event.actor), "detail": JSON(redacted(event.detail))])
            case .handedBack:
                Event(
                    event.at, event.kind.rawValue,
                    [
                        "actor": JSON(event.actor),
                        "detail": "the gateway that was sending it ended without a word or lost its lease; what it sent, if anything, is not known",
                    ])
            }
        }
    }

    // MARK: Now

    private var present: [JSON] {
        switch delivery.state {
        case .queued:
            return [
                [
                    "at": JSON(delivery.nextAttemptAt), "event": "next_attempt",
                    "reason": JSON(isRetried ? nil : story.lastAttempt?.waitCause?.rawValue),
                    "detail": JSON(isRetried ? nil : story.lastAttempt?.waitCause?.words),
                ]
            ]
        case .sending: return [["at": .null, "event": "sending"]]
        case .sent:
            guard let receipt = story.history.receipt else { return [["at": .null, "event": "awaiting_receipt"]] }
            let asked = receipt.askedTimes == 0 ? "not asked yet" : "asked \(receipt.askedTimes) times, none so far"
            return [["at": JSON(receipt.dueAt), "event": "awaiting_receipt", "detail": .string(asked)]]
        case .delivered: return [["at": JSON(delivery.settledAt), "event": "delivered", "detail": JSON(redacted(delivery.error))]]
        case .failed: return [["at": JSON(delivery.settledAt), "event": "failed", "detail": JSON(redacted(delivery.error))]]
        case .cancelled:
            let isTold = story.history.events.contains { $0.kind == .cancelled && $0.at == delivery.settledAt }
            return isTold ? [] : [["at": JSON(delivery.settledAt), "event": "cancelled"]]
        }
    }

    /// Somebody has queued it again since its last attempt.
    private var isRetried: Bool {
        guard let last = story.history.events.last(where: { $0.kind == .retried }) else { return false }
        return last.at >= story.lastAttempt?.endedAt ?? delivery.createdAt
    }

    /// Providers redact; a relay that quotes the whole address in an unforeseen way must not undo the masking of this page.
    private func redacted(_ text: String?) -> String? {
        text.map { Masking.redact($0, removing: [delivery.target.address]) }
    }
}
