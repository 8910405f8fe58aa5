/// Text as a header field may carry it: ASCII as it is, anything else in encoded-words of RFC 2047; folded to lines of 76 octets.
enum HeaderText {
    /// RFC 2047 section 2: no line with an encoded-word is longer; RFC 5322 asks for 78.
    private static let lineLimit = 76

    /// `name: value`, folded, without the final CRLF. The value is unstructured (a subject).
    static func unstructured(_ name: String, _ value: String) -> String {
        isPlain(value, lineStart: name.utf8.count + 2)
            ? fold(name + ": ", words: value.split(separator: " ", omittingEmptySubsequences: false).map(String.init))
            : fold(name + ": ", words: encodedWords(value, first: name.utf8.count + 2))
    }

    /// `name: Display Name <local@domain>`, folded, without the final CRLF.
    static func mailbox(_ name: String, _ mailbox: Mailbox) -> String {
        let address = "<\(mailbox.address.addrSpec)>"
        guard let display = mailbox.displayName, !display.isEmpty else { return fold(name + ": ", words: [mailbox.address.addrSpec]) }
        return fold(name + ": ", words: phrase(display, first: name.utf8.count + 2) + [address])
    }

    /// A display name: atoms where it consists of them, a quoted string where it is ASCII, else encoded-words.
    private static func phrase(_ text: String, first: Int) -> [String] {
        guard isPlain(text, lineStart: first + 2) else { return encodedWords(text, first: first) }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        if words.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(MailAddress.isAtomText) }) { return words.map(String.init) }
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return (quoted + "\"").split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    }

    /// Printable ASCII that can be folded at its spaces without losing any, and that nobody will take for an encoded-word.
    private static func isPlain(_ text: String, lineStart: Int) -> Bool {
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), !text.contains("=?") else { return false }
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        return words.allSatisfy { !$0.isEmpty && lineStart + 1 + $0.utf8.count <= lineLimit }
    }

    /// Cuts `text` into encoded-words of whole characters; each is at most 75 octets long, the first leaves room for the field's name.
    private static func encodedWords(_ text: String, first: Int) -> [String] {
        let isMostlyASCII = text.utf8.filter { $0 >= 0x80 }.count * 3 < text.utf8.count
        let encode = isMostlyASCII ? quoted : base64
        let wrapping = "=?UTF-8?Q??=".utf8.count
        var words: [String] = []
        var chunk: [UInt8] = []
        var length = first
        func close() {
            words.append("=?UTF-8?\(isMostlyASCII ? "Q" : "B")?\(encode(chunk))?=")
            chunk = []
            length = 1
        }
        // A character that alone is longer than a word (a family emoji with many joiners) is cut between its scalars.
        let units = text.flatMap { $0.utf8.count <= 15 ? [Array(String($0).utf8)] : $0.unicodeScalars.map { Array(String($0).utf8) } }
        for unit in units {
            if !chunk.isEmpty, length + wrapping + encode(chunk + unit).utf8.count > lineLimit - 1 { close() }
            chunk += unit
        }
        if !chunk.isEmpty || words.isEmpty { close() }
        return words
    }

    private static func base64(_ bytes: [UInt8]) -> String { Base64.encode(bytes) }

    /// RFC 2047 section 5 rule 3: inside a phrase only letters, digits and `!*+-/` may stand for themselves. Harmless elsewhere.
    private static func quoted(_ bytes: [UInt8]) -> String {
        var out = ""
        for byte in bytes {
            switch byte {
            case 0x20: out.append("_")
            case 48...57, 65...90, 97...122: out.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: "!"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "=" + Hex.upper(byte)
            }
        }
        return out
    }

    /// Puts the words one after the other with a space between, a new line before a word that would not fit.
    static func fold(_ start: String, words: [String], separator: String = " ") -> String {
        var out = start
        var column = start.utf8.count
        for (index, word) in words.enumerated() {
            if index > 0 {
                if column + separator.utf8.count + word.utf8.count > lineLimit {
                    out += separator == " " ? "\r\n " : separator + "\r\n "
                    column = 1
                } else {
                    out += separator
                    column += separator.utf8.count
                }
            }
            out += word
            column += word.utf8.count
        }
        return out
    }
}

enum Hex {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func upper(_ byte: UInt8) -> String {
        String(decoding: [digits[Int(byte >> 4)], digits[Int(byte & 15)]], as: UTF8.self)
    }
}
