/// What the provider itself says of a credential, asked without reaching any device or mailbox.
public struct CredentialVerification: Sendable, Hashable {
    public enum Verdict: String, Sendable, Hashable, CaseIterable {
        /// The provider took it.
        case works
        /// The provider, or what the credential points to, refused it.
        case refused
        /// Nobody answered, or the answer says nothing about the credential: ask again later.
        case inconclusive
    }

    /// One thing that was tried: `connect`, `tls`, `auth`, `sender`, `grant`, `send` …
    public struct Step: Sendable, Hashable {
        public var name: String
        public var verdict: Verdict
        /// What was answered, in the provider's redacted words or ours.
        public var detail: String

        public init(_ name: String, _ verdict: Verdict, _ detail: String) {
            self.name = name
            self.verdict = verdict
            self.detail = detail
        }
    }

    public var verdict: Verdict
    /// One sentence that an operator can act on: what is wrong and what to do, or what was shown to work.
    public var summary: String
    /// In the order in which they were tried; ends with the first that failed, but for `dns`, which is asked for beside.
    public var steps: [Step]

    public init(verdict: Verdict, summary: String, steps: [Step]) {
        self.verdict = verdict
        self.summary = summary
        self.steps = steps
    }
}

public protocol CredentialVerifier: Sendable {
    /// Asks the provider with this very credential, whichever version of it is in use. Reaches no device and leaves no mail.
    ///
    /// - Parameter dns: whether a DKIM key is held against its DNS record too; asked for, since it takes the name server's time.
    func verify(_ credential: Credential, dns: Bool, deadline: Timestamp) async -> CredentialVerification
}
