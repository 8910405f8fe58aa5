/// Texts of a caller, made fit for a header or a log line: visible ASCII only, bounded.
enum Printable {
    /// At most `limit` characters; everything but visible ASCII becomes `?`, so that nothing a caller sends can end a header or start another.
    static func ascii(_ text: String, limit: Int = 64) -> String {
        let bytes = text.utf8.prefix(limit).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: bytes, as: UTF8.self) + (text.utf8.count > limit ? "..." : "")
    }

    /// In quotes, for a sentence.
    static func quoted(_ text: String) -> String { "\"\(ascii(text))\"" }

    /// An RFC 9110 quoted-string.
    static func quotedString(_ text: String, limit: Int) -> String {
        var out = "\""
        for character in ascii(text, limit: limit) {
            if character == "\"" || character == "\\" { out.append("\\") }
            out.append(character)
        }
        return out + "\""
    }
}
