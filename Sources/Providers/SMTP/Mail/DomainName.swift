private import Foundation

/// A mail domain in the form that goes over the wire: lower-case A-labels (RFC 5890), at most 255 octets.
struct DomainName: Sendable, Hashable, CustomStringConvertible {
    let ascii: String

    var description: String { ascii }

    /// Converts U-labels by UTS #46, as Foundation's URL does it: libcurl leaves them as they are in the "C" locale, which is a server's.
    init?(_ text: some StringProtocol) {
        var name = String(text)
        if !name.utf8.allSatisfy({ $0 < 0x80 }) {
            // Taken for itself, not as part of a URL's text: then `/`, `@` or `:` in it can't be read as the end of the host.
            var components = URLComponents()
            components.host = name
            guard let encoded = components.encodedHost else { return nil }
            name = encoded
        }
        name = name.lowercased()
        guard Self.isHostName(name) else { return nil }
        ascii = name
    }

    /// Letters, digits, hyphens inside labels (RFC 1123 section 2.1); the underscore because such domains exist and take mail.
    private static func isHostName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= 255 else { return false }
        return name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && label.utf8.first != UInt8(ascii: "-") && label.utf8.last != UInt8(ascii: "-")
                && label.utf8.allSatisfy { byte in
                    (48...57).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                }
        }
    }
}
