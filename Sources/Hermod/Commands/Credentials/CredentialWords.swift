import Domain

/// What commands say of credentials.
enum CredentialWords {
    /// The facts and the warnings of one, a line each.
    static func tell(_ item: JSON) {
        for fact in item["facts"]?.object?.members ?? [] {
            StandardStream.output.line("  \(pad(fact.key, 15)) \(printable(text(fact.value)))")
        }
        if let fingerprint = item["fingerprint"]?.string { StandardStream.output.line("  \(pad("fingerprint", 15)) \(fingerprint)") }
        if let end = item["expires_at"]?.string {
            StandardStream.output.line("  \(pad("expires_at", 15)) \(end), \(item["days_left"]?.text ?? "?") days left")
        }
        for warning in (item["warnings"]?.array ?? []).compactMap(\.string) { StandardStream.error.line("hermod: warning: \(printable(warning))") }
        if item["shadowed"]?.bool == true { StandardStream.error.line("hermod: warning: it is not used: \(item["reason"]?.string ?? "")") }
    }

    static func table(_ items: [JSON]) -> String {
        var table = TextTable(columns: ["ORG", "PROVIDER", "NAME", "SOURCE", "VERSION", "FOR", "STATE", "DAYS LEFT", "SET", "PREVIOUS"])
        var remarks: [String] = []
        for item in items {
            func word(_ key: String) -> String { printable(item[key]?.string ?? "-") }
            let previous = item["previous"]?["version"]?.text
            let until = item["previous"]?["until"]?.string
            table.rows.append([
                word("org_id"), word("provider"), word("name"), item["source"]?.string == "file" ? word("file") : word("source"),
                item["version"]?.text ?? "-", printable(purpose(item)), word("state"), item["days_left"]?.integer.map(String.init) ?? "-",
                word("set_at"),
                previous.map { "\($0)" + (until.map { " until \($0)" } ?? "") } ?? "-",
            ])
            remarks += self.remarks(item).map { "\(word("org_id"))/\(word("provider"))/\(word("name")): \(printable($0))" }
        }
        return ([table.text] + (remarks.isEmpty ? [] : [""] + remarks)).joined(separator: "\n")
    }

    /// What a person should know beside the table's words.
    private static func remarks(_ item: JSON) -> [String] {
        var remarks: [String] = []
        if let state = item["state"]?.string, state != "ok" {
            let probe = item["next_probe_at"]?.string.map { ", tried again at \($0)" } ?? ""
            remarks.append("\(state)\(probe)" + (item["reason"]?.string.map { ": \($0)" } ?? ""))
        }
        return remarks + (item["warnings"]?.array ?? []).compactMap(\.string)
    }

    /// For whom it speaks, as short as it can be said.
    private static func purpose(_ item: JSON) -> String {
        func fact(_ key: String) -> String? { item["facts"]?[key].map(text) }
        let words: [String?] =
            switch item["provider"]?.string {
            case "apns": [fact("topic"), fact("environment")]
            case "fcm": [fact("project_id")]
            case "smtp": [fact("from"), fact("url").map { "by \($0)" }]
            default: [fact("apps")]
            }
        let known = words.compactMap { $0 }
        return known.isEmpty ? "-" : known.joined(separator: ", ")
    }

    static func verification(_ answer: JSON, of name: String) -> String {
        var lines = ["\(name), version \(answer["version"]?.text ?? "?"): \(answer["verdict"]?.string ?? "?")"]
        for step in answer["steps"]?.array ?? [] {
            lines.append(
                "  \(pad(step["name"]?.string ?? "-", 10)) \(pad(step["verdict"]?.string ?? "-", 13)) \(printable(step["detail"]?.string ?? ""))")
        }
        if let summary = answer["summary"]?.string { lines.append("  \(printable(summary))") }
        return lines.joined(separator: "\n")
    }

    private static func text(_ value: JSON) -> String {
        if let elements = value.array { return elements.map(text).joined(separator: ", ") }
        return value.string ?? value.text
    }

    private static func pad(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }

    /// Providers and certificates choose some of these words: none of them may steer the terminal.
    private static func printable(_ text: String) -> String {
        String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
    }
}
