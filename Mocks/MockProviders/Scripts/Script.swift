/// An answer that takes the place of the one the provider would have given to a valid request.
///
/// Scripts never make a faulty request succeed or hide its fault: a bad signature stays 403, whatever the script says.
public struct Script: Sendable, Hashable {
    /// Nil matches every provider.
    public var provider: ProviderName?
    /// A token or mailbox, whole or up to a final `*`; nil matches every one. For the grant it is the service account's client_email.
    public var target: String?
    /// The step that answers; nil is the provider's own: the push, the ticket, RCPT.
    public var stage: Stage?
    /// Only the nth request that fits the above, counted from 1 since the script was set.
    public var nth: Int?
    /// How often the script applies before it is used up; nil is for ever.
    public var times: Int?
    public var answer: ScriptedAnswer

    public enum Stage: String, Sendable, Hashable, CaseIterable {
        /// The push or ticket of one message.
        case message
        /// Expo's whole request; FCM's and APNs' are their message.
        case request
        /// Expo's receipt.
        case receipt
        /// FCM's token endpoint.
        case grant
        /// The steps of an SMTP conversation; `dot` is the reply after the message.
        case greeting, ehlo, starttls, auth, mail, rcpt, data, dot
    }

    public init(
        provider: ProviderName? = nil, target: String? = nil, stage: Stage? = nil, nth: Int? = nil, times: Int? = nil, answer: ScriptedAnswer
    ) {
        self.provider = provider
        self.target = target
        self.stage = stage
        self.nth = nth
        self.times = times
        self.answer = answer
    }

    /// A mail is refused at RCPT, but an answer gets lost after the final dot.
    private func ownStage(of provider: ProviderName) -> Stage {
        guard provider == .smtp else { return .message }
        return answer.fault == nil ? .rcpt : .dot
    }

    func fits(_ provider: ProviderName, target: String, stage: Stage) -> Bool {
        guard self.provider == nil || self.provider == provider else { return false }
        guard (self.stage ?? ownStage(of: provider)) == stage else { return false }
        guard let wanted = self.target else { return true }
        return wanted.hasSuffix("*") ? target.hasPrefix(wanted.dropLast()) : target == wanted
    }
}

/// One row of a verdict table, or a fault on the way back, or only a delay.
public struct ScriptedAnswer: Sendable, Hashable {
    /// HTTP status or SMTP reply code; nil takes the one that belongs to `reason`.
    public var status: Int?
    /// The provider's word for it: `Unregistered`, `QUOTA_EXCEEDED`, `DeviceNotRegistered`; for SMTP the enhanced code, `5.1.1`.
    public var reason: String?
    /// Instead of the provider's own form of body; for SMTP the reply's text.
    public var body: String?
    public var headers: [String: String] = [:]
    /// Seconds or an HTTP date.
    public var retryAfter: String?
    public var delay: Duration = .zero
    public var fault: Fault?
    /// The provider took the message although it says otherwise, as Expo's 504 has been seen to do.
    public var accepted: Bool
    /// The `timestamp` of APNs' 410 in milliseconds; nil is now.
    public var timestamp: Int64?

    public init(
        status: Int? = nil, reason: String? = nil, body: String? = nil, headers: [String: String] = [:], retryAfter: String? = nil,
        delay: Duration = .zero, fault: Fault? = nil, accepted: Bool = false, timestamp: Int64? = nil
    ) {
        self.status = status
        self.reason = reason
        self.body = body
        self.headers = headers
        self.retryAfter = retryAfter
        self.delay = delay
        self.fault = fault
        self.accepted = accepted
        self.timestamp = timestamp
    }

    /// Whether the answer says no, instead of only coming late or getting lost.
    var refuses: Bool { (status.map { $0 >= 300 } ?? (reason != nil)) }
}
