/// Which messages are meant; nil admits all.
public struct MessageFilter: Sendable, Hashable {
    public var provider: ProviderName?
    /// The device token or mailbox.
    public var target: String?
    public var accepted: Bool?
    public var id: String?
    /// Only messages that came after that number.
    public var after: Int?
    /// The org of the account that sent it.
    public var org: String?
    public var reason: String?
    /// Only messages that came at that moment or later, in milliseconds since 1970 by the run's clock.
    public var since: Int64?
    /// A piece of what a person would read in it, of its addresses, ids or reason; upper and lower case are one.
    public var text: String?

    public init(
        provider: ProviderName? = nil, target: String? = nil, accepted: Bool? = true, id: String? = nil, after: Int? = nil, org: String? = nil,
        reason: String? = nil, since: Int64? = nil, text: String? = nil
    ) {
        self.provider = provider
        self.target = target
        self.accepted = accepted
        self.id = id
        self.after = after
        self.org = org
        self.reason = reason
        self.since = since
        self.text = text
    }

    /// Whether the counts by provider and acceptance, which outlive the messages, can answer for the filter.
    var asksForCountsOnly: Bool {
        target == nil && id == nil && after == nil && org == nil && reason == nil && since == nil && text == nil
    }

    func admits(_ message: ReceivedMessage) -> Bool {
        (provider == nil || provider == message.provider) && (target == nil || target == message.target)
            && (accepted == nil || accepted == message.accepted) && (id == nil || id == message.id) && message.number > (after ?? 0)
            && (org == nil || org == message.org) && (reason == nil || reason == message.reason) && message.receivedAt >= (since ?? .min)
            && (text.map { MessageContent(message).contains($0) } ?? true)
    }
}
