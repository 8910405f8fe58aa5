import CryptoExtras
import Domain
import JWTKit

@testable import API

/// Makes tokens, good ones and such as nobody should believe.
struct TokenForge: Sendable {
    enum Key: Sendable {
        case secret
        case rsa
        case ec
        /// HMAC with the bytes of the RSA public key, which everybody has.
        case publicKeyAsSecret
        case nothing
    }

    /// One for all tests: an RSA key takes a while to find.
    static let shared = TokenForge()

    let secret = Secret("an HS256 secret that is long enough for the rule")
    private let rsa: JWTKit.Insecure.RSA.PrivateKey
    private let ec = ES256PrivateKey()

    private init() {
        do { rsa = try JWTKit.Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048)) } catch {
            fatalError("no RSA key: \(error)")
        }
    }

    /// The public keys, as an issuer would serve them.
    func jwks(rsaID: String? = "rsa-1", ecID: String? = "ec-1") throws -> JSON {
        let numbers = try rsa.publicKey.getKeyPrimitives()
        var first: JSONObject = [
            "kty": "RSA", "use": "sig", "n": .string(Self.encode(Array(numbers.modulus))), "e": .string(Self.encode(Array(numbers.publicExponent))),
        ]
        if let rsaID { first["kid"] = .string(rsaID) }
        var second: JSONObject = ["kty": "EC", "crv": "P-256", "alg": "ES256"]
        if let point = ec.parameters {
            second["x"] = .string(Self.urlSafe(point.x))
            second["y"] = .string(Self.urlSafe(point.y))
        }
        if let ecID { second["kid"] = .string(ecID) }
        return ["keys": [.object(first), .object(second)]]
    }

    func token(_ header: JSONObject, _ claims: JSONObject, signedWith key: Key) async throws -> String {
        try await token(JSON.object(header).text, JSON.object(claims).text, signedWith: key)
    }

    func token(_ header: String, _ claims: String, signedWith key: Key) async throws -> String {
        let signed = Self.encode(Array(header.utf8)) + "." + Self.encode(Array(claims.utf8))
        return signed + "." + Self.encode(try await signature(of: Array(signed.utf8), key))
    }

    private func signature(of bytes: [UInt8], _ key: Key) async throws -> [UInt8] {
        let collection = JWTKeyCollection()
        switch key {
        case .secret: await collection.add(hmac: HMACKey(from: secret.reveal()), digestAlgorithm: .sha256)
        case .rsa: await collection.add(rsa: rsa, digestAlgorithm: .sha256)
        case .ec: await collection.add(ecdsa: ec)
        case .publicKeyAsSecret: await collection.add(hmac: HMACKey(from: rsa.publicKey.pemRepresentation), digestAlgorithm: .sha256)
        case .nothing: return []
        }
        return try await collection.getKey().sign(bytes)
    }

    static func encode(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var out = ""
        var index = 0
        while index < bytes.count {
            let rest = min(3, bytes.count - index)
            var word: UInt32 = 0
            for offset in 0..<3 { word = word << 8 | (offset < rest ? UInt32(bytes[index + offset]) : 0) }
            for place in 0...rest { out.append(digits[Int(word >> UInt32(18 - 6 * place) & 63)]) }
            index += 3
        }
        return out
    }

    private static func urlSafe(_ base64: String) -> String {
        String(base64.compactMap { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 == "=" ? nil : $0 })
    }
}

/// A key set in memory, which a test changes or breaks.
actor MemoryKeySet {
    private var bytes: [UInt8]
    private var fault: KeySetFault?
    private(set) var readings = 0

    init(_ json: JSON) {
        bytes = json.bytes
    }

    func set(_ json: JSON) { bytes = json.bytes }

    func set(_ text: String) { bytes = Array(text.utf8) }

    func fail(_ fault: KeySetFault?) { self.fault = fault }

    fileprivate func read() throws(KeySetFault) -> [UInt8] {
        readings += 1
        if let fault { throw fault }
        return bytes
    }

    nonisolated func source(_ pace: KeySetPace) -> any KeySetSource { Source(place: "keys.json", pace: pace, memory: self) }

    private struct Source: KeySetSource {
        let place: String
        let pace: KeySetPace
        let memory: MemoryKeySet

        func read() async throws(KeySetFault) -> [UInt8] { try await memory.read() }
    }
}

extension KeySetPace {
    static let test = KeySetPace(refresh: .seconds(300), renewal: .seconds(3_600), interval: .seconds(30))
}
