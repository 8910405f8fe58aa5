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
    /// The same as an HTTP date, so far ahead of the run's clock.
    public var retryAfterDate: Duration?
    public var delay: Duration = .zero
    public var fault: Fault?
    /// The provider took the message although it says otherwise, as Expo's 504 has been seen to do.
    public var accepted: Bool
    /// The `timestamp` of APNs' 410 in milliseconds; nil is now.
    public var timestamp: Int64?
    /// In how many pieces the body goes out: frames of HTTP/2, writes of HTTP/1.1.
    public var pieces = 1
    /// How long the mock waits before each piece but the first.
    public var pieceDelay: Duration = .zero

    public init(
        status: Int? = nil, reason: String? = nil, body: String? = nil, headers: [String: String] = [:], retryAfter: String? = nil,
        retryAfterDate: Duration? = nil, delay: Duration = .zero, fault: Fault? = nil, accepted: Bool = false, timestamp: Int64? = nil,
        pieces: Int = 1, pieceDelay: Duration = .zero
    ) {
        self.status = status
        self.reason = reason
        self.body = body
        self.headers = headers
        self.retryAfter = retryAfter
        self.retryAfterDate = retryAfterDate
        self.delay = delay
        self.fault = fault
        self.accepted = accepted
        self.timestamp = timestamp
        self.pieces = pieces
        self.pieceDelay = pieceDelay
    }

    /// Whether the answer says no, instead of only coming late or getting lost.
    var refuses: Bool { (status.map { $0 >= 300 } ?? (reason != nil && !isFarewell)) }

    /// With a GOAWAY the reason belongs to the frame, not to an answer.
    var isFarewell: Bool {
        switch fault {
        case .goaway, .goawayZero, .goawayAfter: status == nil
        default: false
        }
    }

    /// The headers that the script asks for.
    func extraHeaders(now: Int64) -> [(name: String, value: String)] {
        var extra = headers.sorted { $0.key < $1.key }.map { (name: $0.key.lowercased(), value: $0.value) }
        if let retryAfter { extra.append(("retry-after", retryAfter)) }
        if let retryAfterDate { extra.append(("retry-after", HTTPDate.text(of: now + retryAfterDate.milliseconds))) }
        return extra
    }

    /// How the answer goes out: late, in pieces, or not at all.
    func apply(to reply: inout Reply) {
        reply.delay = delay
        reply.fault = fault
        reply.farewell = isFarewell ? reason : nil
        reply.pieces = pieces
        reply.pieceDelay = pieceDelay
    }
}
