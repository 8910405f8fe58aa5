/// What RFC 5321 allows as a mailbox, without its oddities: no quoted local part, no address literal, no source route.
enum MailAddress {
    /// What is wrong with `text`; nil when nothing is. Characters beyond ASCII are allowed (SMTPUTF8, IDN).
    static func fault(in text: String) -> String? {
        if let detail = TextRule(limit: 254, lines: .one).fault(in: text) { return detail }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return "must be an e-mail address with one @" }
        guard isLocalPart(parts[0]) else { return "must be an e-mail address; the part before the @ is not one" }
        guard isDomain(parts[1]) else { return "must be an e-mail address; the part behind the @ is no domain" }
        return nil
    }

    /// `Dot-string` of RFC 5321 section 4.1.2, at most 64 octets (section 4.5.3.1.1).
    private static func isLocalPart(_ text: Substring) -> Bool {
        guard (1...64).contains(text.utf8.count), text.first != ".", text.last != ".", !text.contains("..") else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || ".!#$%&'*+-/=?^_`{|}~".utf8.contains($0) }
    }

    /// Labels of letters, digits and inner hyphens, at most 63 octets each.
    private static func isDomain(_ text: Substring) -> Bool {
        (1...253).contains(text.utf8.count)
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20) && byte < 0x80 || byte >= 0x80
    }
}
