import Foundation

/// A mail read back by the rules of RFC 5322, 2045 and 2047, written for the tests alone, so that what the composer writes is checked by other code than its own.
struct ReadMail {
    /// Unfolded, in order.
    let headers: [(name: String, value: String)]
    /// As they stand in the mail, folds included.
    let rawHeaders: [String]
    let body: [UInt8]

    init(_ bytes: [UInt8]) {
        let end = Self.headerEnd(bytes)
        var raw: [String] = []
        for line in String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n") where !line.isEmpty {
            if line.first == " " || line.first == "\t", let last = raw.popLast() { raw.append(last + "\r\n" + line) } else { raw.append(line) }
        }
        rawHeaders = raw
        headers = raw.map { field in
            let unfolded = field.replacingOccurrences(of: "\r\n", with: "")
            let colon = unfolded.firstIndex(of: ":") ?? unfolded.endIndex
            return (String(unfolded[..<colon]), unfolded[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
        }
        body = Array(bytes.dropFirst(end + 4))
    }

    private static func headerEnd(_ bytes: [UInt8]) -> Int {
        var index = 0
        while index + 3 < bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 { return index }
            index += 1
        }
        return bytes.count
    }

    subscript(name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    func count(_ name: String) -> Int { headers.filter { $0.name.lowercased() == name.lowercased() }.count }

    /// The decoded parts of a multipart mail, or the one body.
    var parts: [(type: String, text: String)] {
        guard let type = self["Content-Type"], let range = type.range(of: "boundary=\"") else { return [(self["Content-Type"] ?? "", decoded)] }
        let boundary = String(type[range.upperBound...].prefix { $0 != "\"" })
        let sections = String(decoding: body, as: UTF8.self).components(separatedBy: "--\(boundary)")
        return sections.dropFirst().dropLast().map { section in
            let part = ReadMail(Array(section.dropFirst(1).utf8))
            return (part["Content-Type"] ?? "", part.decoded)
        }
    }

    private var decoded: String {
        let text = String(decoding: body, as: UTF8.self)
        switch self["Content-Transfer-Encoding"] {
        case "quoted-printable": return String(decoding: Self.quotedPrintable(body), as: UTF8.self)
        case "base64": return String(decoding: Data(base64Encoded: text.replacingOccurrences(of: "\r\n", with: "")) ?? Data(), as: UTF8.self)
        default: return text
        }
    }

    static func quotedPrintable(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.first {
            rest = rest.dropFirst()
            guard byte == UInt8(ascii: "=") else {
                out.append(byte)
                continue
            }
            let pair = rest.prefix(2)
            rest = rest.dropFirst(2)
            if pair.elementsEqual([13, 10]) { continue }
            out.append(UInt8(String(decoding: pair, as: UTF8.self), radix: 16) ?? 0)
        }
        return out
    }

    /// RFC 2047: decodes encoded-words; white space between two of them disappears.
    static func decodeWords(_ value: String) -> String {
        var out = ""
        var wasEncoded = false
        var gap = ""
        for word in value.components(separatedBy: " ") {
            let fields = word.components(separatedBy: "?")
            if fields.count == 5, fields[0] == "=", fields[4] == "=", fields[1] == "UTF-8" {
                let bytes =
                    fields[2] == "B"
                    ? [UInt8](Data(base64Encoded: fields[3]) ?? Data())
                    : quotedPrintable(Array(fields[3].replacingOccurrences(of: "_", with: " ").utf8))
                out += (wasEncoded ? "" : gap) + String(decoding: bytes, as: UTF8.self)
                wasEncoded = true
            } else {
                out += gap + word
                wasEncoded = false
            }
            gap = " "
        }
        return out
    }
}
