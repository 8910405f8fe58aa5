import Domain

/// The text that is sealed: a credential's account in JSON, with the number of its form, and the fingerprint, which would let whoever has the database try
/// out passwords if it stood in the clear.
struct SealedAccount: Equatable {
    var account: Credential.Account
    var fingerprint: String

    private static let form: Int64 = 1

    init(_ account: Credential.Account, fingerprint: String) {
        self.account = account
        self.fingerprint = fingerprint
    }

    var bytes: [UInt8] {
        let members: JSONObject =
            switch account {
            case .expo(let account): ["access_token": Self.json(account.accessToken)]
            case .apns(let account): Self.json(account)
            case .fcm(let account):
                [
                    "project_id": .string(account.projectID), "client_email": .string(account.clientEmail),
                    "private_key_id": .string(account.privateKeyID),
                    "private_key": Self.json(account.privateKey), "token_uri": .string(account.tokenURI),
                ]
            case .smtp(let account): Self.json(account)
            }
        return JSON.object(["form": .integer(Self.form), "fingerprint": .string(fingerprint), "account": .object(members)]).bytes
    }

    /// Nil for what this program has not written: a later form, another provider's account.
    init?(_ bytes: [UInt8], provider: ProviderName) {
        guard let json = try? JSON(parsing: bytes), json["form"]?.integer == Self.form, let fingerprint = json["fingerprint"]?.string,
            let members = json["account"]
        else { return nil }
        let account: Credential.Account? =
            switch provider {
            case .expo: .expo(ExpoAccount(accessToken: Self.secret(members["access_token"])))
            case .apns: Self.apns(members).map { .apns($0) }
            case .fcm: Self.fcm(members).map { .fcm($0) }
            case .smtp: Self.smtp(members).map { .smtp($0) }
            case .inApp: nil
            }
        guard let account else { return nil }
        self.init(account, fingerprint: fingerprint)
    }

    private static func json(_ account: APNsAccount) -> JSONObject {
        var members: JSONObject = ["topic": .string(account.topic), "environment": .string(account.environment.rawValue)]
        switch account.identity {
        case .key(let pem, let keyID, let teamID):
            members["private_key"] = json(pem)
            members["key_id"] = .string(keyID)
            members["team_id"] = .string(teamID)
        case .certificate(let p12, let password):
            members["certificate"] = json(p12)
            members["certificate_password"] = json(password)
        }
        return members
    }

    private static func apns(_ json: JSON) -> APNsAccount? {
        guard let topic = json["topic"]?.string, let environment = json["environment"]?.string.flatMap(APNsAccount.Environment.init) else {
            return nil
        }
        if let p12 = secret(json["certificate"]), let password = secret(json["certificate_password"]) {
            return APNsAccount(identity: .certificate(p12: p12, password: password), topic: topic, environment: environment)
        }
        guard let pem = secret(json["private_key"]), let keyID = json["key_id"]?.string, let teamID = json["team_id"]?.string else { return nil }
        return APNsAccount(identity: .key(pem: pem, keyID: keyID, teamID: teamID), topic: topic, environment: environment)
    }

    private static func fcm(_ json: JSON) -> FCMAccount? {
        guard let project = json["project_id"]?.string, let email = json["client_email"]?.string, let keyID = json["private_key_id"]?.string,
            let key = secret(json["private_key"]), let uri = json["token_uri"]?.string
        else { return nil }
        return FCMAccount(projectID: project, clientEmail: email, privateKeyID: keyID, privateKey: key, tokenURI: uri)
    }

    private static func json(_ account: SMTPAccount) -> JSONObject {
        [
            "host": .string(account.host), "port": .integer(account.port), "security": .string(account.security.rawValue),
            "username": account.username.map { .string($0) } ?? .null, "password": json(account.password), "from": .string(account.from),
            "ehlo_name": account.ehloName.map { .string($0) } ?? .null, "max_connections": .integer(account.maxConnections),
            "dkim": .array(
                account.dkim.map { key in
                    [
                        "domain": .string(key.domain), "selector": .string(key.selector), "algorithm": .string(key.algorithm.rawValue),
                        "private_key": json(key.privateKey),
                    ]
                }),
        ]
    }

    private static func smtp(_ json: JSON) -> SMTPAccount? {
        guard let host = json["host"]?.string, let port = json["port"]?.integer, let from = json["from"]?.string,
            let security = json["security"]?.string.flatMap(SMTPAccount.Security.init), let connections = json["max_connections"]?.integer,
            let entries = json["dkim"]?.array
        else { return nil }
        let keys = entries.compactMap(dkim)
        guard keys.count == entries.count else { return nil }
        return SMTPAccount(
            host: host, port: Int(port), security: security, username: json["username"]?.string, password: secret(json["password"]), from: from,
            ehloName: json["ehlo_name"]?.string, maxConnections: Int(connections), dkim: keys)
    }

    private static func dkim(_ json: JSON) -> SMTPAccount.DKIM? {
        guard let domain = json["domain"]?.string, let selector = json["selector"]?.string,
            let algorithm = json["algorithm"]?.string.flatMap(SMTPAccount.DKIM.Algorithm.init), let key = secret(json["private_key"])
        else { return nil }
        return SMTPAccount.DKIM(domain: domain, selector: selector, algorithm: algorithm, privateKey: key)
    }

    /// Secrets are bytes and need not be text.
    private static func json(_ secret: Secret?) -> JSON { secret.map { .string(Base64Text.encode($0.reveal())) } ?? .null }

    private static func secret(_ json: JSON?) -> Secret? { json?.string.flatMap { Base64Text.decode($0) }.map { Secret($0) } }
}
