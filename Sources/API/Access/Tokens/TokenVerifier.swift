public import Domain
public import Logging

/// Tells whom a JWT speaks for, or why it is not believed.
///
/// What may check a token is fixed by the configuration and never by the token: a secret makes HS256 possible, a key set RS256 and ES256 for its RSA and
/// P-256 keys; nothing else is accepted, and no key is ever tried with another algorithm than its own.
public final class TokenVerifier: Sendable {
    public struct Configuration: Sendable {
        /// At least 32 bytes (RFC 7518 section 3.2); nil: no HS256.
        public var secret: Secret?
        public var source: (any KeySetSource)?
        /// What `iss` has to be; nil: whatever it is.
        public var issuer: String?
        /// What has to stand in `aud`; nil: nothing may.
        public var audience: String?

        public init(secret: Secret? = nil, source: (any KeySetSource)? = nil, issuer: String? = nil, audience: String? = nil) {
            self.secret = secret
            self.source = source
            self.issuer = issuer
            self.audience = audience
        }
    }

    private let secret: KeySet.Key?
    private let cache: KeySetCache?
    private let rules: TokenRules
    private let allowed: Set<TokenAlgorithm>
    private let time: any TimeSource

    /// The key set is read for the first time by `faults`, `check()` or the first token.
    public init(_ configuration: Configuration, time: any TimeSource, logger: Logger) async throws {
        var allowed: Set<TokenAlgorithm> = []
        if let given = configuration.secret {
            secret = try await .secret(given.reveal())
            allowed.insert(.hs256)
        } else {
            secret = nil
        }
        if let source = configuration.source {
            cache = KeySetCache(source, time: time, logger: logger)
            allowed.formUnion([.rs256, .es256])
        } else {
            cache = nil
        }
        rules = TokenRules(issuer: configuration.issuer, audience: configuration.audience)
        self.allowed = allowed
        self.time = time
    }

    /// What is wrong with the key set as far as is known. Never waits: where it is time to read the set again, that begins.
    public var faults: [String] { cache?.look() ?? [] }

    /// Reads the key set where that is due, and tells what is wrong with it.
    public func check() async -> [String] {
        _ = await cache?.keys()
        return cache?.faults ?? []
    }

    func claims(of text: some StringProtocol & Sendable) async throws -> TokenRules.Claims {
        let token = try CompactToken(text, allowed: allowed)
        let keys = try await candidates(for: token)
        guard keys.contains(where: { $0.verifies(token) }) else { throw TokenRefusal("The token's signature does not fit.") }
        return try rules.claims(in: token.payload, now: time.now)
    }

    private func candidates(for token: CompactToken) async throws -> [KeySet.Key] {
        if token.algorithm == .hs256 { return secret.map { [$0] } ?? [] }
        guard let cache, let known = await cache.keys() else {
            throw Problem.unavailable("The keys that tokens are checked with can't be had at the moment; the gateway's log says why.", retryAfter: 10)
        }
        let found = known.candidates(for: token)
        if !found.isEmpty { return found }
        // Keys change: the issuer may have a new one since.
        if let fresh = await cache.keys(isMissed: true)?.candidates(for: token), !fresh.isEmpty { return fresh }
        throw TokenRefusal(
            token.keyID == nil
                ? "The token names no key (kid), and there is not exactly one that it could be signed with."
                : "The token is signed with a key (kid) that is not known here.")
    }
}
