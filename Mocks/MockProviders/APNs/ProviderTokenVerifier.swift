import Crypto
import Foundation
import Synchronization

/// A provider token whose signature has been found good. Its age is judged anew each time.
struct VerifiedProviderToken: Sendable, Hashable {
    var text: String
    var team: String
    /// Seconds since 1970.
    var issuedAt: Int64
}

/// Checks the ES256 tokens of APNs: key, team, signature, age.
final class ProviderTokenVerifier: Sendable {
    static let lifetime: Int64 = 3600
    /// How far a client's clock may run ahead.
    static let skew: Int64 = 60

    enum Verdict: Sendable, Hashable {
        case good(VerifiedProviderToken)
        case refused(String)
    }

    private let key: APNsKey
    private let publicKey: P256.Signing.PublicKey
    /// Verified once, used by thousands of requests. Cleared when it grows: clients hold few tokens.
    private let verified = Mutex<[String: VerifiedProviderToken]>([:])

    init(key: APNsKey) {
        self.key = key
        publicKey = key.privateKey.publicKey
    }

    func verify(authorization: String?, nowSeconds: Int64) -> Verdict {
        guard let authorization, authorization.utf8.count > 7, authorization.prefix(7).lowercased() == "bearer " else {
            return .refused("MissingProviderToken")
        }
        let text = String(authorization.dropFirst(7))
        guard let token = verified.withLock({ $0[text] }) ?? check(text) else { return .refused("InvalidProviderToken") }
        if token.issuedAt < nowSeconds - Self.lifetime { return .refused("ExpiredProviderToken") }
        if token.issuedAt > nowSeconds + Self.skew { return .refused("InvalidProviderToken") }
        return .good(token)
    }

    private func check(_ text: String) -> VerifiedProviderToken? {
        guard let jwt = JWT(text), jwt.header["alg"]?.text == "ES256", jwt.header["kid"]?.text == key.keyID,
            jwt.claims["iss"]?.text == key.teamID, let issuedAt = jwt.claims["iat"]?.integer,
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: jwt.signature),
            publicKey.isValidSignature(signature, for: jwt.signed)
        else { return nil }
        let token = VerifiedProviderToken(text: text, team: key.teamID, issuedAt: issuedAt)
        verified.withLock { cache in
            if cache.count >= 1000 { cache = [:] }
            cache[text] = token
        }
        return token
    }
}
