/// `local@domain`, fit for an envelope and for a header: no control characters, spaces, brackets or quotes can hide in it.
struct MailAddress: Sendable, Hashable {
    let local: String
    let domain: DomainName

    enum Fault: String, Error {
        case controlCharacter = "has a control character"
        case syntax = "is not of the form local@domain"
        case localPart = "has a local part with characters that no mailbox has, or longer than 64 octets"
        case domain = "has a domain that is no host name"
        case length = "is longer than 254 octets"
    }

    init(_ text: some StringProtocol) throws(Fault) {
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else { throw .controlCharacter }
        guard let at = text.lastIndex(of: "@") else { throw .syntax }
        let local = text[..<at]
        guard (1...64).contains(local.utf8.count), local.unicodeScalars.allSatisfy(Self.isLocal) else { throw .localPart }
        guard let domain = DomainName(text[text.index(after: at)...]) else { throw .domain }
        self.local = String(local)
        self.domain = domain
        // RFC 5321 section 4.5.3.1.3: a path has 256 octets, angle brackets included.
        guard addrSpec.utf8.count <= 254 else { throw .length }
    }

    /// True when only a server with SMTPUTF8 (RFC 6531) can take it.
    var needsUTF8: Bool { !local.utf8.allSatisfy { $0 < 0x80 } }

    /// As it stands between angle brackets. Dots that no dot-atom may have (`a..b@example.jp` exists) are put in quotes.
    var addrSpec: String {
        let isDotAtom = !local.hasPrefix(".") && !local.hasSuffix(".") && !local.contains("..")
        return isDotAtom ? "\(local)@\(domain)" : "\"\(local)\"@\(domain)"
    }

    /// `atext` of RFC 5322 section 3.2.3, the dot, and whatever RFC 6531 adds but separators and invisible characters.
    private static func isLocal(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else {
            return switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse, .unassigned: false
            default: true
            }
        }
        return isAtomText(UInt8(scalar.value)) || scalar == "."
    }

    static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
        }
    }
}

/// An address with the name that a reader sees: `Demo <no-reply@example.org>`.
struct Mailbox: Sendable, Hashable {
    let displayName: String?
    let address: MailAddress

    init(displayName: String? = nil, address: MailAddress) {
        self.displayName = displayName
        self.address = address
    }

    /// Reads `a@b`, `<a@b>`, `Name <a@b>` and `"Name" <a@b>` with backslashes inside the quotes (RFC 5322 section 3.4).
    init(_ text: String) throws(MailAddress.Fault) {
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else { throw .controlCharacter }
        guard text.hasSuffix(">"), let open = text.lastIndex(of: "<") else {
            self.init(address: try MailAddress(text))
            return
        }
        let address = try MailAddress(text[text.index(after: open)...].dropLast())
        var name = text[..<open]
        while name.last == " " { name.removeLast() }
        while name.first == " " { name.removeFirst() }
        if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
            self.init(displayName: Self.unescape(name.dropFirst().dropLast()), address: address)
        } else {
            self.init(displayName: name.isEmpty ? nil : String(name), address: address)
        }
    }

    private static func unescape(_ quoted: Substring) -> String {
        var out = ""
        var isEscaped = false
        for character in quoted {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                out.append(character)
                isEscaped = false
            }
        }
        return out
    }
}
