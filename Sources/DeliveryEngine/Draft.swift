public import Domain

/// What a contract asks for, before recipients are resolved.
public struct Draft: Sendable {
    public enum Recipient: Sendable, Hashable {
        /// The user, by each of `channels`: all active tokens, narrowed to one provider where the draft names it, and the in-app inbox.
        case user(String)
        /// One token, registered or not.
        ///
        /// - Parameter app: the app that it belongs to, where that is known.
        case token(String, platform: Platform?, app: String? = nil)
        case email(String)
    }

    /// As it will stand in URLs and answers.
    public var id: String
    public var contract: Contract
    public var orgID: String
    public var recipient: Recipient
    /// Whose address `recipient` is, where that is known; the notification is theirs.
    public var userID: String?
    /// The ways to a user. With more than one, a way that leads nowhere (no token) is no fault.
    public var channels: Set<Channel>
    /// Why nothing can be sent, in words for the caller: the notification is stored as failed and says so.
    public var impediment: String?
    public var category: String?
    public var content: Content
    public var attributes: JSONObject
    public var batchID: String?
    public var provider: ProviderName?
    /// Name of the credential to use.
    public var credential: String?
    public var expiresAt: Timestamp?

    public init(
        id: String, contract: Contract, orgID: String, recipient: Recipient, userID: String? = nil, channels: Set<Channel> = [.push],
        impediment: String? = nil, category: String? = nil, content: Content, attributes: JSONObject = [:], batchID: String? = nil,
        provider: ProviderName? = nil, credential: String? = nil, expiresAt: Timestamp? = nil
    ) {
        self.id = id
        self.contract = contract
        self.orgID = orgID
        self.recipient = recipient
        if case .user(let id) = recipient { self.userID = id } else { self.userID = userID }
        self.channels = channels
        self.impediment = impediment
        self.category = category
        self.content = content
        self.attributes = attributes
        self.batchID = batchID
        self.provider = provider
        self.credential = credential
        self.expiresAt = expiresAt
    }
}
