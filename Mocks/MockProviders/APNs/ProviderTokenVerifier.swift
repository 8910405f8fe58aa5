import Crypto
import Foundation
import Synchronization

/// A provider token whose signature has been found good. Its age is judged anew each time.
struct VerifiedProviderToken: Sendable {
    var text: String
    var account: Account
    var key: APNsKey
    /// Seconds since 1970.
    var issuedAt: Int64
}

/// Checks the ES256 tokens of APNs: key, team, signature; and, apart from these, age.
final class ProviderTokenVerifier: Sendable {
    static let lifetime: Int64 = 3600
    /// How far a client's clock may run ahead.
    static let skew: Int64 = 60

    enum Verdict: Sendable {
        case good(VerifiedProviderToken)
        /// With the account that the token claims to be of.
        case refused(String, Account?)

        /// The token, if it can be believed.
        var token: VerifiedProviderToken? {
            guard case .good(let token) = self else { return nil }
            return token
        }

        /// Whose token it is, or claims to be.
        var account: Account? {
            switch self {
            case .good(let token): token.account
            case .refused(_, let account): account
            }
        }
    }

    /// Verified once, used by thousands of requests. Cleared when it grows: clients hold few tokens.
    private let verified = Mutex<[String: VerifiedProviderToken]>([:])

    func verify(authorization: String?, among accounts: Accounts) -> Verdict {
        guard let authorization, authorization.utf8.count > 7, authorization.prefix(7).lowercased() == "bearer " else {
            return .refused("MissingProviderToken", nil)
        }
        // The whole header is the key, so that the usual request costs no cutting.
        if let token = verified.withLock({ $0[authorization] }) { return .good(token) }
        let text = String(authorization.dropFirst(7))
        guard let token = check(text, among: accounts) else {
            return .refused("InvalidProviderToken", JWT(text)?.header["kid"]?.text.flatMap(accounts.byKeyID))
        }
        verified.withLock { cache in
            if cache.count >= 1000 { cache = [:] }
            cache[authorization] = token
        }
        return .good(token)
    }

    /// The reason to refuse a good token at this time and in this environment; nil when there is none.
    static func fault(of token: VerifiedProviderToken, nowSeconds: Int64, environment: APNsEnvironment) -> String? {
        if token.issuedAt < nowSeconds - lifetime { return "ExpiredProviderToken" }
        if token.issuedAt > nowSeconds + skew { return "InvalidProviderToken" }
        if let own = token.key.environment, own != environment { return "BadEnvironmentKeyIdInToken" }
        return nil
    }

    /// Looks at every token anew from now on: a key has been revoked.
    func forget() { verified.withLock { $0 = [:] } }

    private func check(_ text: String, among accounts: Accounts) -> VerifiedProviderToken? {
        guard let jwt = JWT(text), jwt.header["alg"]?.text == "ES256", let keyID = jwt.header["kid"]?.text,
            let account = accounts.byKeyID(keyID), let key = account.key(keyID), jwt.claims["iss"]?.text == key.teamID,
            let issuedAt = jwt.claims["iat"]?.integer, let signature = try? P256.Signing.ECDSASignature(rawRepresentation: jwt.signature),
            key.privateKey.publicKey.isValidSignature(signature, for: jwt.signed)
        else { return nil }
        return VerifiedProviderToken(text: text, account: account, key: key, issuedAt: issuedAt)
    }
}
