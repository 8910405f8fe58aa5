/// One request, a POST unless it says otherwise. Built by a provider, carried once.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable, Hashable, CaseIterable {
        /// Without a body, as DELETE is.
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    public var method: Method
    /// Absolute, `https://` or `http://`.
    public var url: String
    /// Field names in lower case. Values with control characters are refused before anything is sent.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Compress the body with gzip (RFC 1952) when that makes it smaller; adds `content-encoding`.
    public var gzip: Bool

    public init(
        method: Method = .post, url: String, headers: [(name: String, value: String)], body: [UInt8], gzip: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.gzip = gzip
    }
}

/// Status, headers and as much of the body as arrived within the bound.
public struct HTTPResponse: Sendable {
    public var status: Int
    /// As `ResponseHead` gathers them. Of an answer's many fields, one or two are asked for.
    private let fieldLines: [UInt8]
    public var body: [UInt8]
    /// True when the body ended early: cut at the bound, or the connection broke after the headers had arrived.
    public var isTruncated: Bool

    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8], isTruncated: Bool = false) {
        self.init(status: status, fieldLines: Array(headers.map { "\($0.name):\($0.value)\n" }.joined().utf8), body: body, isTruncated: isTruncated)
    }

    init(status: Int, fieldLines: [UInt8], body: [UInt8], isTruncated: Bool) {
        self.status = status
        self.fieldLines = fieldLines
        self.body = body
        self.isTruncated = isTruncated
    }

    /// In order of arrival, names in lower case.
    public var headers: [(name: String, value: String)] { ResponseHead.fields(of: fieldLines) }

    /// The first value of a field, its name in lower case.
    public subscript(header name: String) -> String? { ResponseHead.value(of: name, in: fieldLines) }
}

/// How an exchange ended. What counts is whether the provider may have acted on the request.
public enum HTTPOutcome: Sendable {
    /// Status and headers arrived; that is an answer, whatever libcurl says of the rest.
    case answered(HTTPResponse)
    /// The provider can't have processed the request: safe to send again.
    case notSent(TransportFailure)
    /// The request, or part of it, went out and no answer came: it may have been processed.
    case unknown(TransportFailure)
}

/// Why there is no answer.
public struct TransportFailure: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        case resolve = "resolve_failed"
        case connect = "connect_failed"
        /// TLS handshake or certificate.
        case tls = "tls_failed"
        case timeout
        case reset = "connection_lost"
        /// HTTP/2: refused, or above GOAWAY's last stream.
        case refusedStream = "refused_stream"
        case cancelled
        case shutdown
        /// The request itself can't be sent: bad URL, control characters in a header, over-long address.
        case invalidRequest = "invalid_request"
        case local = "local_fault"
    }

    public var kind: Kind
    /// libcurl's words, without addresses of the message.
    public var message: String
    /// CURLcode, 0 where libcurl was not asked.
    public var code: Int

    public init(kind: Kind, message: String, code: Int = 0) {
        self.kind = kind
        self.message = message
        self.code = code
    }

    public var description: String { "\(kind.rawValue): \(message)" }
}

/// Requests that may share connections. Two groups never do: APNs binds a connection to the first key that uses it.
public struct ConnectionGroup: Sendable, Hashable {
    /// Free text, e.g. `apns/production/TEAM123456/KEY1234567`.
    public var name: String
    /// Open the group by one request and let the others wait for its answer: APNs allows one stream until a token has been accepted.
    public var opensWithOne: Bool
    /// A PKCS#12 client certificate for all of the group's connections.
    public var clientCertificate: ClientCertificate?
    /// Connections at most; requests above what their streams carry wait.
    public var maxConnections: Int
    /// Requests in flight at most, over all connections.
    public var maxInFlight: Int

    public struct ClientCertificate: Sendable, Hashable {
        public var p12: [UInt8]
        public var password: String

        public init(p12: [UInt8], password: String) {
            self.p12 = p12
            self.password = password
        }
    }

    public init(
        name: String, opensWithOne: Bool = false, clientCertificate: ClientCertificate? = nil, maxConnections: Int = 2, maxInFlight: Int = 200
    ) {
        self.name = name
        self.opensWithOne = opensWithOne
        self.clientCertificate = clientCertificate
        self.maxConnections = maxConnections
        self.maxInFlight = maxInFlight
    }
}
