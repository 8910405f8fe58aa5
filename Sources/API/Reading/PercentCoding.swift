/// Percent encoding (RFC 3986 section 2.1) of path segments and query strings.
enum PercentCoding {
    /// A path segment; nil when the escapes are broken or the result is not UTF-8. Characters that should have been escaped are let through.
    static func decode(_ text: some StringProtocol) -> String? {
        decode(text, plusIsSpace: false)
    }

    /// A name or value of a query string, in which a plus is a space (WHATWG URL, application/x-www-form-urlencoded).
    static func decodeForm(_ text: some StringProtocol) -> String? {
        decode(text, plusIsSpace: true)
    }

    /// Leaves only what RFC 3986 calls unreserved.
    static func encode(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        for byte in text.utf8 {
            if isUnreserved(byte) {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        var bytes = text.utf8.makeIterator()
        var out: [UInt8] = []
        while let byte = bytes.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = bytes.next().flatMap(digit), let low = bytes.next().flatMap(digit) else { return nil }
                out.append(high << 4 | low)
            } else {
                out.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: out, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._~".utf8.contains(byte)
    }
}
