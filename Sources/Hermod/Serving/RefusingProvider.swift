import Domain

/// Stands in for a provider whose credential can be seen to be unusable. Deliveries are held, not failed: they go out when the credential has been mended.
struct RefusingProvider: Provider {
    let name: ProviderName
    /// What is wrong and what to do, in words for an operator.
    let fault: String

    var window: Int { 1 }
    /// Holds a whole backlog in one attempt rather than one delivery at a time.
    var batchLimit: Int { 100 }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        let outcome = Outcome(
            verdict: .credentialRefused, rule: "\(name.rawValue).local.credential_unusable", reason: "credential_unusable",
            detail: Masking.redact(fault, removing: []))
        return [Outcome](repeating: outcome, count: messages.count)
    }
}
