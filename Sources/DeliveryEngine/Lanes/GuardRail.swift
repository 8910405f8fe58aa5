internal import Domain

/// Keeps a wrong credential from killing healthy tokens.
///
/// A single `BadDeviceToken` speaks of its token; nearly nothing but `BadDeviceToken` speaks of a sandbox key on the production gateway. At least
/// twenty verdicts in ten minutes, four fifths of them alike: from then on such a verdict pauses the lane instead, until the provider takes a message.
/// What had died of it in these ten minutes is to be given back.
///
/// A ticket is no verdict: Expo gives one for dead tokens, too, and tells with the receipt.
struct GuardRail: Sendable, Hashable {
    static let sample = 20
    static let share = 0.8
    static let minutes: Int64 = 10
    /// Dead tokens that are remembered at most.
    static let memory = 1_000

    /// A token that was called dead by a rule that may speak of the credential.
    struct Death: Sendable, Hashable {
        var orgID: String
        var token: String
        var at: Timestamp
        /// The provider's word for it.
        var reason: String?
        fileprivate var rule: String
    }

    /// What is to be done when it trips.
    struct Trip: Sendable, Hashable {
        var lane: LaneKey
        var state: GuardRailState
        var deaths: [Death]
    }

    private struct Minute: Sendable, Hashable {
        var number: Int64
        var verdicts = 0
        /// By rule; rules come from a closed table, so this stays small.
        var suspects: [String: Int] = [:]
    }

    private var window: [Minute] = []
    private var deaths: [Death] = []
    private(set) var state: GuardRailState?
    var isTripped: Bool { state != nil }

    /// Judges what one request or question gave, together: a batch that trips it kills nothing itself.
    ///
    /// - Parameter delivery: the one that an outcome is of.
    /// - Parameter trip: set when these outcomes have tripped it.
    /// - Returns: the outcomes to act on: `credentialRefused` in the place of a verdict about the token, or the outcome as it was.
    mutating func judge(_ outcomes: [Outcome], of delivery: (Int) -> Delivery, trip: inout Trip?, now: Timestamp) -> [Outcome] {
        var hasSuspects = false
        for outcome in outcomes {
            switch outcome.verdict {
            case .accepted:
                if isTripped { self = GuardRail() }
                record(suspect: nil, now)
            case .recipientGone, .rejected:
                hasSuspects = hasSuspects || outcome.suspectsCredential
                record(suspect: outcome.suspectsCredential ? outcome.rule : nil, now)
            case .awaitingReceipt, .deferred, .refreshed, .misbuilt, .credentialRefused, .split, .unknown:
                // Neither for nor against a token.
                break
            }
        }
        guard hasSuspects else { return outcomes }
        if state == nil { trip = tripped(by: outcomes, of: delivery, now) }
        return outcomes.enumerated().map { place, outcome in
            guard outcome.isSuspect else { return outcome }
            guard isTripped else {
                if case .recipientGone = outcome.verdict { remember(delivery(place), outcome, now) }
                return outcome
            }
            var refused = outcome
            refused.verdict = .credentialRefused
            return refused
        }
    }

    /// So many tokens are active again.
    mutating func revived(_ count: Int) { state?.revived += count }

    mutating func clockWasSetBack(by jump: Duration) {
        let back = jump.microseconds / 60_000_000
        for index in window.indices { window[index].number -= back }
        for index in deaths.indices { deaths[index].at = deaths[index].at - jump }
    }

    private mutating func tripped(by outcomes: [Outcome], of delivery: (Int) -> Delivery, _ now: Timestamp) -> Trip? {
        for (place, outcome) in outcomes.enumerated() where outcome.isSuspect {
            let (verdicts, alike) = tally(outcome.rule)
            guard verdicts >= Self.sample, Double(alike) >= Self.share * Double(verdicts) else { continue }
            let state = GuardRailState(
                rule: outcome.rule, reason: outcome.reason ?? outcome.rule, trippedAt: now, verdicts: verdicts, alike: alike)
            self.state = state
            let since = now - .seconds(Self.minutes * 60)
            defer { deaths = [] }
            return Trip(lane: delivery(place).lane, state: state, deaths: deaths.filter { $0.rule == outcome.rule && $0.at >= since })
        }
        return nil
    }

    private mutating func remember(_ delivery: Delivery, _ outcome: Outcome, _ now: Timestamp) {
        if deaths.count >= Self.memory { deaths.removeFirst(Self.memory / 4) }
        deaths.append(Death(orgID: delivery.orgID, token: delivery.target.address, at: now, reason: outcome.reason, rule: outcome.rule))
    }

    private mutating func record(suspect rule: String?, _ now: Timestamp) {
        let number = now.seconds / 60
        if window.last?.number != number {
            window.removeAll { $0.number <= number - Self.minutes }
            window.append(Minute(number: number))
        }
        window[window.count - 1].verdicts += 1
        if let rule { window[window.count - 1].suspects[rule, default: 0] += 1 }
    }

    private func tally(_ rule: String) -> (verdicts: Int, alike: Int) {
        window.reduce(into: (0, 0)) { sum, minute in
            sum.0 += minute.verdicts
            sum.1 += minute.suspects[rule] ?? 0
        }
    }
}

extension Outcome {
    /// A word about a token that may be one about the credential.
    fileprivate var isSuspect: Bool {
        switch verdict {
        case .recipientGone, .rejected: suspectsCredential
        case .accepted, .awaitingReceipt, .deferred, .refreshed, .misbuilt, .credentialRefused, .split, .unknown: false
        }
    }
}
