/// What a text field may hold.
struct TextRule: Sendable {
    enum Lines: Sendable {
        /// Ends up in a header, a URL or a log line.
        case one
        case many
    }

    /// In Unicode scalars: graphemes can hide any number of bytes in one "character".
    var limit: Int
    var lines: Lines

    static let id = TextRule(limit: 255, lines: .one)
    static let title = TextRule(limit: 1_024, lines: .many)
    static let body = TextRule(limit: 16_384, lines: .many)
    static let note = TextRule(limit: 4_096, lines: .many)
    static let token = TextRule(limit: 4_096, lines: .one)

    /// What is wrong with `text`; nil when nothing is.
    func fault(in text: String) -> String? {
        var text = text
        if let control = text.withUTF8({ controlCharacter(in: $0) }) {
            return "must not hold the control character U+\(Self.hex(control))"
        }
        // Never more scalars than bytes: short texts need no counting.
        if text.utf8.count > limit, text.unicodeScalars.count > limit { return "must have at most \(limit) characters" }
        return nil
    }

    /// The first character of Unicode's class Cc that is not allowed. U+0080 to U+009F are C2 80 to C2 9F in UTF-8.
    private func controlCharacter(in bytes: UnsafeBufferPointer<UInt8>) -> UInt8? {
        var previous: UInt8 = 0
        for byte in bytes {
            if byte < 0x20 {
                if lines == .one || (byte != 0x09 && byte != 0x0A) { return byte }
            } else if byte == 0x7F || (previous == 0xC2 && byte < 0xA0 && byte >= 0x80) {
                return byte
            }
            previous = byte
        }
        return nil
    }

    private static func hex(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
