import Domain
import Transport

struct SMTPMaterial: Sendable {
    var relay: SMTPRelay
    var from: Mailbox
    var signers: [DKIMSigner]
}

/// What a mail credential has to be: a relay that can be reached, a sender that can be written, keys that sign.
enum SMTPRules {
    static func examine(_ account: SMTPAccount, _ findings: inout Findings) -> SMTPMaterial? {
        describe(account, &findings)
        let relay = relay(account, &findings)
        let from = findings.take { () throws(CredentialFault) in try sender(account.from) }
        let signers = DKIMRules.examine(account.dkim, from: from, &findings)
        warn(account, &findings)
        guard let relay, let from, findings.faults.isEmpty else { return nil }
        return SMTPMaterial(relay: relay, from: from, signers: signers)
    }

    private static func describe(_ account: SMTPAccount, _ findings: inout Findings) {
        let host = account.host.contains(":") ? "[\(account.host)]" : account.host
        findings.members.add("url", .string("\(account.security == .implicit ? "smtps" : "smtp")://\(host):\(account.port)"))
        findings.members.add("tls", .string(account.security.rawValue))
        if let username = account.username { findings.members.add("username", .string(username)) }
        findings.members.add("from", .string(account.from))
        if let name = account.ehloName { findings.members.add("ehlo_name", .string(name)) }
        findings.members.add("max_connections", .integer(account.maxConnections))
        findings.secrets.password = account.password?.reveal()
        findings.secrets.owner = "\(account.username ?? "")@\(account.host):\(account.port)"
        findings.secrets.keys = account.dkim.map { $0.privateKey.reveal() }
    }

    private static func relay(_ account: SMTPAccount, _ findings: inout Findings) -> SMTPRelay? {
        let host = findings.take { () throws(CredentialFault) in try Self.host(account.host) }
        if !(1...65_535).contains(account.port) {
            findings.fault("url", "\(account.port) is no port", remedy: "Relays listen on 587 (STARTTLS), 465 (implicit TLS) or 25.")
        }
        if account.maxConnections < 1 {
            findings.fault("max_connections", "\(account.maxConnections) connections can't carry mail", remedy: "Give 1 or more.")
        }
        checkLogin(account, &findings)
        let ehlo = account.ehloName.map { name in findings.take { () throws(CredentialFault) in try ehloName(name) } }
        guard let host, findings.faults.isEmpty else { return nil }
        let security: SMTPRelay.Security =
            switch account.security {
            case .starttls: .starttls
            case .implicit: .implicit
            case .none: .none
            }
        return SMTPRelay(
            host: host, port: account.port, security: security, username: account.username, password: account.password?.revealText(),
            ehloName: ehlo ?? nil, maxConnections: account.maxConnections)
    }

    private static func host(_ host: String) throws(CredentialFault) -> String {
        let isLiteral = host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
        if let name = isLiteral ? host : DomainName(host)?.ascii, !name.isEmpty { return name }
        throw CredentialFault(
            field: "url", message: "\"\(host)\" is no host name", remedy: "Write smtp://HOST:PORT, or smtps://HOST:PORT for implicit TLS.")
    }

    private static func ehloName(_ name: String) throws(CredentialFault) -> String {
        if let domain = DomainName(name) { return domain.ascii }
        throw CredentialFault(
            field: "ehlo_name", message: "\"\(name)\" is no host name", remedy: "Give this machine's full name in DNS, or leave it out.")
    }

    private static func sender(_ text: String) throws(CredentialFault) -> Mailbox {
        do {
            return try Mailbox(text)
        } catch {
            throw CredentialFault(
                field: "from", message: "the sender \(error.rawValue)",
                remedy: "Write an address, with a name if you like: Demo <no-reply@example.org>.")
        }
    }

    private static func checkLogin(_ account: SMTPAccount, _ findings: inout Findings) {
        if (account.username == nil) != (account.password == nil) {
            let missing = account.username == nil ? "username" : "password"
            findings.fault(
                missing, "the \(missing) is missing", remedy: "Give username and password both, or neither for a relay that knows us by address.")
        }
        for (field, text) in [("username", account.username), ("password", account.password?.revealText())] {
            guard let text else { continue }
            if text.isEmpty {
                findings.fault(
                    field, "the \(field) is empty", remedy: "Give it, or remove username and password for a relay that knows us by address.")
            } else if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                findings.fault(
                    field, "the \(field) has control characters, such as a line break", remedy: "Give it as one line, without the line's end.")
            }
        }
    }

    private static func warn(_ account: SMTPAccount, _ findings: inout Findings) {
        if account.security == .none, !isLoopback(account.host) {
            findings.warnings.append(
                account.password == nil
                    ? "Mail goes to \(account.host) in the clear: whoever is on the way can read it. Set tls to starttls or implicit."
                    : "Mail and password go to \(account.host) in the clear: whoever is on the way can read them. Set tls to starttls or implicit.")
        }
        if account.security != .implicit, account.port == 465 {
            findings.warnings.append("On port 465 relays speak TLS from the first byte: write smtps:// and tls: implicit, or use port 587.")
        }
        if account.security == .implicit, account.port == 587 || account.port == 25 {
            findings.warnings.append("On port \(account.port) relays begin without TLS: write smtp:// and tls: starttls, or use port 465.")
        }
    }

    /// This machine, where nobody is on the way.
    static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        return host == "localhost" || host.hasSuffix(".localhost") || host == "::1" || host.hasPrefix("127.")
    }
}
