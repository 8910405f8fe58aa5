import Crypto
import CryptoExtras
import Foundation
import MockProviders
import Synchronization

/// Tokens made as a client makes them: from the files that the mock wrote.
struct ClientCredentials {
    private let directory: URL

    /// - Parameter name: a named account; nil for the main one.
    init(of mocks: MockProviders, named name: String? = nil) throws {
        guard let path = mocks.keysDirectory else { throw MissingFile(name: "keys directory") }
        let keys = URL(fileURLWithPath: path)
        directory = name.map { keys.appending(path: $0) } ?? keys
    }

    struct MissingFile: Error {
        var name: String
    }

    func path(_ name: String) -> String { directory.appending(path: name).path }

    func text(_ name: String) throws -> String { try String(contentsOf: directory.appending(path: name), encoding: .utf8) }

    func file(_ name: String) throws -> [String: String] {
        let data = try Data(contentsOf: directory.appending(path: name))
        return (try JSONSerialization.jsonObject(with: data)) as? [String: String] ?? [:]
    }

    func value(_ key: String, in name: String) throws -> String {
        guard let value = try file(name)[key] else { throw MissingFile(name: "\(name): \(key)") }
        return value
    }

    static func base64URL(_ data: some Sequence<UInt8>) -> String {
        Data(data).base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }

    static func unsigned(_ header: [String: Any], _ claims: [String: Any]) throws -> String {
        let parts = try [header, claims].map { base64URL(try JSONSerialization.data(withJSONObject: $0)) }
        return parts.joined(separator: ".")
    }

    func providerToken(issuedAt: Date = Date(), team: String? = nil, keyID: String? = nil, key: P256.Signing.PrivateKey? = nil) throws -> String {
        let ownID = try value("key_id", in: "apns.json")
        let pem = try String(contentsOf: directory.appending(path: "AuthKey_\(ownID).p8"), encoding: .utf8)
        let key = try key ?? P256.Signing.PrivateKey(pemRepresentation: pem)
        let text = try Self.unsigned(
            ["alg": "ES256", "kid": keyID ?? ownID],
            ["iss": try team ?? value("team_id", in: "apns.json"), "iat": Int(issuedAt.timeIntervalSince1970)])
        return text + "." + Self.base64URL(try key.signature(for: Data(text.utf8)).rawRepresentation)
    }

    func assertion(_ changes: [String: Any] = [:], issuedAt: Date = Date(), lifetime: Int = 3600) throws -> String {
        let account = try file("service-account.json")
        let issued = Int(issuedAt.timeIntervalSince1970)
        let claims: [String: Any] = [
            "iss": account["client_email"] ?? "", "scope": "https://www.googleapis.com/auth/firebase.messaging",
            "aud": account["token_uri"] ?? "", "iat": issued, "exp": issued + lifetime,
        ]
        let text = try Self.unsigned(
            ["alg": "RS256", "typ": "JWT", "kid": account["private_key_id"] ?? ""], claims.merging(changes) { $1 })
        let key = try _RSA.Signing.PrivateKey(pemRepresentation: account["private_key"] ?? "")
        return text + "." + Self.base64URL(try key.signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5).rawRepresentation)
    }
}

/// An account that the control API made.
struct MadeAccount {
    var json: [String: Any]

    func value(_ path: String...) throws -> String {
        var node: Any? = json
        for key in path { node = (node as? [String: Any])?[key] }
        guard let text = node as? String else { throw ClientCredentials.MissingFile(name: path.joined(separator: ".")) }
        return text
    }

    func providerToken(issuedAt: Date = Date()) throws -> String {
        let text = try ClientCredentials.unsigned(
            ["alg": "ES256", "kid": try value("apns", "key_id")],
            ["iss": try value("apns", "team_id"), "iat": Int(issuedAt.timeIntervalSince1970)])
        let key = try P256.Signing.PrivateKey(pemRepresentation: value("apns", "private_key"))
        return text + "." + ClientCredentials.base64URL(try key.signature(for: Data(text.utf8)).rawRepresentation)
    }
}

/// A clock that only moves when told to.
final class ManualClock: Sendable {
    private let milliseconds: Mutex<Int64>

    init(_ start: Date = Date()) { milliseconds = Mutex(Int64(start.timeIntervalSince1970 * 1000)) }

    var now: Int64 { milliseconds.withLock { $0 } }
    var date: Date { Date(timeIntervalSince1970: Double(now) / 1000) }

    func advance(by duration: Duration) {
        milliseconds.withLock { $0 += duration.components.seconds * 1000 }
    }
}
