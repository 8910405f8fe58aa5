import Domain
import Settings

/// One entry of an org file's `credentials`: its keys, by provider.
struct CredentialReader {
    let section: SettingsSection
    let secrets: SecretSource

    /// The account, or nil when something in the section is wrong, which has then been noted there.
    func account(_ provider: ProviderName) -> Credential.Account? {
        switch provider {
        case .expo: expo()
        case .apns: apns()
        case .fcm: fcm()
        case .smtp: smtp()
        case .inApp: none()
        }
    }

    private func none() -> Credential.Account? {
        section.fault("provider", "says in_app, which needs no credential: the inbox is the gateway's own; remove the entry")
        return nil
    }

    private func expo() -> Credential.Account? {
        .expo(ExpoAccount(accessToken: text("access_token")))
    }

    private func apns() -> Credential.Account? {
        let topic = section.required("topic", as: .word)
        let environment = section.required("environment", as: SettingKind<APNsAccount.Environment>.choice)
        guard let identity = apnsIdentity(), let topic, let environment else { return nil }
        return .apns(APNsAccount(identity: identity, topic: topic, environment: environment))
    }

    private func apnsIdentity() -> APNsAccount.Identity? {
        let team = section.value("team_id", as: Self.tenCharacters)
        let key = section.value("key_id", as: Self.tenCharacters)
        let pem = bytes("private_key")
        let p12 = bytes("certificate")
        let password = text("certificate_password")
        switch (section.has("private_key"), section.has("certificate")) {
        case (true, true):
            section.fault("certificate", "stands beside private_key; an APNs credential is either a key (.p8) or a certificate (.p12), so remove one")
            return nil
        case (false, false):
            section.fault(nil, "needs private_key (with team_id and key_id) or certificate (with certificate_password)")
            return nil
        case (true, false):
            for name in ["team_id", "key_id"] where !section.has(name) {
                section.fault(nil, "needs \(name) beside private_key; the developer account shows it where the key was made")
            }
            if section.has("certificate_password") {
                section.fault("certificate_password", "goes with certificate; remove it, a .p8 key has no password")
            }
            guard let team, let key, let pem else { return nil }
            guard contains(pem, "-----BEGIN PRIVATE KEY-----") else {
                section.fault("private_key", "is no .p8 key: it does not begin with -----BEGIN PRIVATE KEY-----; use the file as Apple gave it")
                return nil
            }
            return .key(pem: Secret(pem), keyID: key, teamID: team)
        case (false, true):
            for name in ["team_id", "key_id"] where section.has(name) {
                section.fault(name, "goes with private_key; remove it, a certificate needs none")
            }
            return p12.map { .certificate(p12: Secret($0), password: password ?? Secret("")) }
        }
    }

    private func fcm() -> Credential.Account? {
        guard let reference = section.required("service_account", as: SecretReference.kind), let bytes = follow(reference, of: "service_account")
        else {
            return nil
        }
        do {
            return .fcm(try ServiceAccount.account(bytes))
        } catch {
            section.fault("service_account", error.description)
            return nil
        }
    }

    private func smtp() -> Credential.Account? {
        let address = section.required("url", as: Self.relay)
        let stated = section.value("tls", as: SettingKind<SMTPAccount.Security>.choice)
        let username = section.value("username", as: .word)
        let password = text("password")
        let from = section.required("from", as: Self.mailbox)
        let ehlo = section.value("ehlo_name", as: .word)
        let connections = section.value("max_connections", as: .integer(1...100))
        let keys = section.sections("dkim").map(dkim)
        if section.has("username") != section.has("password") {
            section.fault(nil, "needs username and password together, or neither")
        }
        guard let address, let from, let security = security(stated, address) else { return nil }
        let signatures = keys.compactMap { $0 }
        guard signatures.count == keys.count else { return nil }
        var account = SMTPAccount(
            host: address.host, port: address.port, security: security, username: username, password: password, from: from, ehloName: ehlo,
            dkim: signatures)
        if let connections { account.maxConnections = connections }
        return .smtp(account)
    }

    private func security(_ stated: SMTPAccount.Security?, _ address: SMTPAddress) -> SMTPAccount.Security? {
        guard let stated else { return address.isImplicit ? .implicit : .starttls }
        if address.isImplicit == (stated == .implicit) { return stated }
        section.fault(
            "tls",
            address.isImplicit
                ? "says \(stated.rawValue), but url begins with smtps://, which is TLS from the first byte; write implicit, or smtp://"
                : "says implicit, but url begins with smtp://; write smtps://, or starttls")
        return nil
    }

    private func dkim(_ section: SettingsSection) -> SMTPAccount.DKIM? {
        let reader = CredentialReader(section: section, secrets: secrets)
        let domain = section.required("domain", as: .word)
        let selector = section.required("selector", as: .identifier)
        var algorithm = SMTPAccount.DKIM.Algorithm.rsa
        section.read("algorithm", into: &algorithm, as: .choice)
        guard let reference = section.required("private_key", as: SecretReference.kind), let pem = reader.follow(reference, of: "private_key") else {
            return nil
        }
        guard contains(pem, "PRIVATE KEY-----") else {
            section.fault("private_key", "is no private key in PEM form (-----BEGIN PRIVATE KEY-----)")
            return nil
        }
        guard let domain, let selector else { return nil }
        return SMTPAccount.DKIM(domain: domain, selector: selector, algorithm: algorithm, privateKey: Secret(pem))
    }

    /// A secret that is a line of text: the line end that editors leave behind is not part of it.
    private func text(_ key: String) -> Secret? {
        guard var bytes = bytes(key) else { return nil }
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else {
            section.fault(key, "leads to an empty text")
            return nil
        }
        return Secret(bytes)
    }

    private func bytes(_ key: String) -> [UInt8]? {
        section.value(key, as: SecretReference.kind).flatMap { follow($0, of: key) }
    }

    private func follow(_ reference: SecretReference, of key: String) -> [UInt8]? {
        do {
            return try secrets.bytes(of: reference)
        } catch {
            section.fault(key, error.description)
            return nil
        }
    }

    private func contains(_ bytes: [UInt8], _ marker: String) -> Bool { String(decoding: bytes, as: UTF8.self).contains(marker) }

    private static var tenCharacters: SettingKind<String> {
        SettingKind("10 letters and digits, as the developer account shows it") { text in
            text.utf8.count == 10 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } ? text : nil
        }
    }

    private static var relay: SettingKind<SMTPAddress> {
        SettingKind("smtp://HOST:PORT or smtps://HOST:PORT, user and password in keys of their own", mayBeShown: false) { SMTPAddress($0) }
    }

    private static var mailbox: SettingKind<String> {
        SettingKind("a mailbox such as Demo <no-reply@example.org>") { text in
            guard let at = text.lastIndex(of: "@"), at != text.startIndex, text.index(after: at) != text.endIndex else { return nil }
            return text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? text : nil
        }
    }
}
