import NIOCore

/// An HTTP answer, and what shall go wrong on the way back.
struct Reply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var delay: Duration = .zero
    var fault: Fault?
    /// The reason in a GOAWAY that goes with the answer.
    var farewell: String?
    var pieces = 1
    var pieceDelay: Duration = .zero

    init(status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(status: Int, json: JSON, headers: [(name: String, value: String)] = []) {
        self.init(status: status, headers: [("content-type", "application/json; charset=utf-8")] + headers, body: json.encoded)
    }

    /// How the proxies in front of a provider answer: in HTML.
    static func html(status: Int, _ text: String, headers: [(name: String, value: String)] = []) -> Reply {
        let page = "<!DOCTYPE html>\n<html><head><title>\(status)</title></head><body><h1>\(status)</h1><p>\(text)</p></body></html>\n"
        return Reply(status: status, headers: [("content-type", "text/html; charset=utf-8")] + headers, body: Array(page.utf8))
    }

    /// The same, packed, if the client can unpack it and it is worth the while.
    func packed(for request: Request) -> Reply {
        guard body.count > 256, let accepted = request.header("accept-encoding"), accepted.lowercased().contains("gzip"),
            let packed = Gzip.deflate(body)
        else { return self }
        var reply = self
        reply.body = packed
        reply.headers.append(("content-encoding", "gzip"))
        reply.headers.append(("vary", "Accept-Encoding"))
        return reply
    }

    /// The body cut into as many pieces as asked for, none of them empty.
    var bodyPieces: [ArraySlice<UInt8>] {
        let count = max(1, min(pieces, body.count))
        return (0..<count).map { body[($0 * body.count / count)..<(($0 + 1) * body.count / count)] }
    }
}
