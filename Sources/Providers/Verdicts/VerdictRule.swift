import Domain

/// One row of a verdict table: what an answer must look like, and what it then means.
struct VerdictRule: Sendable, Hashable {
    /// Stable, as in `apns.410.Unregistered`: stands in logs, timelines and the published test vectors.
    let name: String
    let status: StatusMatch
    /// All of these must be among the answer's words.
    let words: [String]
    /// One of these must occur in the answer's text, whatever its case; none when the text does not matter.
    let phrases: [String]
    let meaning: Meaning
    let hints: Hints

    /// What a row says, before anything is known of the single answer.
    enum Meaning: Sendable, Hashable {
        case accepted
        case awaitingReceipt
        /// `floor` is the least wait whatever the answer says; `unsaid` the least wait where it brings no `Retry-After`.
        case retry(floor: Duration = .zero, unsaid: Duration = .zero, scope: Wait.Scope = .delivery)
        case retryOnce(afterwards: Verdict.Afterwards)
        case rejected
        case misbuilt
        case recipientGone
        case credentialRefused
        case split
        case unknown(resend: Bool)
    }

    /// What an outcome says beside its verdict; see `Outcome`.
    struct Hints: OptionSet, Sendable, Hashable {
        let rawValue: UInt8

        static let suspectsCredential = Hints(rawValue: 1)
        static let blamesProvider = Hints(rawValue: 2)
    }

    func matches(_ answer: Answer) -> Bool {
        guard status.matches(answer.status) else { return false }
        for word in words where !answer.words.contains(word) { return false }
        guard !phrases.isEmpty else { return true }
        let text = answer.text.lowercased()
        return phrases.contains { text.contains($0) }
    }

    /// True for a row that takes every answer; what a table ends with.
    var takesAll: Bool { status == .any && words.isEmpty && phrases.isEmpty }
}

/// Which status codes a row is about.
enum StatusMatch: Sendable, Hashable, ExpressibleByIntegerLiteral {
    case any
    case one(Int)
    /// All of a class: `hundreds(5)` is 500 to 599.
    case hundreds(Int)

    init(integerLiteral value: Int) { self = .one(value) }

    func matches(_ status: Int?) -> Bool {
        switch self {
        case .any: true
        case .one(let code): status == code
        case .hundreds(let hundred): status.map { $0 / 100 == hundred } ?? false
        }
    }

    /// As it stands in rule names: `410`, `5xx`; nothing for any.
    var label: String? {
        switch self {
        case .any: nil
        case .one(let code): String(code)
        case .hundreds(let hundred): "\(hundred)xx"
        }
    }
}
