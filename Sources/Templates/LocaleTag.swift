/// A language tag (BCP 47) as far as it chooses a text: its subtags, without regard to case and to whether `-` or `_` stands between them.
struct LocaleTag: Sendable, Hashable {
    /// `nb`, `nb-no`.
    let text: String

    static let `default` = LocaleTag(unchecked: Templates.defaultLocale)

    private init(unchecked text: String) { self.text = text }

    /// Nil for what is no tag: 1 to 35 characters (RFC 5646 section 4.4.1), a language of 2 to 8 letters first, subtags of 1 to 8 letters and digits.
    init?(_ text: String) {
        guard (1...35).contains(text.utf8.count) else { return nil }
        let subtags = text.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" })
        guard subtags.count == text.split(omittingEmptySubsequences: false, whereSeparator: { $0 == "-" || $0 == "_" }).count,
            let language = subtags.first, (2...8).contains(language.utf8.count), language.utf8.allSatisfy({ (97...122).contains($0) }),
            subtags.allSatisfy({ (1...8).contains($0.utf8.count) && $0.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) } })
        else { return nil }
        self.text = subtags.joined(separator: "-")
    }

    /// The nearest of those that there are: the tag itself, shorter and shorter ones, a language that its readers know, the default.
    func choice<Value>(from all: [LocaleTag: Value]) -> (LocaleTag, Value)? {
        for tag in chain { if let value = all[tag] { return (tag, value) } }
        return nil
    }

    var chain: [LocaleTag] {
        var tags: [LocaleTag] = []
        var subtags = text.split(separator: "-")
        let language = subtags.first ?? ""
        while !subtags.isEmpty {
            tags.append(LocaleTag(unchecked: subtags.joined(separator: "-")))
            subtags.removeLast()
        }
        // Norwegian as such, and the written form that shares its readers with Bokmål (the parent locales of Unicode's CLDR).
        if language == "no" || language == "nn" { tags.append(LocaleTag(unchecked: "nb")) }
        if language != Self.default.text[...] { tags.append(.default) }
        return tags
    }

    func isPrefix(of other: LocaleTag) -> Bool { other.text == text || other.text.hasPrefix(text + "-") }
}
