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
    /// The run it belongs to; empty for the run of those who name none.
    public var run: String
    /// The org of the account that sent it, if it was an account made for an org.
    public var org: String?
    /// Who sent it, by a name that is no secret: APNs key id, FCM's client_email, mail user.
    public var credential: String?
    /// Of a push: how the request began. Its headers are `headers`.
    public var request: RequestLine?
    /// Of a push: what was answered, or would have been. Of a batch of Expo's, the answer to the whole batch.
    public var answer: Answer?
    /// Of a message to a topic or condition of FCM's: the registrations that had subscribed to it.
    public internal(set) var reached: [String]?
    /// Of a mail: what was said since the mail before it, one line each, with passwords left out.
    public var dialogue: [String] = []
    /// Of a mail: MAIL FROM.
    public var sender: String?
    /// Of a mail: whether some line ended in a bare LF or CR (RFC 5321 section 2.3.8 forbids them).
    public var hasBareLineEnds = false

    public struct RequestLine: Sendable, Hashable {
        public var method: String
        public var path: String
        /// `HTTP/1.1` or `HTTP/2`.
        public var version: String
    }

    public struct Answer: Sendable {
        public var status: Int
        public var headers: [(name: String, value: String)]
        public var body: [UInt8]

        init(_ reply: Reply) {
            status = reply.status
            headers = reply.headers
            body = reply.body
        }
    }

    init(
        run: String, provider: ProviderName, target: String, id: String, identity: String?, receivedAt: Int64, status: Int, reason: String? = nil,
        accepted: Bool,
        fault: Fault? = nil, connection: Int, headers: [(name: String, value: String)], payload: [UInt8]
    ) {
        self.run = run
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
