/// How a part's text goes through relays that know only ASCII lines (RFC 2045 section 6).
enum TransferEncoding: String {
    case sevenBit = "7bit"
    case quotedPrintable = "quoted-printable"
    case base64 = "base64"

    private static let lineLimit = 76

    /// The encoding that leaves `text` readable where that costs no more than base 64 does. `text` has CRLF line ends.
    static func choose(for text: [UInt8]) -> TransferEncoding {
        var escapes = 0
        var lineLength = 0
        var isPlain = true
        for (index, byte) in text.enumerated() {
            switch byte {
            case 0x0D: break
            case 0x0A:
                if lineLength > 0, index >= 2, text[index - 2] == 0x20 || text[index - 2] == 0x09 { isPlain = false }
                lineLength = 0
                continue
            case 0x09, 0x20...0x7E:
                if lineLength == 0, text[index...].starts(with: "From ".utf8) { isPlain = false }
                if byte == UInt8(ascii: "=") { escapes += 1 }
                lineLength += 1
            default:
                escapes += 1
                lineLength += 1
                isPlain = false
            }
            if lineLength > lineLimit { isPlain = false }
        }
        if let last = text.last, last == 0x20 || last == 0x09 { isPlain = false }
        if isPlain { return .sevenBit }
        return escapes * 6 <= text.count ? .quotedPrintable : .base64
    }

    /// The encoded text, ended by CRLF, no line longer than 76 octets.
    func encode(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8]
        switch self {
        case .sevenBit: out = text
        case .quotedPrintable: out = Self.quotedPrintable(text)
        case .base64: out = Base64.encodeLines(text)
        }
        if !out.suffix(2).elementsEqual([0x0D, 0x0A]) { out += [0x0D, 0x0A] }
        return out
    }

    private static func quotedPrintable(_ text: [UInt8]) -> [UInt8] {
        let hex = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(text.count + text.count / 8)
        var column = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte == 0x0D, index + 1 < text.count, text[index + 1] == 0x0A {
                out += [0x0D, 0x0A]
                column = 0
                index += 2
                continue
            }
            let isLast = index + 1 == text.count || (text[index + 1] == 0x0D && index + 2 < text.count && text[index + 2] == 0x0A)
            // White space at a line's end gets lost on the way; "From " at its start grows a ">".
            let isLiteral: Bool =
                switch byte {
                case 0x20, 0x09: !isLast
                case UInt8(ascii: "F"): column > 0 || !text[index...].starts(with: "From ".utf8)
                case 0x21...0x3C, 0x3E...0x7E: true
                default: false
                }
            let width = isLiteral ? 1 : 3
            // One column is kept for the "=" of a soft break, which a line's last octet needs no more.
            if column + width > (isLast ? lineLimit : lineLimit - 1) {
                out += [UInt8(ascii: "="), 0x0D, 0x0A]
                column = 0
            }
            if isLiteral {
                out.append(byte)
            } else {
                out += [UInt8(ascii: "="), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
            column += width
            index += 1
        }
        return out
    }

    /// CRLF for every line end, whichever of CR, LF and CRLF it was: a bare one is a way to smuggle a second mail (CVE-2023-51764).
    static func normalised(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.utf8.count + 64)
        var previous: UInt8 = 0
        for byte in text.utf8 {
            switch byte {
            case 0x0D: out += [0x0D, 0x0A]
            case 0x0A where previous == 0x0D: break
            case 0x0A: out += [0x0D, 0x0A]
            default: out.append(byte)
            }
            previous = byte
        }
        return out
    }
}
