import Synchronization

/// The opaque tokens that the token endpoint has given out and FCM believes.
final class AccessTokens: Sendable {
    static let lifetime: Int64 = 3599

    private let expiries = Mutex<[String: Int64]>([:])

    func issue(nowSeconds: Int64) -> String {
        let token = "ya29.mock." + Hex.text(of: (0..<32).map { _ in UInt8.random(in: 0...255) })
        expiries.withLock { expiries in
            // A client holds one token at a time; whoever storms the endpoint loses the dead ones first, then all.
            if expiries.count >= 10_000 { expiries = expiries.filter { $0.value > nowSeconds } }
            if expiries.count >= 10_000 { expiries = [:] }
            expiries[token] = nowSeconds + Self.lifetime
        }
        return token
    }

    func isValid(_ token: String, nowSeconds: Int64) -> Bool {
        expiries.withLock { $0[token].map { $0 > nowSeconds } ?? false }
    }

    /// Makes every token given out so far worthless, as when Google revokes them.
    func revokeAll() {
        expiries.withLock { $0 = [:] }
    }
}
