/// An answer that takes the place of the one the provider would have given to a valid request.
///
/// Scripts never make a faulty request succeed or hide its fault: a bad signature stays 403, whatever the script says.
public struct Script: Sendable, Hashable {
    /// Nil matches every provider.
    public var provider: ProviderName?
    /// A token or mailbox, whole or up to a final `*`; nil matches every one. For the grant it is the service account's client_email.
    public var target: String?
    /// The org of the account that sends; nil matches every one, and requests without one.
    public var org: String?
    /// The account that sends, by any of its names: APNs key or team id, FCM project or client_email, Expo access token, mail user.
    public var credential: String?
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
        /// FCM's subscriptions to topics.
        case topic
        /// The steps of an SMTP conversation; `dot` is the reply after the message.
        case greeting, ehlo, starttls, auth, mail, rcpt, data, dot
    }

    public init(
        provider: ProviderName? = nil, target: String? = nil, org: String? = nil, credential: String? = nil, stage: Stage? = nil, nth: Int? = nil,
        times: Int? = nil, answer: ScriptedAnswer
    ) {
        self.provider = provider
        self.target = target
        self.org = org
        self.credential = credential
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

    func fits(_ provider: ProviderName, target: String, stage: Stage, sender: Account?) -> Bool {
        guard self.provider == nil || self.provider == provider else { return false }
        guard (self.stage ?? ownStage(of: provider)) == stage else { return false }
        if let org, org != sender?.org { return false }
        if let credential, sender?.isKnown(as: credential) != true { return false }
        guard let wanted = self.target else { return true }
        return wanted.hasSuffix("*") ? target.hasPrefix(wanted.dropLast()) : target == wanted
    }
}
