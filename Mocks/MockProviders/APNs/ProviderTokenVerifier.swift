import Crypto
import Foundation
import Synchronization

/// A provider token whose signature has been found good. Its age is judged anew each time.
struct VerifiedProviderToken: Sendable {
    var text: String
    var account: Account
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
        case refused(String)

        /// Whose token it is, as far as that can be believed.
        var account: Account? {
            guard case .good(let token) = self else { return nil }
            return token.account
        }
    }

    /// Verified once, used by thousands of requests. Cleared when it grows: clients hold few tokens.
    private let verified = Mutex<[String: VerifiedProviderToken]>([:])

    func verify(authorization: String?, among accounts: Accounts) -> Verdict {
        guard let authorization, authorization.utf8.count > 7, authorization.prefix(7).lowercased() == "bearer " else {
            return .refused("MissingProviderToken")
        }
        // The whole header is the key, so that the usual request costs no cutting.
        if let token = verified.withLock({ $0[authorization] }) { return .good(token) }
        guard let token = check(String(authorization.dropFirst(7)), among: accounts) else { return .refused("InvalidProviderToken") }
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
        if let own = token.account.apns.environment, own != environment { return "BadEnvironmentKeyIdInToken" }
        return nil
    }

    private func check(_ text: String, among accounts: Accounts) -> VerifiedProviderToken? {
        guard let jwt = JWT(text), jwt.header["alg"]?.text == "ES256", let keyID = jwt.header["kid"]?.text,
            let account = accounts.byKeyID(keyID), jwt.claims["iss"]?.text == account.apns.teamID, let issuedAt = jwt.claims["iat"]?.integer,
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: jwt.signature),
            account.apns.privateKey.publicKey.isValidSignature(signature, for: jwt.signed)
        else { return nil }
        return VerifiedProviderToken(text: text, account: account, issuedAt: issuedAt)
    }
}
