/// What a provider's answer means for a delivery. One table per provider gives it; the engine acts on it and on nothing else.
///
/// The raw names in comments are those of the published test vectors.
public enum Verdict: Sendable, Hashable {
    /// OK: the provider took responsibility.
    case accepted
    /// OK, Expo: stored by the provider; ask for the receipt later.
    case awaitingReceipt
    /// RETRY: try again later.
    case deferred(Wait)
    /// RETRY_ONCE: the provider has thrown away its token or connection; one more attempt at once, then as `afterwards` says.
    case refreshed(afterwards: Afterwards)
    /// PERM: this message will never be taken; the target stays good.
    case rejected
    /// BUG: our own request was wrong; as `rejected`, and somebody should look.
    case misbuilt
    /// TOKEN: the target itself is dead, as of that moment where the provider names one. Kills a token only if it was not registered again since.
    case recipientGone(asOf: Timestamp?)
    /// CRED: the credential or the app's configuration is refused. Pauses the lane, holds the delivery, never touches a token.
    case credentialRefused
    /// SPLIT: the request was bad as a batch and nothing in it was taken. Messages of equal label may share the next one.
    case split(label: String)
    /// AMBIG: the request went out and no answer could be read. `resend` says whether another attempt is safe enough to be made by itself.
    case unknown(resend: Bool)

    /// What the verdict after a `refreshed` attempt falls back to when the second answer is the same.
    public enum Afterwards: Sendable, Hashable {
        case deferred
        case credentialRefused
        /// The credential has another version, which has not refused anything: the attempt to come goes out with that one, and is a first attempt again.
        case otherVersion
    }
}

/// How long to wait, and who has to.
public struct Wait: Sendable, Hashable {
    /// The least wait that the provider documents for this answer; jitter comes on top.
    public var floor: Duration
    /// `Retry-After`, clamped to 1 s … 1 h; jitter comes on top, never below.
    public var retryAfter: Duration?
    public var scope: Scope

    public enum Scope: Sendable, Hashable {
        /// This delivery alone.
        case delivery
        /// All that goes to the same device or mailbox, whichever lane it goes through (a device's own limit).
        case target
        /// All that is drawn from the same quota (a project's limit, a relay that is busy).
        case lane
    }

    public init(floor: Duration = .zero, retryAfter: Duration? = nil, scope: Scope = .delivery) {
        self.floor = floor
        self.retryAfter = retryAfter
        self.scope = scope
    }
}

/// One attempt's result: the verdict and what it was judged by.
public struct Outcome: Sendable, Hashable {
    public var verdict: Verdict
    /// The rule of the verdict table that decided, e.g. `apns.410.Unregistered`: stable, for logs and timelines.
    public var rule: String
    /// HTTP status or SMTP basic code; nil when nothing was answered.
    public var status: Int?
    /// The provider's own word for it: `BadDeviceToken`, `UNREGISTERED`, `5.1.1` … or ours: `timeout`, `connect_failed`.
    public var reason: String?
    /// The provider's text, at most 1 KiB, with tokens and addresses taken out.
    public var detail: String?
    /// Ticket id, `apns-id`, FCM message name, SMTP queue id.
    public var providerMessageID: String?
    /// True where one such verdict speaks of a token, but nearly only such verdicts in a lane speak of its credential
    /// (wrong environment, wrong project).
    public var suspectsCredential: Bool
    /// True when it says something about the provider's health: no answer, 5xx, connection refused. Only these count for the breaker.
    public var blamesProvider: Bool

    public init(
        verdict: Verdict, rule: String, status: Int? = nil, reason: String? = nil, detail: String? = nil, providerMessageID: String? = nil,
        suspectsCredential: Bool = false, blamesProvider: Bool = false
    ) {
        self.verdict = verdict
        self.rule = rule
        self.status = status
        self.reason = reason
        self.detail = detail
        self.providerMessageID = providerMessageID
        self.suspectsCredential = suspectsCredential
        self.blamesProvider = blamesProvider
    }
}

extension Outcome {
    /// True when the provider has answered in good health, whatever it said. What we refuse ourselves, or gave up, shows nothing.
    public var showsProviderWell: Bool {
        switch verdict {
        case .accepted, .awaitingReceipt: true
        // Of a connection that was given up by the provider, only the second attempt tells.
        case .refreshed(afterwards: .deferred): false
        case .deferred, .refreshed, .rejected, .misbuilt, .recipientGone, .credentialRefused, .split, .unknown: status != nil && !blamesProvider
        }
    }

    /// True when the provider has let the credential in, whatever it said of the message then. What we refuse ourselves shows nothing.
    public var showsCredentialWorks: Bool {
        switch verdict {
        case .accepted, .awaitingReceipt: true
        case .rejected, .misbuilt, .recipientGone, .split: status != nil
        // Who is told to wait has been let in.
        case .deferred: status != nil && !blamesProvider
        case .refreshed, .credentialRefused, .unknown: false
        }
    }
}

extension Verdict {
    /// A verdict without what comes with it.
    public enum Kind: Int, Sendable, Hashable, CaseIterable {
        case accepted
        case awaitingReceipt
        case deferred
        case refreshed
        case otherVersion
        case rejected
        case misbuilt
        case recipientGone
        case credentialRefused
        case split
        case unknown

        /// Its name in timelines and metrics.
        public var word: String {
            switch self {
            case .accepted: "accepted"
            case .awaitingReceipt: "awaiting_receipt"
            case .deferred: "deferred"
            case .refreshed: "refreshed"
            case .otherVersion: "other_version"
            case .rejected: "rejected"
            case .misbuilt: "misbuilt"
            case .recipientGone: "recipient_gone"
            case .credentialRefused: "credential_refused"
            case .split: "split"
            case .unknown: "unknown"
            }
        }
    }

    public var kind: Kind {
        switch self {
        case .accepted: .accepted
        case .awaitingReceipt: .awaitingReceipt
        case .deferred: .deferred
        case .refreshed(afterwards: .otherVersion): .otherVersion
        case .refreshed: .refreshed
        case .rejected: .rejected
        case .misbuilt: .misbuilt
        case .recipientGone: .recipientGone
        case .credentialRefused: .credentialRefused
        case .split: .split
        case .unknown: .unknown
        }
    }
}
