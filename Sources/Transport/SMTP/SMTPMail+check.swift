extension SMTPMail {
    /// Why this can't go out: libcurl sends addresses and text as they are, so a line break in one would be a command of the attacker's.
    var fault: TransportFailure? {
        if recipients.isEmpty { return Self.fault("a mail needs a recipient") }
        if !sender.isEmpty, !Self.isAddress(sender) { return Self.fault("the sender's address has characters that no address may have") }
        if !recipients.allSatisfy(Self.isAddress) { return Self.fault("a recipient's address has characters that no address may have") }
        if message.isEmpty { return Self.fault("the message is empty") }
        if !Self.hasCanonicalLines(message) { return Self.fault("the message has a bare CR, a bare LF or a NUL") }
        return nil
    }

    /// True when the relay must know SMTPUTF8 (RFC 6531).
    var needsUTF8: Bool { ([sender] + recipients).contains { $0.utf8.contains { $0 >= 0x80 } } }

    /// True when a line starts with a dot, so that what goes over the wire is longer than the message.
    var hasLeadingDot: Bool {
        var previous: UInt8 = 0x0A
        for byte in message {
            if byte == UInt8(ascii: "."), previous == 0x0A { return true }
            previous = byte
        }
        return false
    }

    static func isAddress(_ address: String) -> Bool {
        // RFC 5321 section 4.5.3.1.3: 256 octets, two of them for the brackets.
        (1...254).contains(address.utf8.count)
            && address.unicodeScalars.allSatisfy { scalar in
                if scalar.isASCII { return scalar.value > 0x20 && scalar.value < 0x7F && scalar != "<" && scalar != ">" }
                return !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
            }
    }

    private static func hasCanonicalLines(_ message: [UInt8]) -> Bool {
        var previous: UInt8 = 0
        for byte in message {
            if byte == 0 || (byte == 0x0A) != (previous == 0x0D) { return false }
            previous = byte
        }
        return previous != 0x0D
    }

    private static func fault(_ message: String) -> TransportFailure { TransportFailure(kind: .invalidRequest, message: message) }
}

extension SMTPRelay {
    /// `smtp://host:587/ehlo.name`; libcurl takes the path as the name to greet with.
    func url() throws(TransportFailure) -> String {
        let isHost = !host.isEmpty && host.utf8.count <= 255 && host.utf8.allSatisfy(Self.isHostByte)
        guard isHost, (1...65_535).contains(port) else {
            throw TransportFailure(kind: .invalidRequest, message: "\(host):\(port) is no address of a relay; a host name must be in its ASCII form")
        }
        guard ehloName?.utf8.allSatisfy(Self.isHostByte) ?? true else {
            throw TransportFailure(kind: .invalidRequest, message: "the EHLO name is no host name")
        }
        // libcurl reads C strings: what follows a NUL would silently be missing.
        guard ![username, password].contains(where: { $0?.utf8.contains(0) ?? false }) else {
            throw TransportFailure(kind: .invalidRequest, message: "username or password has a NUL")
        }
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return "\(security == .implicit ? "smtps" : "smtp")://\(bracketed):\(port)/\(ehloName ?? "")"
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"): true
        default: false
        }
    }
}
