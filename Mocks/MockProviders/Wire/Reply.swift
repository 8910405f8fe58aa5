import NIOCore

/// An HTTP answer, and what shall go wrong on the way back.
struct Reply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var delay: Duration = .zero
    var fault: Fault?

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
}
