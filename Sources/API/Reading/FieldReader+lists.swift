import Domain

extension FieldReader {
    /// An array of texts, each of which says something; nil when it is absent. Each faulty element is named.
    mutating func texts(_ name: String, _ rule: TextRule = .id, limit: Int) -> [String]? {
        guard let elements = array(name) else { return nil }
        if elements.count > limit { fault(name, "must have at most \(limit) elements, not \(elements.count)") }
        return elements.prefix(limit).enumerated().compactMap { index, element in
            guard case .string(let text) = element else {
                fault(name, below: [String(index)], "must be a string, not \(element.kind)")
                return nil
            }
            if let detail = text.isEmpty ? "must not be empty" : rule.fault(in: text) {
                fault(name, below: [String(index)], detail)
                return nil
            }
            return text
        }
    }

    /// An array of at least one of a few words; nil when it is absent. A word that is named twice counts once, where it stands first.
    mutating func words<Word: RawRepresentable<String> & Hashable>(_ name: String, of words: [Word]) -> [Word]? {
        guard let elements = array(name) else { return nil }
        let choice = words.map(\.rawValue).joined(separator: ", ")
        if elements.isEmpty { fault(name, "must name at least one of \(choice)") }
        var named: [Word] = []
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                fault(name, below: [String(index)], "must be a string, not \(element.kind)")
                continue
            }
            guard let word = words.first(where: { $0.rawValue == text }) else {
                fault(name, below: [String(index)], "must be one of \(choice)")
                continue
            }
            if !named.contains(word) { named.append(word) }
        }
        return named
    }
}
