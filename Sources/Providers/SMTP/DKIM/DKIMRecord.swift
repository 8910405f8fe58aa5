import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A DKIM key as it stands in DNS: `v=DKIM1; k=rsa; p=…` (RFC 6376 section 3.6.1).
struct DKIMRecord: Sendable, Hashable {
    enum Fault: String, Error {
        case notTags = "is no list of tags such as v=DKIM1; p=…"
        case version = "is of another version than DKIM1"
        case noKey = "has no tag p with a key"
        case notBase64 = "has a key that is not base64"
        case duplicate = "has a tag twice"
    }

    /// `rsa` or `ed25519`.
    var kind: String
    /// Empty: the key was revoked.
    var key: [UInt8]
    /// What may be signed with: nil for all.
    var hashes: [String]?
    /// What it is for: nil for everything.
    var services: [String]?
    var flags: [String]

    init(_ text: [UInt8]) throws(Fault) {
        let tags = try Self.tags(String(decoding: text, as: UTF8.self))
        if let version = tags["v"], version != "DKIM1" { throw .version }
        guard let key = tags["p"] else { throw .noKey }
        let plain = key.filter { !$0.isWhitespace }
        guard let bytes = Data(base64Encoded: plain) else { throw .notBase64 }
        self.key = [UInt8](bytes)
        kind = tags["k"]?.lowercased() ?? "rsa"
        hashes = tags["h"].map(Self.list)
        services = tags["s"].map(Self.list)
        flags = tags["t"].map(Self.list) ?? []
    }

    /// Section 3.2: names and values with white space around them; of equal names none counts.
    private static func tags(_ text: String) throws(Fault) -> [String: String] {
        var tags: [String: String] = [:]
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let part = trimmed(part)
            if part.isEmpty, index == parts.count - 1 { break }
            guard let equals = part.firstIndex(of: "=") else { throw .notTags }
            let name = String(trimmed(part[..<equals]))
            guard !name.isEmpty else { throw .notTags }
            guard tags.updateValue(String(trimmed(part[part.index(after: equals)...])), forKey: name) == nil else { throw .duplicate }
        }
        return tags
    }

    private static func list(_ text: String) -> [String] { text.split(separator: ":").map { trimmed($0).lowercased() } }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
