import Crypto
import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// `GET /openapi.json`: what this gateway answers to, for people and programs.
struct OpenAPIPage: Sendable {
    static let path = "/openapi.json"

    private let page: OncePage

    init(_ table: RouteTable, fragments: [OpenAPIFragment], isOpen: Bool, version: String) {
        page = OncePage(table: table, fragments: fragments, isOpen: isOpen, version: version)
    }

    func add(to routes: Routes) {
        routes.onUnguarded(.get, Self.path, use: get)
    }

    private func get(_ request: Request, _ context: CallContext) -> Response {
        let (body, tag) = page.content
        var headers: HTTPFields = [.eTag: tag]
        // Kept, but asked about each time: a gateway that was exchanged may say something else at the same address.
        headers[.cacheControl] = "no-cache"
        if Self.isKnown(tag, by: request.headers) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }

    /// `If-None-Match` compares weakly (RFC 9110 section 13.1.2).
    static func isKnown(_ tag: String, by fields: HTTPFields) -> Bool {
        fields[values: .ifNoneMatch].flatMap { $0.split(separator: ",") }.contains { given in
            let given = given.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" }
            return given == "*" || given == tag || given == "W/" + tag
        }
    }
}

/// The page's bytes, written when somebody first asks: most gateways of a fleet are never asked.
private final class OncePage: Sendable {
    private let table: RouteTable
    private let fragments: [OpenAPIFragment]
    private let isOpen: Bool
    private let version: String
    private let written = Mutex<(body: ByteBuffer, tag: String)?>(nil)

    init(table: RouteTable, fragments: [OpenAPIFragment], isOpen: Bool, version: String) {
        self.table = table
        self.fragments = fragments
        self.isOpen = isOpen
        self.version = version
    }

    var content: (body: ByteBuffer, tag: String) {
        written.withLock { written in
            if let written { return written }
            var assembler = OpenAPIAssembler(fragments, isOpen: isOpen)
            let bytes = assembler.document(table.routes, version: version).bytes
            let content = (ByteBuffer(bytes: bytes), "\"\(SHA256.hash(data: bytes).hex.prefix(32))\"")
            written = content
            return content
        }
    }
}
