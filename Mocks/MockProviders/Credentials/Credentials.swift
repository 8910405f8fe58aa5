import Crypto
import CryptoExtras
import Foundation

/// Everything the mock believes in. What is in the keys directory already is taken as it is, so that clients keep working over a restart.
struct Credentials: Sendable {
    var apns: APNsKey
    var fcm: ServiceAccount
    var smtp: SMTPAccount

    init(keysDirectory: URL?, configuration: MockConfiguration) throws {
        apns = try APNsKey(in: keysDirectory, configuration.apns)
        fcm = try ServiceAccount(in: keysDirectory, project: configuration.fcmProject)
        smtp = try SMTPAccount(in: keysDirectory)
    }

    /// Writes what clients need, now that the ports are known.
    func write(to directory: URL, tokenURI: String, clientIdentity: ClientIdentity) throws {
        try SecretFile.write(clientIdentity.pem, to: directory.appending(path: "apns-client.pem"))
        try SecretFile.write(clientIdentity.p12, to: directory.appending(path: "apns-client.p12"))
        try SecretFile.write(apns.privateKey.pemRepresentation + "\n", to: directory.appending(path: "AuthKey_\(apns.keyID).p8"))
        try SecretFile.write(apns.description, to: directory.appending(path: "apns.json"))
        try SecretFile.write(fcm.description(tokenURI: tokenURI), to: directory.appending(path: "service-account.json"))
        try SecretFile.write(smtp.description, to: directory.appending(path: "smtp.json"))
        // For clients that take a password from a file of its own.
        try SecretFile.write(smtp.password, to: directory.appending(path: "smtp-password"))
    }
}

/// A team, its key and its app, as APNs knows them.
struct APNsKey: Sendable {
    let teamID: String
    let keyID: String
    let topic: String
    /// Where the key may be used; nil is everywhere, as with the keys that Apple gave out before 2025.
    let environment: APNsEnvironment?
    let privateKey: P256.Signing.PrivateKey

    /// A new key.
    init(teamID: String, keyID: String, topic: String, environment: APNsEnvironment?) {
        self.teamID = teamID
        self.keyID = keyID
        self.topic = topic
        self.environment = environment
        privateKey = P256.Signing.PrivateKey()
    }

    init(in directory: URL?, _ configuration: MockConfiguration.APNs) throws {
        teamID = configuration.teamID
        keyID = configuration.keyID
        topic = configuration.topic
        environment = nil
        let file = directory?.appending(path: "AuthKey_\(keyID).p8")
        guard let file, FileManager.default.fileExists(atPath: file.path) else {
            privateKey = P256.Signing.PrivateKey()
            return
        }
        do {
            privateKey = try P256.Signing.PrivateKey(pemRepresentation: String(contentsOf: file, encoding: .utf8))
        } catch {
            throw SetUpFault("\(file.path) is not a P-256 key in PEM (\(error)). Remove it to get a new one, or name another --keys-dir.")
        }
    }

    /// What a client would sign.
    func providerToken(issuedAt seconds: Int64) throws -> String {
        let header = JSON.object(["alg": "ES256", "kid": .string(keyID)]).encoded
        let claims = JSON.object(["iss": .string(teamID), "iat": .int(seconds)]).encoded
        let signed = "\(Base64.encodeURL(header)).\(Base64.encodeURL(claims))"
        return try "\(signed).\(Base64.encodeURL(privateKey.signature(for: Array(signed.utf8)).rawRepresentation))"
    }

    var description: String {
        let json = JSON.object([
            "team_id": .string(teamID), "key_id": .string(keyID), "topic": .string(topic), "certificate_password": .string(ClientIdentity.password),
        ])
        return String(decoding: json.encoded, as: UTF8.self) + "\n"
    }
}

/// The Google service account that may send to a Firebase project.
struct ServiceAccount: Sendable {
    static let scopes: Set<String> = [
        "https://www.googleapis.com/auth/firebase.messaging", "https://www.googleapis.com/auth/cloud-platform",
    ]

    /// One for the whole process: making it takes the better part of a second, and scopes of one test run may share it.
    private static let newKey = Result { try _RSA.Signing.PrivateKey(keySize: .bits2048) }

    let project: String
    let clientEmail: String
    let keyID: String
    let privateKey: _RSA.Signing.PrivateKey
    let publicKey: _RSA.Signing.PublicKey

    init(in directory: URL?, project: String) throws {
        self.project = project
        clientEmail = "mock@\(project).iam.gserviceaccount.com"
        let file = directory?.appending(path: "service-account.json")
        if let file, FileManager.default.fileExists(atPath: file.path) {
            do {
                let json = try JSON(parsing: Data(contentsOf: file))
                privateKey = try _RSA.Signing.PrivateKey(pemRepresentation: json["private_key"]?.text ?? "")
            } catch {
                throw SetUpFault("\(file.path) holds no usable private_key (\(error)). Remove it to get a new one, or name another --keys-dir.")
            }
        } else {
            privateKey = try Self.newKey.get()
        }
        publicKey = privateKey.publicKey
        keyID = Self.keyID(of: publicKey)
    }

    private init(project: String, privateKey: _RSA.Signing.PrivateKey) {
        self.project = project
        clientEmail = "mock@\(project).iam.gserviceaccount.com"
        self.privateKey = privateKey
        publicKey = privateKey.publicKey
        keyID = Self.keyID(of: publicKey)
    }

    /// An account of another project under the same key: making an RSA key takes too long for every test run to have one.
    func sibling(project: String) -> ServiceAccount { ServiceAccount(project: project, privateKey: privateKey) }

    private static func keyID(of publicKey: _RSA.Signing.PublicKey) -> String {
        Hex.text(of: SHA256.hash(data: publicKey.derRepresentation).prefix(20))
    }

    func description(tokenURI: String) -> String {
        let json = JSON.object([
            "type": "service_account", "project_id": .string(project), "private_key_id": .string(keyID),
            "private_key": .string(privateKey.pkcs8PEMRepresentation + "\n"), "client_email": .string(clientEmail),
            "client_id": "100000000000000000000",
            "token_uri": .string(tokenURI), "universe_domain": "googleapis.com",
        ])
        return String(decoding: json.encoded, as: UTF8.self) + "\n"
    }
}

/// Who may send mail.
struct SMTPAccount: Sendable {
    let username: String
    let password: String

    init(username: String, password: String) {
        self.username = username
        self.password = password
    }

    init(in directory: URL?) throws {
        let file = directory?.appending(path: "smtp.json")
        guard let file, FileManager.default.fileExists(atPath: file.path) else {
            username = "mock"
            password = Hex.text(of: (0..<12).map { _ in UInt8.random(in: 0...255) })
            return
        }
        let json = try? JSON(parsing: Data(contentsOf: file))
        guard let username = json?["username"]?.text, let password = json?["password"]?.text else {
            throw SetUpFault("\(file.path) has no username and password. Remove it to get new ones, or name another --keys-dir.")
        }
        self.username = username
        self.password = password
    }

    var description: String {
        let json = JSON.object(["username": .string(username), "password": .string(password)])
        return String(decoding: json.encoded, as: UTF8.self) + "\n"
    }
}
