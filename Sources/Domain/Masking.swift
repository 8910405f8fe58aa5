/// Tokens and addresses as they may appear in logs and in lists: enough to recognise, too little to use.
public enum Masking {
    /// `ExponentPushToken[abc…]`, `740f47…`, `l…@example.org`.
    public static func mask(_ target: String) -> String {
        if let at = target.lastIndex(of: "@") {
            let domain = target[target.index(after: at)...]
            return "\(target[..<at].prefix(1))…@\(domain)"
        }
        if let bracket = target.firstIndex(of: "["), target.hasSuffix("]") {
            let inner = target[target.index(after: bracket)...].dropLast()
            return "\(target[...bracket])\(inner.prefix(min(3, inner.count / 2)))…]"
        }
        return "\(target.prefix(min(6, target.count / 2)))…"
    }

    /// `text` with every occurrence of the secrets taken out, at most `limit` bytes of it.
    public static func redact(_ text: String, removing secrets: [String], limit: Int = 1_024) -> String {
        var text = text
        for secret in secrets where secret.utf8.count > 3 && text.contains(secret) {
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: mask(secret))
        }
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
        while end > text.startIndex, String.Index(end, within: text) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
