import Domain

/// Which of two versions of a credential speaks, message by message, while both are in use. Pure.
///
/// ```
/// current ──refused──▶ previous ──probe's time──▶ one request by the current one ──let in──▶ current
///                         ▲                                   │
///                         └───────────refused again───────────┘   after 30 s, doubling up to 5 min
/// ```
/// What is refused goes out at once with the version that works, so a message sees each version at most once between two probes. A target that one version
/// calls dead is shown to the other before it is believed: a key of the wrong environment or project says of every healthy token that it is dead.
struct Overlap: Sendable {
    enum Version: Sendable, Hashable, CaseIterable {
        case current
        case previous

        var other: Version { self == .current ? .previous : .current }
    }

    /// Messages that go out together, in one request with one version.
    struct Request: Sendable, Hashable {
        var version: Version
        /// It shows whether the current version may be used again.
        var isProbe: Bool
        fileprivate var era: Int
        /// Places in the list that was planned.
        var places: [Int]
    }

    /// Why the current version is not used.
    struct Trouble: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            case refused
            /// It calls dead what the previous version reaches.
            case contradicted
        }

        var kind: Kind
        var since: Timestamp
        /// The rule that judged, and the provider's word for it.
        var rule: String
        var reason: String
    }

    /// That many targets in a row that only the previous version reaches speak of the credential and not of the targets.
    static let contradictions = 3
    /// Second opinions that are awaited at once. Beyond it they are forgotten, which costs one more of each.
    static let memory = 4_096

    private(set) var trouble: Trouble?
    private let probe: Duration
    private var gate: Gate
    /// Counts how often the current version has come into use: what was sent in an earlier era says nothing about this one.
    private var era = 0
    private var isPreviousRefused = false
    /// By which version a target was called dead, of deliveries whose next attempt asks the other one.
    private var doubts: [Identifier: Version] = [:]
    private var contradicted = 0
    /// What the current version said of them.
    private var lastSuspect: Outcome?

    /// - Parameter probe: how long the current version is left alone after a refusal; doubles up to ten times that.
    init(probe: Duration = .seconds(30)) {
        self.probe = probe
        gate = Gate(first: probe, longest: probe * 10)
    }

    /// The version that a message goes out with that nothing is known of.
    var inUse: Version { gate.isOpen ? .current : .previous }

    /// The requests to make for these deliveries: one, unless some of them await a second opinion.
    mutating func plan(_ deliveries: [Identifier], now: Timestamp) -> [Request] {
        var usual = Request(version: inUse, isProbe: false, era: era, places: [])
        var opinions: [Version: Request] = [:]
        for (place, delivery) in deliveries.enumerated() {
            if let doubter = doubts[delivery] {
                opinions[doubter.other, default: Request(version: doubter.other, isProbe: false, era: era, places: [])].places.append(place)
            } else {
                usual.places.append(place)
            }
        }
        guard !usual.places.isEmpty else { return Version.allCases.compactMap { opinions[$0] } }
        if gate.mayProbe(now: now) {
            gate.beginProbe()
            (usual.version, usual.isProbe) = (.current, true)
        } else if let same = opinions.removeValue(forKey: usual.version) {
            usual.places += same.places
        }
        return [usual] + opinions.values
    }

    /// A request has ended: learns from its outcomes and gives those to act on, in the order of the request's places.
    mutating func judge(_ outcomes: [Outcome], of deliveries: [Identifier], by request: Request, now: Timestamp) -> [Outcome] {
        learn(from: outcomes, request, now)
        return zip(outcomes, deliveries).map { outcome, delivery in judge(outcome, of: delivery, by: request.version, now: now) }
    }

    /// As a refusal of the version that a receipt, or another question, was asked with.
    ///
    /// - Returns: whether the other version is worth being asked.
    mutating func refused(_ version: Version, by outcome: Outcome, now: Timestamp) -> Bool {
        switch version {
        case .current:
            shut(.refused, outcome, now)
            return !isPreviousRefused
        case .previous:
            isPreviousRefused = true
            return gate.isOpen
        }
    }

    // MARK: What a request says of its version

    private mutating func learn(from outcomes: [Outcome], _ request: Request, _ now: Timestamp) {
        let refusal = outcomes.first { $0.verdict == .credentialRefused }
        switch request.version {
        case .previous:
            if refusal != nil { isPreviousRefused = true } else if outcomes.contains(where: \.showsCredentialWorks) { isPreviousRefused = false }
        case .current:
            if let refusal = refusal ?? outcomes.first(where: { $0.verdict == .refreshed(afterwards: .credentialRefused) }) {
                currentRefused(by: refusal, request, now)
            } else if request.isProbe, request.era == era {
                probed(outcomes, now)
            }
            if outcomes.contains(where: \.isTaken) { contradicted = 0 }
        }
    }

    private mutating func currentRefused(by outcome: Outcome, _ request: Request, _ now: Timestamp) {
        guard request.era == era else { return }
        if request.isProbe {
            gate.probeFailed(reason: outcome.word, now: now)
            trouble = trouble ?? Trouble(kind: .refused, since: now, rule: outcome.rule, reason: outcome.word)
        } else if outcome.verdict == .credentialRefused {
            shut(.refused, outcome, now)
        } else if !isPreviousRefused {
            // A fresh token, or a connection that nobody else has bound, may be all that it takes: that is looked at before anybody is woken.
            gate.doubt(reason: outcome.word, now: now)
        }
    }

    private mutating func probed(_ outcomes: [Outcome], _ now: Timestamp) {
        if outcomes.contains(where: { $0.showsCredentialWorks && !$0.isSuspect }) {
            useCurrent()
        } else if let suspect = outcomes.first(where: \.isSuspect), trouble?.kind == .contradicted {
            gate.probeFailed(reason: suspect.word, now: now)
        } else {
            gate.probeWasInconclusive(now: now)
        }
    }

    private mutating func shut(_ kind: Trouble.Kind, _ outcome: Outcome, _ now: Timestamp) {
        guard gate.isOpen else { return }
        gate.shut(reason: outcome.word, now: now)
        trouble = Trouble(kind: kind, since: now, rule: outcome.rule, reason: outcome.word)
        contradicted = 0
    }

    private mutating func useCurrent() {
        gate = Gate(first: probe, longest: probe * 10)
        trouble = nil
        contradicted = 0
        era += 1
    }

    // MARK: What an outcome means for its delivery

    private mutating func judge(_ outcome: Outcome, of delivery: Identifier, by version: Version, now: Timestamp) -> Outcome {
        let doubter = doubts.removeValue(forKey: delivery)
        switch outcome.verdict {
        case .credentialRefused:
            return version == .current ? outcome.byOtherVersion : previousRefused(outcome, now)
        case .refreshed(afterwards: .credentialRefused):
            // The second attempt shows whether it is refused, where no other version is to be had; else the other one is quicker.
            switch version {
            case .current: return isPreviousRefused ? outcome : outcome.byOtherVersion
            case .previous: return trouble == nil ? previousRefused(outcome, now) : outcome
            }
        case .refreshed:
            doubts[delivery] = doubter
            return outcome
        case .recipientGone, .rejected:
            return outcome.isSuspect ? secondOpinion(on: outcome, of: delivery, by: version, doubter) : outcome
        case .accepted, .awaitingReceipt:
            if version == .previous, doubter == .current { contradict(now) }
            return outcome
        case .deferred, .misbuilt, .split, .unknown:
            return outcome
        }
    }

    private mutating func contradict(_ now: Timestamp) {
        contradicted += 1
        if contradicted >= Self.contradictions, let lastSuspect { shut(.contradicted, lastSuspect, now) }
    }

    private mutating func secondOpinion(on outcome: Outcome, of delivery: Identifier, by version: Version, _ doubter: Version?) -> Outcome {
        // Both say so.
        if doubter == version.other { return outcome }
        switch version {
        case .current:
            guard !isPreviousRefused else { return outcome }
            lastSuspect = outcome
        case .previous:
            guard gate.isOpen || trouble?.kind == .contradicted else { return outcome }
        }
        if doubts.count >= Self.memory { doubts = [:] }
        doubts[delivery] = version
        return outcome.byOtherVersion
    }

    private mutating func previousRefused(_ outcome: Outcome, _ now: Timestamp) -> Outcome {
        isPreviousRefused = true
        if trouble?.kind == .refused {
            // Both are. Whichever is mended first is found by the lane's own probes, which ask the one and then the other.
            gate.probeAtOnce(now: now)
            return outcome
        }
        // The current version was never refused for sure: what it says has to do.
        if !gate.isOpen { useCurrent() }
        return outcome.byOtherVersion
    }
}

extension Outcome {
    /// The provider's word for it.
    fileprivate var word: String { reason ?? rule }

    fileprivate var isTaken: Bool { verdict == .accepted || verdict == .awaitingReceipt }

    /// A word about a target that may be one about the credential.
    fileprivate var isSuspect: Bool {
        switch verdict {
        case .recipientGone, .rejected: suspectsCredential
        case .accepted, .awaitingReceipt, .deferred, .refreshed, .misbuilt, .credentialRefused, .split, .unknown: false
        }
    }

    /// Nothing was taken: one more attempt at once, with the other version.
    fileprivate var byOtherVersion: Outcome {
        var outcome = self
        outcome.verdict = .refreshed(afterwards: .otherVersion)
        return outcome
    }
}
