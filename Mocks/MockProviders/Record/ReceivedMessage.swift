/// One message that reached the mock, whatever became of it.
public struct ReceivedMessage: Sendable {
    /// Counts from 1 in the order of arrival.
    public internal(set) var number = 0
    public var provider: ProviderName
    /// Device token or mailbox.
    public var target: String
    /// What the provider calls it: apns-id, FCM name, Expo ticket, Message-ID.
    public var id: String
    /// What a repeated attempt has in common with the first: apns-id, Message-ID, or an id in the push's data.
    public var identity: String?
    /// Milliseconds since 1970.
    public var receivedAt: Int64
    /// HTTP status or SMTP reply.
    public var status: Int
    public var reason: String?
    /// Whether the provider took it, told or not.
    public var accepted: Bool
    /// What happened to the answer, if the client did not simply get it.
    public var fault: Fault?
    public var connection: Int
    /// Request headers, without credentials.
    public var headers: [(name: String, value: String)]
    /// The push's JSON, or the mail as it came, dots undone.
    public var payload: [UInt8]
    /// The payload was let go to make room for newer ones.
    public internal(set) var isPayloadDropped = false
    /// Of a mail: MAIL FROM.
    public var sender: String?
    /// Of a mail: whether some line ended in a bare LF or CR (RFC 5321 section 2.3.8 forbids them).
    public var hasBareLineEnds = false

    init(
        provider: ProviderName, target: String, id: String, identity: String?, receivedAt: Int64, status: Int, reason: String? = nil, accepted: Bool,
        fault: Fault? = nil, connection: Int, headers: [(name: String, value: String)], payload: [UInt8]
    ) {
        self.provider = provider
        self.target = target
        self.id = id
        self.identity = identity
        self.receivedAt = receivedAt
        self.status = status
        self.reason = reason
        self.accepted = accepted
        self.fault = fault
        self.connection = connection
        self.headers = headers
        self.payload = payload
    }

    public func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }
}

/// Which messages are meant; nil admits all.
public struct MessageFilter: Sendable, Hashable {
    public var provider: ProviderName?
    public var target: String?
    public var accepted: Bool?
    public var id: String?
    /// Only messages that came after that number.
    public var after: Int?

    public init(provider: ProviderName? = nil, target: String? = nil, accepted: Bool? = true, id: String? = nil, after: Int? = nil) {
        self.provider = provider
        self.target = target
        self.accepted = accepted
        self.id = id
        self.after = after
    }

    func admits(_ message: ReceivedMessage) -> Bool {
        (provider == nil || provider == message.provider) && (target == nil || target == message.target)
            && (accepted == nil || accepted == message.accepted) && (id == nil || id == message.id) && message.number > (after ?? 0)
    }
}
