import NIOCore
import NIOHPACK

/// One HTTP request, read whole, whichever version of HTTP brought it.
struct Request {
    enum Version: Sendable { case http1, http2 }

    var method: String
    /// The path without its query, still percent-encoded.
    var path: String
    var query: [(name: String, value: String)]
    /// Names in lower case; HTTP/2's pseudo headers are left out.
    var headers: HPACKHeaders
    var body: [UInt8]
    var version: Version
    /// The host that the client believes it speaks to, with its port.
    var authority: String
    let connection: Connection
    let eventLoop: any EventLoop

    init(
        method: String, target: String, headers: HPACKHeaders, body: [UInt8], version: Version, authority: String, connection: Connection,
        eventLoop: any EventLoop
    ) {
        self.method = method
        self.headers = headers
        self.body = body
        self.version = version
        self.authority = authority
        self.connection = connection
        self.eventLoop = eventLoop
        if let mark = target.firstIndex(of: "?") {
            path = String(target[..<mark])
            query = FormFields.parse(target[target.index(after: mark)...])
        } else {
            path = target
            query = []
        }
    }

    func header(_ name: String) -> String? { headers.first(name: name) }

    func query(_ name: String) -> String? { query.first { $0.name == name }?.value }
}
