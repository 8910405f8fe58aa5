import ArgumentParser
import Domain

/// A credential's members as options. What belongs to which provider is the gateway's to say; it names what is too much and what is missing.
struct CredentialMembers: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The file as the provider gave it: an APNs key (.p8), an APNs certificate (.p12) or a Google service account (.json).", valueName: "path")
    )
    var fromFile: String?

    @Option(help: ArgumentHelp("An app that it is for (bundle id, package name, @owner/slug); may be repeated. Without it: any.", valueName: "id"))
    var app: [String] = []

    @OptionGroup(title: "Expo options") var expo: ExpoMembers
    @OptionGroup(title: "APNs options") var apns: APNsMembers
    @OptionGroup(title: "FCM options") var fcm: FCMMembers
    @OptionGroup(title: "SMTP options") var smtp: SMTPMembers

    /// The JSON body that the gateway takes.
    func body(_ provider: CredentialProvider, _ secrets: inout SecretArguments) throws(StartFault) -> JSONObject {
        var body = JSONObject()
        if let fromFile { try CredentialFile(fromFile).add(to: &body) }
        if !app.isEmpty { body["apps"] = .array(app.map(JSON.string)) }
        try expo.add(to: &body, &secrets)
        try apns.add(to: &body, &secrets)
        try fcm.add(to: &body, &secrets)
        try smtp.add(to: &body, &secrets)
        if provider == .apns { try apns.complete(&body, &secrets) }
        return body
    }
}

struct ExpoMembers: ParsableArguments {
    @Option(help: ArgumentHelp("The access token, where the project has enhanced push security on.", valueName: SecretArguments.form))
    var accessToken: String?

    fileprivate func add(to body: inout JSONObject, _ secrets: inout SecretArguments) throws(StartFault) {
        try secrets.add("access_token", accessToken, "--access-token", to: &body)
    }
}

struct APNsMembers: ParsableArguments {
    @Option(help: ArgumentHelp("The team's id: ten characters, on the developer account's membership page.", valueName: "id")) var teamId: String?
    @Option(help: ArgumentHelp("The key's id; otherwise taken from the name of AuthKey_XXXXXXXXXX.p8.", valueName: "id")) var keyId: String?
    @Option(help: ArgumentHelp("The .p8 key, where --from-file does not name it.", valueName: SecretArguments.form)) var privateKey: String?
    @Option(help: ArgumentHelp("The .p12 certificate, where --from-file does not name it.", valueName: "file:PATH")) var certificate: String?
    @Option(help: ArgumentHelp("The certificate's password; asked for on a terminal.", valueName: SecretArguments.form)) var certificatePassword:
        String?
    @Option(help: ArgumentHelp("The app's bundle id.", valueName: "bundle-id")) var topic: String?
    @Option(help: "production or sandbox.") var environment: String?

    fileprivate func add(to body: inout JSONObject, _ secrets: inout SecretArguments) throws(StartFault) {
        for (name, value) in [("team_id", teamId), ("key_id", keyId), ("topic", topic), ("environment", environment)] {
            if let value { body[name] = .string(value) }
        }
        try secrets.add("private_key", privateKey, "--private-key", to: &body)
        if let certificate {
            body["certificate"] = .string(Base64.encode(try secrets.bytes(certificate, "--certificate")))
        }
        try secrets.add("certificate_password", certificatePassword, "--certificate-password", to: &body)
        if keyId == nil, body["key_id"] == nil, let privateKey, let id = CredentialFile.keyID(ofFile: privateKey) {
            body["key_id"] = .string(id)
            StandardStream.error.line("hermod: key id \(id), by the file's name")
        }
    }

    /// What a person at the terminal can still be asked for.
    fileprivate func complete(_ body: inout JSONObject, _ secrets: inout SecretArguments) throws(StartFault) {
        guard body["certificate"] != nil, body["certificate_password"] == nil, Terminal.isInteractive else { return }
        let password = try Terminal.ask("Password of the certificate (empty for none): ")
        if !password.isEmpty { body["certificate_password"] = .string(password) }
    }
}

struct FCMMembers: ParsableArguments {
    @Option(help: ArgumentHelp("The service account's JSON, where --from-file does not name it.", valueName: SecretArguments.form))
    var serviceAccount: String?

    fileprivate func add(to body: inout JSONObject, _ secrets: inout SecretArguments) throws(StartFault) {
        try secrets.add("service_account", serviceAccount, "--service-account", to: &body)
    }
}

struct SMTPMembers: ParsableArguments {
    @Option(help: ArgumentHelp("The relay: smtp://HOST:PORT or smtps://HOST:PORT.", valueName: "url")) var smtpUrl: String?
    @Option(help: "starttls, implicit or none; by default what goes with the address.") var tls: String?
    @Option(help: "The account at the relay.") var username: String?
    @Option(help: ArgumentHelp("Its password.", valueName: SecretArguments.form)) var password: String?
    @Option(help: ArgumentHelp("The mailbox that mail comes from: \"Demo <no-reply@example.org>\".", valueName: "mailbox")) var from: String?
    @Option(help: ArgumentHelp("How the gateway introduces itself to the relay.", valueName: "host")) var ehloName: String?
    @Option(help: ArgumentHelp("Connections to the relay at once, 1 to 100.", valueName: "count")) var maxConnections: Int?
    @Option(
        help: ArgumentHelp(
            "A key that mail is signed with; may be repeated. The algorithm is rsa-sha256 unless said otherwise.",
            valueName: "domain:selector:file:PATH[:algorithm]"))
    var dkim: [String] = []

    fileprivate func add(to body: inout JSONObject, _ secrets: inout SecretArguments) throws(StartFault) {
        for (name, value) in [("url", smtpUrl), ("tls", tls), ("username", username), ("from", from), ("ehlo_name", ehloName)] {
            if let value { body[name] = .string(value) }
        }
        if let maxConnections { body["max_connections"] = .integer(maxConnections) }
        try secrets.add("password", password, "--password", to: &body)
        guard !dkim.isEmpty else { return }
        var keys: [JSON] = []
        for text in dkim { keys.append(.object(try Self.key(text, &secrets))) }
        body["dkim"] = .array(keys)
    }

    private static func key(_ text: String, _ secrets: inout SecretArguments) throws(StartFault) -> JSONObject {
        var parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, !parts[0].isEmpty, !parts[1].isEmpty, !parts[2].isEmpty else {
            throw StartFault("--dkim must be DOMAIN:SELECTOR:file:PATH, with :ALGORITHM behind it where the key is no RSA one")
        }
        var key: JSONObject = ["domain": .string(parts[0]), "selector": .string(parts[1])]
        for algorithm in SMTPAccount.DKIM.Algorithm.allCases where parts[2].hasSuffix(":" + algorithm.rawValue) {
            parts[2].removeLast(algorithm.rawValue.count + 1)
            key["algorithm"] = .string(algorithm.rawValue)
        }
        try secrets.add("private_key", parts[2], "--dkim", to: &key)
        return key
    }
}
