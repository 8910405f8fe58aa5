import Domain

/// What a mail credential's DKIM keys have to be (RFC 6376, RFC 8301, RFC 8463).
enum DKIMRules {
    /// Below this, receivers take a signature for none (RFC 8301 section 3.2).
    private static let leastBits = 1_024
    private static let usualBits = 2_048

    /// The signers of all sound keys; `from` is the sender that they sign for.
    static func examine(_ keys: [SMTPAccount.DKIM], from: Mailbox?, _ findings: inout Findings) -> [DKIMSigner] {
        var signers: [DKIMSigner] = []
        var described: [JSON] = []
        for (index, account) in keys.enumerated() {
            let place = "dkim/\(index)"
            var member: JSONObject = [
                "domain": .string(account.domain), "selector": .string(account.selector), "algorithm": .string(account.algorithm.rawValue),
            ]
            let signer = signer(account, at: place, &findings)
            if case .rsa(let key) = signer?.key { member.add("bits", .integer(key.bits)) }
            described.append(.object(member))
            guard let signer else { continue }
            if signers.contains(where: { $0.domain == signer.domain && $0.selector == signer.selector }) {
                findings.fault(
                    "\(place)/selector", "two keys have the selector \(signer.selector) at \(signer.domain)",
                    remedy: "Give each key a selector of its own: one name in DNS holds one key.")
            }
            warn(signer, from: from, &findings)
            signers.append(signer)
        }
        if !described.isEmpty { findings.members.add("dkim", .array(described)) }
        return signers
    }

    private static func signer(_ account: SMTPAccount.DKIM, at place: String, _ findings: inout Findings) -> DKIMSigner? {
        let domain = DomainName(account.domain)
        if domain == nil {
            findings.fault(
                "\(place)/domain", "\"\(account.domain)\" is no domain name", remedy: "Write the signing domain alone, such as example.org.")
        }
        let selector = DomainName(account.selector)
        if selector == nil {
            findings.fault(
                "\(place)/selector", "\"\(account.selector)\" is no selector", remedy: "Write the part of the key's DNS name before ._domainkey.")
        }
        let key = findings.take { () throws(CredentialFault) in try Self.key(account, at: place) }
        guard let domain, let selector, let key else { return nil }
        return DKIMSigner(domain: domain, selector: selector, key: key)
    }

    private static func key(_ account: SMTPAccount.DKIM, at place: String) throws(CredentialFault) -> DKIMSigner.Key {
        let pem = account.privateKey.revealText()
        if let key = try? DKIMSigner.Key(pem: pem, algorithm: account.algorithm) { return key }
        let (wanted, remedy) =
            account.algorithm == .rsa
            ? ("an RSA key of \(leastBits) bits or more", "Make one as PEM: openssl genrsa \(usualBits).")
            : ("an Ed25519 key in PKCS#8", "Make one as PEM: openssl genpkey -algorithm ed25519.")
        throw CredentialFault(
            field: "\(place)/private_key", message: PEMDiagnosis.describe(pem, wanted: "\(wanted) for \(account.algorithm.rawValue)"), remedy: remedy)
    }

    private static func warn(_ signer: DKIMSigner, from: Mailbox?, _ findings: inout Findings) {
        let name = "\(signer.selector)._domainkey.\(signer.domain)"
        if case .rsa(let key) = signer.key, key.bits < usualBits {
            findings.warnings.append("The DKIM key of \(name) has \(key.bits) bits; receivers ask for \(usualBits).")
        }
        if let from, !areAligned(from.address.domain.ascii, signer.domain.ascii) {
            findings.warnings.append(
                "The DKIM key of \(name) signs for another domain than the sender's, \(from.address.domain): DMARC takes no notice of such a signature."
            )
        }
    }

    /// As DMARC (RFC 7489 section 3.1.1) has it in its relaxed mode, as far as that can be told without the list of public suffixes: one lies in the other.
    private static func areAligned(_ sender: String, _ signing: String) -> Bool {
        sender == signing || sender.hasSuffix(".\(signing)") || signing.hasSuffix(".\(sender)")
    }
}
