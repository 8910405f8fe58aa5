import Crypto
import CryptoExtras
import Foundation

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

    /// - Parameter sharesKey: takes this process's own key when the directory holds none, instead of making one.
    init(in directory: URL?, project: String, sharesKey: Bool = true) throws {
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
            privateKey = try sharesKey ? Self.newKey.get() : _RSA.Signing.PrivateKey(keySize: .bits2048)
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

    /// An account of another project under a key of its own. Takes its time.
    static func new(project: String) throws -> ServiceAccount {
        ServiceAccount(project: project, privateKey: try _RSA.Signing.PrivateKey(keySize: .bits2048))
    }

    /// The same account under another key, as before a rotation. Takes its time, too.
    func successor() throws -> ServiceAccount { try .new(project: project) }

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
