import Domain

/// `smtp://host:port` or `smtps://host:port`, as an org file writes a relay's address.
struct SMTPAddress: Hashable {
    var host: String
    var port: Int
    /// True for `smtps://`: TLS from the first byte.
    var isImplicit: Bool

    /// Submission (RFC 6409) and submissions (RFC 8314) where no port is given.
    init?(_ text: String) {
        guard let scheme = ["smtp://", "smtps://"].first(where: text.hasPrefix) else { return nil }
        isImplicit = scheme == "smtps://"
        var rest = text.dropFirst(scheme.count)
        if rest.last == "/" { rest = rest.dropLast() }
        guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !rest.contains(where: { "@/?#".contains($0) }) else { return nil }
        let digits: Substring?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            let tail = rest[rest.index(after: end)...]
            guard tail.isEmpty || tail.first == ":" else { return nil }
            digits = tail.isEmpty ? nil : tail.dropFirst()
        } else {
            let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { return nil }
            host = String(parts[0])
            digits = parts.count == 2 ? parts[1] : nil
        }
        guard !host.isEmpty else { return nil }
        if let digits {
            guard let number = Int(digits), (1...65_535).contains(number) else { return nil }
            port = number
        } else {
            port = isImplicit ? 465 : 587
        }
    }
}
