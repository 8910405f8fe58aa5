import Domain
import JWTKit

/// The keys that check signatures, each for one algorithm and no other.
///
/// JWTKit reads the keys and does the arithmetic. Which key may check which token is decided here: its own collection falls back to some key when none has
/// the token's `kid`, and goes by the header's `alg` where a key names none.
struct KeySet: Sendable {
    struct Key: Sendable {
        var id: String?
        var algorithm: TokenAlgorithm
        var verifier: any JWTAlgorithm
    }

    var keys: [Key] = []

    var algorithms: Set<TokenAlgorithm> { Set(keys.map(\.algorithm)) }

    /// The keys that may have signed the token: those of its `kid`; for a token without one, the only key of its algorithm.
    func candidates(for token: CompactToken) -> [Key] {
        let fitting = keys.filter { $0.algorithm == token.algorithm }
        guard let id = token.keyID else { return fitting.count == 1 ? fitting : [] }
        return fitting.filter { $0.id == id }
    }
}

extension KeySet.Key {
    func verifies(_ token: CompactToken) -> Bool {
        // A signature of the wrong length throws.
        (try? verifier.verify(token.signature, signs: token.signed)) ?? false
    }

    /// The shared secret; it has no name.
    static func secret(_ bytes: [UInt8]) async throws -> KeySet.Key {
        let collection = JWTKeyCollection()
        await collection.add(hmac: HMACKey(from: bytes), digestAlgorithm: .sha256)
        return KeySet.Key(id: nil, algorithm: .hs256, verifier: try await collection.getKey(alg: TokenAlgorithm.hs256.rawValue))
    }

    /// One entry of a JWKS. Nil for keys of other kinds and uses, which are none of ours; throws for one that should be ours and is broken.
    init?(_ entry: JSON) async throws {
        guard entry["use"] == nil || entry["use"] == "sig" else { return nil }
        if let operations = entry["key_ops"] {
            guard operations.array?.contains("verify") == true else { return nil }
        }
        let name = JWKIdentifier(string: "key")
        let algorithm: TokenAlgorithm
        let key: JWK
        switch (entry["kty"], entry["crv"]) {
        case ("RSA", _):
            algorithm = .rs256
            key = .rsa(.rs256, identifier: name, modulus: entry["n"]?.string, exponent: entry["e"]?.string)
        case ("EC", "P-256"):
            algorithm = .es256
            key = .ecdsa(.es256, identifier: name, x: entry["x"]?.string, y: entry["y"]?.string, curve: .p256)
        default: return nil
        }
        guard entry["alg"] == nil || entry["alg"]?.string == algorithm.rawValue else { return nil }
        let collection = JWTKeyCollection()
        try await collection.add(jwk: key)
        self.init(id: entry["kid"]?.string, algorithm: algorithm, verifier: try await collection.getKey(for: name, alg: algorithm.rawValue))
    }
}

extension KeySet {
    /// Far more than any issuer has; every token without a `kid` may be tried against several.
    private static let most = 100

    /// Reads a JWKS (RFC 7517 section 5). What can be used is used; what is broken is told.
    static func read(_ bytes: [UInt8]) async throws(KeySetFault) -> (keys: KeySet, faults: [String]) {
        guard let entries = (try? JSON(parsing: bytes))?["keys"]?.array else { throw KeySetFault("it is no JWKS: a JSON object with an array keys") }
        guard entries.count <= most else { throw KeySetFault("it has \(entries.count) keys; at most \(most) are read") }
        var set = KeySet()
        var faults: [String] = []
        for (index, entry) in entries.enumerated() {
            do {
                if let key = try await Key(entry) { set.keys.append(key) }
            } catch {
                faults.append("keys[\(index)] is no usable public key: RSA of 2048 bits or more needs n and e, EC P-256 needs x and y")
            }
        }
        guard !set.keys.isEmpty else {
            throw KeySetFault((faults + ["it has no RSA or EC P-256 key that checks signatures"]).joined(separator: "; "))
        }
        return (set, faults)
    }
}
