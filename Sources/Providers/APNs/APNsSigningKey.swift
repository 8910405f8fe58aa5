import Crypto
import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A .p8 file with its ids: signs provider tokens (ES256, RFC 7518 section 3.4).
struct APNsSigningKey: Sendable {
    let keyID: String
    let teamID: String
    private let key: P256.Signing.PrivateKey

    init(key: P256.Signing.PrivateKey, keyID: String, teamID: String) {
        self.key = key
        self.keyID = keyID
        self.teamID = teamID
    }

    func token(issuedAt: Timestamp) throws -> String {
        try CompactJWS.make(
            header: ["alg": "ES256", "kid": .string(keyID)], claims: ["iss": .string(teamID), "iat": .integer(issuedAt.seconds)]
        ) { [UInt8](try key.signature(for: $0).rawRepresentation) }
    }
}
