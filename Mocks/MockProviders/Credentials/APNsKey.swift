import Crypto
import Foundation

/// A key of a team for its app, as APNs knows it.
struct APNsKey: Sendable {
    let teamID: String
    let keyID: String
    let topic: String
    /// Where the key may be used; nil is everywhere, as with the keys that Apple gave out before 2025.
    let environment: APNsEnvironment?
    let privateKey: P256.Signing.PrivateKey

    init(
        teamID: String, keyID: String, topic: String, environment: APNsEnvironment? = nil,
        privateKey: P256.Signing.PrivateKey = P256.Signing.PrivateKey()
    ) {
        self.teamID = teamID
        self.keyID = keyID
        self.topic = topic
        self.environment = environment
        self.privateKey = privateKey
    }

    /// The key that the directory's `apns.json` names, if it is of this team; else the one of the usual name, made if it is not there.
    init(in directory: URL?, teamID: String, usualKeyID: String, topic: String) throws {
        let own = directory.flatMap { try? JSON(parsing: Data(contentsOf: $0.appending(path: "apns.json"))) }
        let keyID = own?["team_id"]?.text == teamID ? own?["key_id"]?.text ?? usualKeyID : usualKeyID
        let file = directory?.appending(path: Self.fileName(of: keyID))
        guard let file, FileManager.default.fileExists(atPath: file.path) else {
            self.init(teamID: teamID, keyID: keyID, topic: topic)
            return
        }
        do {
            let key = try P256.Signing.PrivateKey(pemRepresentation: String(contentsOf: file, encoding: .utf8))
            self.init(teamID: teamID, keyID: keyID, topic: topic, privateKey: key)
        } catch {
            throw SetUpFault("\(file.path) is not a P-256 key in PEM (\(error)). Remove it to get a new one, or name another --keys-dir.")
        }
    }

    /// Another key of the same team, as before a rotation.
    func successor(keyID: String) -> APNsKey { APNsKey(teamID: teamID, keyID: keyID, topic: topic, environment: environment) }

    /// What Apple gives out as `.p8`.
    var pem: String { privateKey.pemRepresentation }

    static func fileName(of keyID: String) -> String { "AuthKey_\(keyID).p8" }

    /// Ten capitals and digits, as Apple's ids have.
    static func randomID() -> String { String((0..<10).compactMap { _ in "ABCDEFGHJKLMNPQRSTUVWXYZ23456789".randomElement() }) }

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
