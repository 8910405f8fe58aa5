/// The argument of MAIL or RCPT: `FROM:<user@example.org> SIZE=1000` (RFC 5321 section 4.1.2).
struct SMTPPath: Sendable, Hashable {
    var address: String
    var parameters: [String: String]

    init?(_ text: some StringProtocol, keyword: String) {
        guard text.prefix(keyword.count).uppercased() == keyword else { return nil }
        let rest = text.dropFirst(keyword.count).drop { $0 == " " }
        guard rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
        address = String(rest[rest.index(after: rest.startIndex)..<end])
        parameters = [:]
        for field in rest[rest.index(after: end)...].split(separator: " ") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            parameters[parts[0].uppercased()] = parts.count > 1 ? String(parts[1]) : ""
        }
    }

    /// One `@`, something on both sides of it, no blanks or control characters, and within the lengths of RFC 5321 section 4.5.3.1.
    var isMailbox: Bool {
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), (1...255).contains(parts[1].utf8.count) else { return false }
        return !address.unicodeScalars.contains { $0.value <= 0x20 || $0.value == 0x7F || $0 == "<" || $0 == ">" }
    }

    var isASCII: Bool { address.utf8.allSatisfy { $0 < 0x80 } }
}
