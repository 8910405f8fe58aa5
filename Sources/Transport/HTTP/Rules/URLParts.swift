/// An absolute URL cut where connections are chosen. libcurl parses the origin itself once per connection; what is refused here is what
/// must never reach it: other schemes, user names, control characters, anything that is not ASCII.
struct URLParts {
    private let text: String
    private let authorityEnd: String.UTF8View.Index
    let isPlain: Bool
    let path: String
    let query: String?

    init(_ text: String) throws(TransportFailure) {
        let bytes = text.utf8
        guard bytes.count <= 8192 else { throw Self.refusal("longer than 8192 bytes") }
        guard text.hasOnlyBytes({ $0 > 0x20 && $0 < 0x7F }) else { throw Self.refusal("spaces, control characters or bytes beyond ASCII") }
        let scheme: Int
        if text.hasPrefix("https://") {
            isPlain = false
            scheme = 8
        } else if text.hasPrefix("http://") {
            isPlain = true
            scheme = 7
        } else {
            throw Self.refusal("must begin with https:// or http://")
        }
        let afterScheme = bytes[bytes.index(bytes.startIndex, offsetBy: scheme)...]
        func delimits(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "\\")
        }
        let end = afterScheme.firstIndex(where: delimits) ?? afterScheme.endIndex
        let authority = afterScheme[..<end]
        guard !authority.isEmpty, authority.first != UInt8(ascii: ":") else { throw Self.refusal("no host") }
        guard !authority.contains(UInt8(ascii: "@")) else { throw Self.refusal("user names don't belong in a URL") }
        guard text.hasOnlyBytes({ $0 != UInt8(ascii: "#") && $0 != UInt8(ascii: "\\") }) else { throw Self.refusal("fragments and backslashes") }

        let rest = afterScheme[end...]
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            path = String(Substring(rest[..<mark]))
            query = String(Substring(rest[rest.index(after: mark)...]))
        } else {
            path = String(Substring(rest))
            query = nil
        }
        self.text = text
        authorityEnd = end
    }

    /// `https://host:port`, as written.
    var origin: String { String(text[..<authorityEnd]) }

    /// Names no part of the URL: its path may hold a device token.
    private static func refusal(_ why: String) -> TransportFailure {
        TransportFailure(kind: .invalidRequest, message: "URL refused: \(why)")
    }
}

extension String {
    /// As `utf8.allSatisfy`, which asks the string for one byte after the other; this looks at where they stand.
    @inline(__always)
    func hasOnlyBytes(_ isGood: (UInt8) -> Bool) -> Bool {
        utf8.withContiguousStorageIfAvailable { bytes in bytes.allSatisfy(isGood) } ?? utf8.allSatisfy(isGood)
    }
}
