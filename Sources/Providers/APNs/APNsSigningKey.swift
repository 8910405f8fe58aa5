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

    init(pem: Secret, keyID: String, teamID: String) throws(CredentialFault) {
        try Self.check(keyID, field: "key_id", of: "key", where: "beside the key in the developer account, and in the .p8 file's name")
        try Self.check(teamID, field: "team_id", of: "team", where: "under Membership in the developer account")
        self.keyID = keyID
        self.teamID = teamID
        let text = pem.revealText()
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: text) {
            self.key = key
        } else {
            throw CredentialFault(
                field: "private_key", message: PEMDiagnosis.describe(text, wanted: "an EC key on the curve P-256"),
                remedy: "Use the .p8 file as downloaded from the developer account, from its BEGIN line to its END line")
        }
    }

    func token(issuedAt: Timestamp) throws -> String {
        try CompactJWS.make(
            header: ["alg": "ES256", "kid": .string(keyID)], claims: ["iss": .string(teamID), "iat": .integer(issuedAt.seconds)]
        ) { [UInt8](try key.signature(for: $0).rawRepresentation) }
    }

    private static func check(_ id: String, field: String, of thing: String, where place: String) throws(CredentialFault) {
        guard id.utf8.count == 10, id.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) }) else {
            throw CredentialFault(
                field: field, message: "the \(thing) id has \(id.utf8.count) characters or other signs than A–Z and 0–9; Apple's have 10",
                remedy: "It stands \(place)")
        }
    }
}
