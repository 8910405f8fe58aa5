import Domain
import Settings

/// One credential's members, by provider: an entry of an org file's `credentials`, or a JSON object.
struct CredentialReader {
    let members: any CredentialMembers

    init(_ members: any CredentialMembers) {
        self.members = members
    }

    init(section: SettingsSection, secrets: SecretSource) {
        members = OrgFileMembers(section: section, secrets: secrets)
    }

    /// The account, or nil when something in the members is wrong, which has then been noted there.
    func account(_ provider: ProviderName) -> Credential.Account? {
        switch provider {
        case .expo: .expo(ExpoAccount(accessToken: line("access_token")))
        case .apns: apns()
        case .fcm: fcm()
        case .smtp: smtp()
        case .inApp: none()
        }
    }

    /// The apps whose tokens it is for. Mail has none.
    func apps(_ provider: ProviderName) -> Set<String> {
        switch provider {
        case .expo, .apns, .fcm: Set(members.values("apps", as: Self.app))
        case .smtp, .inApp: []
        }
    }

    private func none() -> Credential.Account? {
        members.fault("provider", "says in_app, which needs no credential: the inbox is the gateway's own", remedy: "remove the entry")
        return nil
    }

    private func fcm() -> Credential.Account? {
        guard let bytes = members.requiredSecret("service_account", as: .document) else { return nil }
        do {
            return .fcm(try ServiceAccount.account(bytes))
        } catch {
            members.fault("service_account", error.message, remedy: error.remedy)
            return nil
        }
    }

    /// A secret that goes out as one line of text. The line end that editors leave behind is not part of it.
    private func line(_ name: String) -> Secret? {
        guard var bytes = members.secret(name, as: .text) else { return nil }
        while let last = bytes.last, last == 0x0A || last == 0x0D { bytes.removeLast() }
        guard !bytes.isEmpty else {
            members.fault(name, "leads to an empty text", remedy: "")
            return nil
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            members.fault(name, "holds a line break or another control character", remedy: "give the one line that it is")
            return nil
        }
        return Secret(bytes)
    }

    private func contains(_ bytes: [UInt8], _ marker: String) -> Bool { String(decoding: bytes, as: UTF8.self).contains(marker) }

    private static var app: SettingKind<String> {
        SettingKind("an app's id, 1 to 255 characters without spaces, such as com.example.app") { text in
            (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } ? text : nil
        }
    }
}

// MARK: - APNs

extension CredentialReader {
    private func apns() -> Credential.Account? {
        let topic = members.required("topic", as: .word)
        let environment = members.required("environment", as: SettingKind<APNsAccount.Environment>.choice)
        guard let identity = apnsIdentity(), let topic, let environment else { return nil }
        return .apns(APNsAccount(identity: identity, topic: topic, environment: environment))
    }

    private func apnsIdentity() -> APNsAccount.Identity? {
        let team = members.value("team_id", as: Self.tenCharacters)
        let key = members.value("key_id", as: Self.tenCharacters)
        let pem = members.secret("private_key", as: .text)
        let p12 = members.secret("certificate", as: .bytes)
        let password = line("certificate_password")
        switch (members.has("private_key"), members.has("certificate")) {
        case (true, true):
            members.fault(
                "certificate", "stands beside private_key; an APNs credential is either a key (.p8) or a certificate (.p12)", remedy: "remove one")
            return nil
        case (false, false):
            members.fault(
                "private_key", "is missing, and so is certificate",
                remedy: "give private_key (with team_id and key_id) or certificate (with certificate_password)")
            return nil
        case (true, false):
            for name in ["team_id", "key_id"] where !members.has(name) {
                members.fault(name, "is missing beside private_key", remedy: "the developer account shows it where the key was made")
            }
            if members.has("certificate_password") {
                members.fault("certificate_password", "goes with certificate", remedy: "remove it, a .p8 key has no password")
            }
            guard let team, let key, let pem else { return nil }
            guard contains(pem, "-----BEGIN PRIVATE KEY-----") else {
                members.fault(
                    "private_key", "is no .p8 key: it does not begin with -----BEGIN PRIVATE KEY-----", remedy: "use the file as Apple gave it")
                return nil
            }
            return .key(pem: Secret(pem), keyID: key, teamID: team)
        case (false, true):
            for name in ["team_id", "key_id"] where members.has(name) {
                members.fault(name, "goes with private_key", remedy: "remove it, a certificate needs none")
            }
            return p12.map { .certificate(p12: Secret($0), password: password ?? Secret("")) }
        }
    }

    private static var tenCharacters: SettingKind<String> {
        SettingKind("10 letters and digits, as the developer account shows it") { text in
            text.utf8.count == 10 && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } ? text : nil
        }
    }
}

// MARK: - SMTP

extension CredentialReader {
    private func smtp() -> Credential.Account? {
        let address = members.required("url", as: Self.relay)
        let stated = members.value("tls", as: SettingKind<SMTPAccount.Security>.choice)
        let username = members.value("username", as: .word)
        let password = line("password")
        let from = members.required("from", as: Self.mailbox)
        let ehlo = members.value("ehlo_name", as: .word)
        let connections = members.integer("max_connections", in: 1...100)
        let keys = members.sections("dkim").map { CredentialReader($0).dkim() }
        for (name, other) in [("username", "password"), ("password", "username")] where !members.has(name) && members.has(other) {
            members.fault(name, "is missing beside \(other)", remedy: "give both, or neither")
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
        if address.isImplicit {
            members.fault(
                "tls", "says \(stated.rawValue), but url begins with smtps://, which is TLS from the first byte", remedy: "write implicit, or smtp://"
            )
        } else {
            members.fault("tls", "says implicit, but url begins with smtp://", remedy: "write smtps://, or starttls")
        }
        return nil
    }

    private func dkim() -> SMTPAccount.DKIM? {
        let domain = members.required("domain", as: .word)
        let selector = members.required("selector", as: .identifier)
        let algorithm = members.value("algorithm", as: SettingKind<SMTPAccount.DKIM.Algorithm>.choice)
        guard let pem = members.requiredSecret("private_key", as: .text) else { return nil }
        guard contains(pem, "PRIVATE KEY-----") else {
            members.fault("private_key", "is no private key in PEM form (-----BEGIN PRIVATE KEY-----)", remedy: "")
            return nil
        }
        guard let domain, let selector else { return nil }
        return SMTPAccount.DKIM(domain: domain, selector: selector, algorithm: algorithm ?? .rsa, privateKey: Secret(pem))
    }

    private static var relay: SettingKind<SMTPAddress> {
        SettingKind("smtp://HOST:PORT or smtps://HOST:PORT, user and password stand apart", mayBeShown: false) { SMTPAddress($0) }
    }

    private static var mailbox: SettingKind<String> {
        SettingKind("a mailbox such as Demo <no-reply@example.org>") { text in
            guard let at = text.lastIndex(of: "@"), at != text.startIndex, text.index(after: at) != text.endIndex else { return nil }
            return text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? text : nil
        }
    }
}
