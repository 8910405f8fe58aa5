import Domain

/// A verification under way: its steps so far, and the words of the provider with nothing secret in them.
struct Trial {
    typealias Verdict = CredentialVerification.Verdict

    private(set) var steps: [CredentialVerification.Step] = []
    private let secrets: [String]
    private var worst: (verdict: Verdict, summary: String)?

    /// - Parameter secrets: what must not stand in any word that is shown.
    init(secrets: [String] = []) {
        self.secrets = secrets.filter { !$0.isEmpty }
    }

    mutating func worked(_ name: String, _ detail: String) {
        steps.append(.init(name, .works, shown(detail)))
    }

    /// - Parameter summary: what is wrong and what to do.
    mutating func failed(_ name: String, _ verdict: Verdict, _ detail: String, summary: String) {
        steps.append(.init(name, verdict, shown(detail)))
        // A refusal is surer than silence; of two of a kind the first is told.
        if worst == nil || (worst?.verdict == .inconclusive && verdict == .refused) { worst = (verdict, shown(summary)) }
    }

    /// - Parameter success: told where every step worked.
    func finished(_ success: @autoclosure () -> String) -> CredentialVerification {
        CredentialVerification(verdict: worst?.verdict ?? .works, summary: worst?.summary ?? success(), steps: steps)
    }

    /// One line of at most 1 KiB, which holds the record of a key of 4096 bits. Unlike addresses and tokens of devices, no part of a password is worth recognising.
    private func shown(_ text: String) -> String {
        var text = text
        for secret in secrets where text.contains(secret) {
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "•••")
        }
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " / ")
        return Masking.redact(String(line.map { $0.isPrintable ? $0 : " " }), removing: [])
    }
}

extension Character {
    fileprivate var isPrintable: Bool { unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } }
}

extension CredentialVerification.Verdict {
    /// What an attempt's verdict says of the credential, where the message was one that can't arrive.
    init(of verdict: Domain.Verdict) {
        switch verdict {
        case .accepted, .awaitingReceipt, .recipientGone: self = .works
        case .credentialRefused, .rejected: self = .refused
        case .deferred, .refreshed, .misbuilt, .split, .unknown: self = .inconclusive
        }
    }
}

extension Outcome {
    /// The provider's code and words, or libcurl's.
    var words: String {
        let code = [status.map(String.init), reason].compactMap(\.self).joined(separator: " ")
        guard let detail, !detail.isEmpty else { return code.isEmpty ? rule : code }
        return code.isEmpty ? detail : "\(code): \(detail)"
    }
}
