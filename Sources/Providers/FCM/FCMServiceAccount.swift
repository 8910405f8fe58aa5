import Crypto
import CryptoExtras
import Domain
import Transport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A service account that `FCMRules` have looked over: asks for access tokens with a signed assertion (RFC 7523, RS256).
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
    let clientEmail: String
    private let keyID: String
    private let key: _RSA.Signing.PrivateKey
    /// Tells accounts apart where what belongs to one is kept; holds no secret.
    let name: String

    init(_ account: FCMAccount, tokenOrigin: String, key: _RSA.Signing.PrivateKey) {
        projectID = account.projectID
        tokenURI = account.tokenURI
        self.tokenOrigin = tokenOrigin
        clientEmail = account.clientEmail
        keyID = account.privateKeyID
        self.key = key
        name = [account.clientEmail, account.privateKeyID, account.tokenURI, Fingerprint.of(account.privateKey.reveal())].joined(separator: " ")
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
}
