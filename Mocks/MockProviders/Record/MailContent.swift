import Foundation

/// A mail as a reader sees it: decoded headers, and the text and HTML parts (RFC 5322, 2045 to 2047).
struct MailContent: Sendable {
    /// Unfolded, in their order, not yet decoded.
    let headers: [(name: String, value: String)]
    private let body: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    private init(_ bytes: ArraySlice<UInt8>) {
        var headers: [(name: String, value: String)] = []
        var rest = bytes
        while let line = Self.line(&rest), !line.isEmpty {
            let text = String(decoding: line, as: UTF8.self)
            if let first = line.first, first == 0x20 || first == 0x09, !headers.isEmpty {
                headers[headers.count - 1].value += text
            } else if let colon = text.firstIndex(of: ":") {
                headers.append((String(text[..<colon]), text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)))
            }
        }
        self.headers = headers
        body = rest
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
        var line = rest[..<end]
        rest = end < rest.endIndex ? rest[(end + 1)...] : []
        if line.last == 0x0D { line.removeLast() }
        return line
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }

    var subject: String? { header("subject").map(Self.decodeWords) }

    var text: String? { part(of: "text/plain") }
    var html: String? { part(of: "text/html") }

    // MARK: Parts

    private var contentType: String { header("content-type") ?? "text/plain" }

    private func part(of type: String) -> String? {
        let own = contentType.prefix { $0 != ";" }.lowercased().trimmingCharacters(in: .whitespaces)
        if own.hasPrefix("multipart/") {
            return parts.lazy.compactMap { $0.part(of: type) }.first
        }
        return own == type ? String(decoding: decodedBody, as: UTF8.self) : nil
    }

    private var parts: [MailContent] {
        guard let boundary = parameter("boundary") else { return [] }
        let separator = Array("--\(boundary)".utf8)
        var parts: [MailContent] = []
        var rest = body
        var start: ArraySlice<UInt8>.Index?
        while !rest.isEmpty {
            let lineStart = rest.startIndex
            guard let line = Self.line(&rest) else { break }
            guard line.starts(with: separator) else { continue }
            // The CRLF before a boundary belongs to it (RFC 2046 section 5.1.1).
            if let start, start <= lineStart { parts.append(MailContent(body[start..<max(start, lineStart - 2)])) }
            start = rest.isEmpty ? nil : rest.startIndex
            if line.dropFirst(separator.count).starts(with: Array("--".utf8)) { break }
        }
        return parts
    }

    private func parameter(_ name: String) -> String? {
        for field in contentType.split(separator: ";").dropFirst() {
            let parts = field.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, parts[0].lowercased() == name else { continue }
            return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        }
        return nil
    }

    private var decodedBody: [UInt8] {
        switch header("content-transfer-encoding")?.lowercased() {
        case "base64": Data(base64Encoded: Data(body), options: .ignoreUnknownCharacters).map(Array.init) ?? []
        case "quoted-printable": Self.quotedPrintable(body)
        default: Array(body)
        }
    }

    static func quotedPrintable(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        var rest = Array(bytes)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                output.append(byte)
                continue
            }
            if rest.starts(with: [0x0D, 0x0A]) {
                rest = rest.dropFirst(2)
            } else if rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
                output.append(value)
                rest = rest.dropFirst(2)
            }
        }
        return output
    }

    /// `=?utf-8?B?…?=` and `=?utf-8?Q?…?=`; the blanks between two of them are no text.
    static func decodeWords(_ text: String) -> String {
        var output = ""
        var rest = text[...]
        var afterWord = false
        while let start = rest.range(of: "=?") {
            let before = rest[..<start.lowerBound]
            let fields = rest[start.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, fields[3].first == "=", let decoded = decodeWord(encoding: fields[1], content: fields[2]) else {
                output += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                continue
            }
            if !(afterWord && before.allSatisfy(\.isWhitespace)) { output += before }
            output += decoded
            rest = fields[3].dropFirst()
            afterWord = true
        }
        return output + rest
    }

    private static func decodeWord(encoding: Substring, content: Substring) -> String? {
        switch encoding.uppercased() {
        case "B": Base64.decode(content).map { String(decoding: $0, as: UTF8.self) }
        case "Q": String(decoding: quotedPrintable(content.utf8.map { $0 == UInt8(ascii: "_") ? 0x20 : $0 }), as: UTF8.self)
        default: nil
        }
    }
}
