internal import Settings

/// Reads a template's tags for what the library would pass over in silence: names that mean nothing, and what Mustache has beyond names and sections.
struct TagCheck {
    let part: TemplatePart
    let placeholders: [String]

    func faults(in source: String) -> [TemplateFault] {
        var faults: [TemplateFault] = []
        var rest = source[...]
        var line = 1
        while let open = rest.firstRange(of: "{{") {
            line += rest[..<open.lowerBound].count(where: \.isNewline)
            rest = rest[open.upperBound...]
            let closing = rest.first == "{" ? "}}}" : "}}"
            // Where it is not closed the library says so.
            guard let close = rest.firstRange(of: closing) else { break }
            let tag = rest[..<close.lowerBound]
            if let message = fault(in: tag) { faults.append(TemplateFault(line, message)) }
            line += tag.count(where: \.isNewline)
            rest = rest[close.upperBound...]
        }
        return faults
    }

    private func fault(in tag: Substring) -> String? {
        guard let first = tag.first else { return "has an empty tag" }
        switch first {
        case "!": return nil
        case "#", "^", "/": return fault(inName: tag.dropFirst())
        case "{", "&":
            if part == .html { return "must not put \(Self.quoted(tag)) into HTML unescaped; write {{name}}" }
            return fault(inName: tag.dropFirst())
        case ">", "<", "$", "=", "%": return "must not use {{\(first)…}}: a template has names, sections and comments"
        default: return fault(inName: tag)
        }
    }

    private func fault(inName text: Substring) -> String? {
        let name = String(text.filter { !$0.isWhitespace })
        if placeholders.contains(name) { return nil }
        let hint = SettingsText.nearest(to: name, among: placeholders).map { "did you mean \($0)?" }
        return "\(Self.quoted(text)) is no placeholder; \(hint ?? "known here: \(placeholders.joined(separator: ", "))")"
    }

    private static func quoted(_ tag: Substring) -> String { "\"\(tag.prefix(40).filter { !$0.isWhitespace })\"" }
}
