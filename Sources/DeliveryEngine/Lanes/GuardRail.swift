internal import Domain

/// Keeps a wrong credential from killing healthy tokens.
///
/// A single `BadDeviceToken` speaks of its token; nearly nothing but `BadDeviceToken` speaks of a sandbox key on the production gateway. At least
/// twenty verdicts in ten minutes, four fifths of them alike: from then on such a verdict pauses the lane instead, until the provider takes a message.
struct GuardRail: Sendable, Hashable {
    static let sample = 20
    static let share = 0.8

    private struct Minute: Sendable, Hashable {
        var number: Int64
        var verdicts = 0
        /// By rule; rules come from a closed table, so this stays small.
        var suspects: [String: Int] = [:]
    }

    private var minutes: [Minute] = []
    private(set) var isTripped = false

    /// - Returns: the outcome to act on: `credentialRefused` in the place of a verdict about the token, or the outcome as it was.
    mutating func judge(_ outcome: Outcome, now: Timestamp) -> Outcome {
        switch outcome.verdict {
        case .accepted, .awaitingReceipt:
            isTripped = false
            record(suspect: nil, now: now)
            return outcome
        case .recipientGone, .rejected:
            guard outcome.suspectsCredential else {
                record(suspect: nil, now: now)
                return outcome
            }
            record(suspect: outcome.rule, now: now)
            if !isTripped, nearlyAllAlike(outcome.rule) { isTripped = true }
            guard isTripped else { return outcome }
            var refused = outcome
            refused.verdict = .credentialRefused
            return refused
        case .deferred, .refreshed, .misbuilt, .credentialRefused, .split, .unknown:
            // Neither for nor against a token.
            return outcome
        }
    }

    mutating func clockWasSetBack(by jump: Duration) {
        let back = jump.microseconds / 60_000_000
        for index in minutes.indices { minutes[index].number -= back }
    }

    private mutating func record(suspect rule: String?, now: Timestamp) {
        let number = now.seconds / 60
        minutes.removeAll { $0.number <= number - 10 }
        if minutes.last?.number != number { minutes.append(Minute(number: number)) }
        minutes[minutes.count - 1].verdicts += 1
        if let rule { minutes[minutes.count - 1].suspects[rule, default: 0] += 1 }
    }

    private func nearlyAllAlike(_ rule: String) -> Bool {
        var verdicts = 0
        var alike = 0
        for minute in minutes {
            verdicts += minute.verdicts
            alike += minute.suspects[rule] ?? 0
        }
        return verdicts >= Self.sample && Double(alike) >= Self.share * Double(verdicts)
    }
}
