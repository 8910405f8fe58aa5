/// Where mail goes out. Two equal relays share kept connections.
public struct SMTPRelay: Sendable, Hashable {
    public enum Security: Sendable, Hashable {
        case starttls
        case implicit
        case none
    }

    public var host: String
    public var port: Int
    public var security: Security
    public var username: String?
    public var password: String?
    /// EHLO name; the machine's host name when nil.
    public var ehloName: String?
    /// Connections, and so transactions, at once.
    public var maxConnections: Int

    public init(
        host: String, port: Int, security: Security, username: String? = nil, password: String? = nil, ehloName: String? = nil,
        maxConnections: Int = 10
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.ehloName = ehloName
        self.maxConnections = maxConnections
    }
}
