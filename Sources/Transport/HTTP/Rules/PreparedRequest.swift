/// A request that has passed all checks, in the form libcurl takes: made in the caller's task, so that the loop's thread only copies.
struct PreparedRequest: Sendable {
    /// `https://host:port`: what a connection leads to.
    let origin: String
    let method: HTTPRequest.Method
    let path: String
    let query: String?
    /// Without TLS: HTTP/1.1.
    let isPlain: Bool
    /// `name: value` lines, each ended by NUL.
    let headerLines: [UInt8]
    let headerCount: Int
    let body: [UInt8]

    init(_ request: HTTPRequest) throws(TransportFailure) {
        let url = try URLParts(request.url)
        method = request.method
        origin = url.origin
        path = url.path
        query = url.query
        isPlain = url.isPlain

        let compressed = request.gzip ? Gzip.compress(request.body) : nil
        let isCompressed = (compressed?.count ?? .max) < request.body.count
        body = isCompressed ? compressed ?? request.body : request.body

        var lines = HeaderLines()
        // "Expect: 100-continue" would hold the body back for a second on HTTP/1.1.
        lines.suppress("expect")
        if !request.headers.contains(where: { $0.name == "content-type" }) { lines.suppress("content-type") }
        for header in request.headers { try lines.append(header.name, header.value) }
        if isCompressed { try lines.append("content-encoding", "gzip") }
        headerLines = lines.bytes
        headerCount = lines.count
    }
}

/// Header lines as libcurl takes them.
struct HeaderLines {
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0

    init() {
        bytes.reserveCapacity(512)
    }

    /// libcurl leaves out a header of its own when it is given without a value.
    mutating func suppress(_ name: String) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(0)
        count += 1
    }

    mutating func append(_ name: String, _ value: String) throws(TransportFailure) {
        guard !name.isEmpty, name.hasOnlyBytes(Self.isNameByte) else {
            throw TransportFailure(kind: .invalidRequest, message: "header names are lower-case tokens (RFC 9110 section 5.1)")
        }
        guard !Self.owned.contains(name) else {
            throw TransportFailure(kind: .invalidRequest, message: "the transport sets the header \(name) itself")
        }
        guard value.hasOnlyBytes({ $0 >= 0x20 && $0 != 0x7F }) else {
            // The value may be a secret; the name isn't.
            throw TransportFailure(kind: .invalidRequest, message: "control character in the value of header \(name)")
        }
        bytes.append(contentsOf: name.utf8)
        // "name;" is libcurl's way to send a header with an empty value.
        if value.hasOnlyBytes({ $0 == 0x20 }) {
            bytes.append(UInt8(ascii: ";"))
        } else {
            bytes.append(UInt8(ascii: ":"))
            bytes.append(UInt8(ascii: " "))
            bytes.append(contentsOf: value.utf8)
        }
        bytes.append(0)
        count += 1
    }

    /// Framing and routing are not the caller's to choose: a second length or host is how requests are smuggled.
    private static let owned: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade", "expect", "te",
    ]

    /// RFC 9110 token, without upper case.
    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
