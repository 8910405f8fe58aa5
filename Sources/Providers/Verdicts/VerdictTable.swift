import Domain

/// A provider's ordered rules: the first one that matches decides. The last one takes whatever is left, so no answer goes unjudged.
struct VerdictTable: Sendable {
    let name: String
    let rules: [VerdictRule]

    /// A row as it is written in a table; gets its full name from the table.
    struct Row: Sendable {
        var status: StatusMatch
        var words: [String]
        var phrases: [String]
        var label: String?
        var meaning: VerdictRule.Meaning
        var hints: VerdictRule.Hints

        /// - Parameter phrases: in lower case.
        /// - Parameter label: stands in the rule's name for the words.
        static func when(
            _ status: StatusMatch, _ words: String..., saying phrases: [String] = [], called label: String? = nil,
            means meaning: VerdictRule.Meaning, _ hints: VerdictRule.Hints = []
        ) -> Row {
            Row(status: status, words: words, phrases: phrases, label: label, meaning: meaning, hints: hints)
        }
    }

    init(_ name: String, _ rows: [Row]) {
        self.name = name
        rules = rows.map { row in
            let parts = [name] + [row.status.label].compactMap(\.self) + (row.label.map { [$0] } ?? row.words)
            return VerdictRule(
                name: parts.joined(separator: "."), status: row.status, words: row.words, phrases: row.phrases, meaning: row.meaning, hints: row.hints
            )
        }
        precondition(rules.last?.takesAll == true, "the table \(name) leaves answers unjudged")
    }

    func judge(_ answer: Answer) -> Outcome {
        let rule = rules.first { $0.matches(answer) } ?? rules[rules.count - 1]
        return answer.outcome(by: rule)
    }
}

/// A provider's answer boiled down to what rules look at and outcomes carry. Each provider's reader makes it; it never fails.
struct Answer: Sendable {
    /// HTTP status or SMTP basic code.
    var status: Int?
    /// The provider's codes and our own marks: what rules match.
    var words: [String] = []
    /// The provider's sentence, for rules that have nothing better to go by.
    var text: String = ""
    /// The most telling of the provider's codes.
    var reason: String?
    /// Already redacted.
    var detail: String?
    var retryAfter: Duration?
    /// The moment the provider names for "gone since".
    var goneSince: Timestamp?
    var splitLabel: String?
    var providerMessageID: String?

    fileprivate func outcome(by rule: VerdictRule) -> Outcome {
        Outcome(
            verdict: verdict(rule.meaning), rule: rule.name, status: status, reason: reason, detail: detail, providerMessageID: providerMessageID,
            suspectsCredential: rule.hints.contains(.suspectsCredential), blamesProvider: rule.hints.contains(.blamesProvider))
    }

    private func verdict(_ meaning: VerdictRule.Meaning) -> Verdict {
        switch meaning {
        case .accepted: .accepted
        case .awaitingReceipt: .awaitingReceipt
        case .retry(let floor, let unsaid, let scope):
            .deferred(Wait(floor: retryAfter == nil ? max(floor, unsaid) : floor, retryAfter: retryAfter, scope: scope))
        case .retryOnce(let afterwards): .refreshed(afterwards: afterwards)
        case .rejected: .rejected
        case .misbuilt: .misbuilt
        case .recipientGone: .recipientGone(asOf: goneSince)
        case .credentialRefused: .credentialRefused
        case .split: .split(label: splitLabel ?? "")
        case .unknown(let resend): .unknown(resend: resend)
        }
    }
}
