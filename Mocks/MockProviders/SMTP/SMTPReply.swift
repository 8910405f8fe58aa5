/// One reply of an SMTP server, on one line or several.
struct SMTPReply: Sendable, Hashable {
    var code: Int
    /// RFC 3463; every 2xx, 4xx and 5xx but greeting and EHLO carries one (RFC 2034).
    var enhanced: String?
    var lines: [String]

    init(_ code: Int, _ enhanced: String? = nil, _ lines: String...) {
        self.code = code
        self.enhanced = enhanced
        self.lines = lines
    }

    init(_ code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
    }

    var text: String {
        var text = ""
        for (index, line) in lines.enumerated() {
            let separator = index + 1 < lines.count ? "-" : " "
            text += "\(code)\(separator)\(enhanced.map { "\($0) " } ?? "")\(line)\r\n"
        }
        return text
    }

    /// The same without enhanced codes, for a server that does not announce them.
    var plain: SMTPReply { SMTPReply(code, lines: lines) }
}
