/// Any text in characters that stand for themselves everywhere.
enum HexText {
    private static let digits = Array("0123456789abcdef".utf8)

    static func encode(_ text: String) -> String {
        String(decoding: text.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// Nil when these are no bytes in hexadecimal digits, or more than any id has.
    static func decode(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard (2...8_192).contains(bytes.count), bytes.count.isMultiple(of: 2) else { return nil }
        var decoded: [UInt8] = []
        for index in stride(from: 0, to: bytes.count, by: 2) {
            guard let high = digits.firstIndex(of: bytes[index]), let low = digits.firstIndex(of: bytes[index + 1]) else { return nil }
            decoded.append(UInt8(high << 4 | low))
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
