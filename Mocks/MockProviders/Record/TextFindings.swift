import Foundation

/// The links in a text, and the codes that it asks its reader to type in. Each is listed once, in the order of the text.
struct TextFindings: Sendable, Hashable {
    private(set) var links: [String] = []
    private(set) var codes: [String] = []

    mutating func readText(_ text: String) {
        for match in text.matches(of: #/https?://[^\s<>"'\x60]+/#) { add(link: Self.trimmed(match.output)) }
        readCodes(text.replacing(#/https?://\S+/#, with: " "))
    }

    /// Links are where they lead, not what is written on them.
    mutating func readHTML(_ html: String) {
        for match in html.matches(of: #/(?i)\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/#) {
            let target = Self.unescaped(String(match.output.1 ?? match.output.2 ?? ""))
            if target.hasPrefix("http://") || target.hasPrefix("https://") { add(link: target) }
        }
    }

    /// Four to eight digits that stand alone, perhaps in two groups (`123 456`), and mixtures of capitals and digits (`XK7-4PQ`).
    mutating func readCodes(_ text: String) {
        for match in text.matches(of: ##/(?:^|[^\w.,:/#+-])(\d{3}[ -]\d{3}|\d{4}[ -]\d{4}|\d{4,8})(?![\w/:-]|[.,]\d)/##) {
            let code = match.output.1.filter(\.isNumber)
            if !Self.isYear(code) || Self.announcesCode(text[..<match.output.1.startIndex]) { add(code: code) }
        }
        for match in text.matches(of: #/(?:^|[^\w-])(?=[A-Z-]*\d)(?=[\d-]*[A-Z])([A-Z\d]{3,6}-[A-Z\d]{3,6}|[A-Z\d]{6,10})(?![\w-])/#) {
            add(code: String(match.output.1))
        }
    }

    private static func isYear(_ digits: String) -> Bool { digits.count == 4 && (digits.hasPrefix("19") || digits.hasPrefix("20")) }

    private static func announcesCode(_ before: Substring) -> Bool {
        let words = before.suffix(40).lowercased()
        return ["code", "pin", "password", "otp", "token"].contains { words.contains($0) }
    }

    private mutating func add(link: String) {
        if !link.isEmpty, !links.contains(link) { links.append(link) }
    }

    private mutating func add(code: String) {
        if !codes.contains(code) { codes.append(code) }
    }

    /// Punctuation behind a link belongs to the sentence.
    private static func trimmed(_ link: Substring) -> String {
        var link = link
        while let last = link.last, ".,;:!?".contains(last) || (last == ")" && !link.contains("(")) { link.removeLast() }
        return String(link)
    }

    static func stripped(_ html: String) -> String {
        unescaped(html.replacing(#/(?is)<(script|style)\b.*?</\1\s*>/#, with: " ").replacing(#/<[^>]*>/#, with: " "))
    }

    private static func unescaped(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var text = text
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")] {
            text = text.replacing(entity, with: character)
        }
        return text
    }
}
