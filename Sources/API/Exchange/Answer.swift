import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// An answer of which something can be kept, so that a repeat of the same request is told the same.
protocol KeptAnswer: ResponseGenerator, Sendable {
    var headers: HTTPFields { get set }
    var stored: StoredAnswer { get }
}

/// What a handler answers: a status and a body that is written already, so that it can be kept for a repeat of the same request.
struct Answer: KeptAnswer {
    var status: HTTPResponse.Status
    var contentType: String
    var body: [UInt8]
    var headers: HTTPFields
    /// What is kept for a repeat, where that must differ from what is sent.
    private var kept: [UInt8]?

    init(_ status: HTTPResponse.Status, _ json: JSON, contentType: String = "application/json", headers: HTTPFields = [:]) {
        self.status = status
        self.contentType = contentType
        body = json.bytes
        self.headers = headers
    }

    init(_ json: JSON) {
        self.init(.ok, json)
    }

    init(_ stored: StoredAnswer) {
        status = HTTPResponse.Status(code: stored.status)
        contentType = stored.contentType
        body = Array(stored.body.utf8)
        headers = [:]
    }

    var stored: StoredAnswer {
        StoredAnswer(status: status.code, contentType: contentType, body: String(decoding: kept ?? body, as: UTF8.self))
    }

    /// Has a repeat of the request answered by `json` instead: for an answer with something in it that may be shown only once.
    mutating func keep(_ json: JSON) {
        kept = json.bytes
    }

    mutating func warn(ofUnknown names: [String]) {
        headers.warn(ofUnknown: names)
    }

    func response() -> Response {
        var headers = headers
        headers[.contentType] = contentType
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    func response(from request: Request, context: some RequestContext) -> Response { response() }
}

extension HTTPFields {
    /// Names what was ignored, as Kubernetes does. One header, whatever was sent.
    mutating func warn(ofUnknown names: [String]) {
        guard !names.isEmpty else { return }
        let shown = 10
        var text = "unknown and ignored: " + names.prefix(shown).map { Printable.ascii($0) }.joined(separator: ", ")
        if names.count > shown { text += " and \(names.count - shown) more" }
        self[.warning] = "299 - " + Printable.quotedString(text, limit: 1_000)
    }
}

extension HTTPField.Name {
    static let idempotencyKey = Self("Idempotency-Key")!
    static let idempotencyReplayed = Self("Idempotency-Replayed")!
    static let prefer = Self("Prefer")!
    static let preferenceApplied = Self("Preference-Applied")!
    static let requestID = Self("X-Request-Id")!
    static let warning = Self("Warning")!
    static let link = Self("Link")!
}
