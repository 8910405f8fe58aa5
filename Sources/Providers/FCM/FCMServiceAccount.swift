import Crypto
import CryptoExtras
import Domain
import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A service account that has been looked over: asks for access tokens with a signed assertion (RFC 7523, RS256).
struct FCMServiceAccount: Sendable {
    static let scope = "https://www.googleapis.com/auth/firebase.messaging"
    /// Google takes assertions of one hour at most.
    private static let assertionLifetime: Int64 = 3_600
    /// A clock that is slightly ahead must not sign assertions from the future.
    private static let backdating: Int64 = 5

    let projectID: String
    let tokenURI: String
    /// The origin of `tokenURI`: what connections can be shared by.
    let tokenOrigin: String
    private let clientEmail: String
    private let keyID: String
    private let key: _RSA.Signing.PrivateKey

    init(_ account: FCMAccount) throws(CredentialFault) {
        let origin = "Use the service account's JSON as downloaded from the Firebase console"
        guard !account.projectID.isEmpty, account.projectID.utf8.allSatisfy(Self.isProjectIDByte) else {
            throw CredentialFault(field: "project_id", message: "the project id is empty or has signs that no project id has", remedy: origin)
        }
        guard account.clientEmail.contains("@"), Self.isPlain(account.clientEmail) else {
            throw CredentialFault(field: "client_email", message: "this is no mail address of a service account", remedy: origin)
        }
        guard !account.privateKeyID.isEmpty, Self.isPlain(account.privateKeyID) else {
            throw CredentialFault(field: "private_key_id", message: "the key's id is missing", remedy: origin)
        }
        tokenOrigin = try Self.checkedOrigin(account.tokenURI)
        let pem = account.privateKey.revealText()
        guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) else {
            throw CredentialFault(
                field: "private_key", message: PEMDiagnosis.describe(pem, wanted: "an RSA key of 2048 bits or more"), remedy: origin)
        }
        self.key = key
        projectID = account.projectID
        clientEmail = account.clientEmail
        keyID = account.privateKeyID
        tokenURI = account.tokenURI
    }

    func grantRequest(now: Timestamp) throws -> HTTPRequest {
        let issued = now.seconds - Self.backdating
        let assertion = try CompactJWS.make(
            header: ["alg": "RS256", "typ": "JWT", "kid": .string(keyID)],
            claims: [
                "iss": .string(clientEmail), "scope": .string(Self.scope), "aud": .string(tokenURI), "iat": .integer(issued),
                "exp": .integer(issued + Self.assertionLifetime),
            ]
        ) { [UInt8](try key.signature(for: SHA256.hash(data: $0), padding: .insecurePKCS1v1_5).rawRepresentation) }
        // Every sign of a compact JWS may stand in a form as it is.
        let form = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=\(assertion)"
        return HTTPRequest(
            url: tokenURI, headers: [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")], body: Array(form.utf8))
    }

    private static func isProjectIDByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == 45 || byte == 46 || byte == 58 || byte == 95
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

    /// `https`, or `http` to this machine or to a name without dots, as a test server in a container has.
    private static func checkedOrigin(_ uri: String) throws(CredentialFault) -> String {
        let fault = CredentialFault(
            field: "token_uri", message: "this is no https address",
            remedy: "Google's is https://oauth2.googleapis.com/token; http is for local test servers only")
        let parts = uri.split(separator: "://", maxSplits: 1)
        guard isPlain(uri), parts.count == 2 else { throw fault }
        let authority = parts[1].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@") else { throw fault }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let isLocal = host == "localhost" || host.hasPrefix("127.") || host == "[::1" || (!host.contains(".") && !host.hasPrefix("["))
        switch parts[0].lowercased() {
        case "https": break
        case "http" where isLocal: break
        default: throw fault
        }
        return String(uri[..<authority.endIndex])
    }
}
