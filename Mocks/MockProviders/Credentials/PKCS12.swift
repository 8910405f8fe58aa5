import Crypto
import CryptoExtras
import Foundation
import SwiftASN1

/// One certificate and its key in a `.p12` file, as Apple's Keychain exports them (RFC 7292), under algorithms that today's libraries read without
/// being told to: AES-256 for the key, SHA-256 for the seal.
enum PKCS12 {
    private static let rounds = 2048

    /// - Parameters:
    ///   - certificate: X.509 in DER.
    ///   - key: PKCS#8 in DER.
    static func file(certificate: [UInt8], key: [UInt8], password: String) throws -> [UInt8] {
        // By this id the reader knows that the two belong together.
        let keyID = attribute(localKeyID, octets(Array(Insecure.SHA1.hash(data: certificate))))
        let certificateBag = sequence(
            oid(certBag), explicit(sequence(oid(x509Certificate), explicit(octets(certificate)))), set(keyID))
        let keyBag = sequence(oid(shroudedKeyBag), explicit(try shrouded(key, password: password)), set(keyID))
        let contents = sequence(dataContent(sequence(certificateBag)), dataContent(sequence(keyBag)))
        return sequence(integer([3]), dataContent(contents), seal(contents, password: password))
    }

    // MARK: Protection

    /// PBES2 (RFC 8018): PBKDF2 with HMAC-SHA-256, AES-256-CBC.
    private static func shrouded(_ key: [UInt8], password: String) throws -> [UInt8] {
        let salt = random(16)
        let vector = random(16)
        let derived = try KDF.Insecure.PBKDF2.deriveKey(
            from: Data(password.utf8), salt: salt, using: .sha256, outputByteCount: 32, unsafeUncheckedRounds: rounds)
        let encrypted = try AES._CBC.encrypt(key, using: derived, iv: AES._CBC.IV(ivBytes: vector))
        let derivation = sequence(oid(pbkdf2), sequence(octets(salt), integer(rounds), sequence(oid(hmacSHA256), null)))
        let algorithm = sequence(oid(pbes2), sequence(derivation, sequence(oid(aes256CBC), octets(vector))))
        return sequence(algorithm, octets(Array(encrypted)))
    }

    private static func seal(_ contents: [UInt8], password: String) -> [UInt8] {
        let salt = random(16)
        let key = SymmetricKey(data: sealKey(password: password, salt: salt))
        let code = Array(HMAC<SHA256>.authenticationCode(for: contents, using: key))
        return sequence(sequence(sequence(oid(sha256), null), octets(code)), octets(salt), integer(rounds))
    }

    /// RFC 7292, appendix B: purpose 3, one block, the password in UTF-16 with two zeros behind it.
    private static func sealKey(password: String, salt: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        for unit in Array(password.utf16) + [0] { text += [UInt8(unit >> 8), UInt8(unit & 0xFF)] }
        var hash = Array(SHA256.hash(data: [UInt8](repeating: 3, count: 64) + filled(salt) + filled(text)))
        for _ in 1..<rounds { hash = Array(SHA256.hash(data: hash)) }
        return hash
    }

    /// Repeated until it fills whole blocks of SHA-256.
    private static func filled(_ bytes: [UInt8]) -> [UInt8] {
        let length = (bytes.count + 63) / 64 * 64
        return (0..<length).map { bytes[$0 % bytes.count] }
    }

    private static func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255) } }

    // MARK: DER

    private static let data: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 7, 1]
    private static let shroudedKeyBag: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 12, 10, 1, 2]
    private static let certBag: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 12, 10, 1, 3]
    private static let x509Certificate: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 22, 1]
    private static let localKeyID: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 9, 21]
    private static let pbes2: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 5, 13]
    private static let pbkdf2: ASN1ObjectIdentifier = [1, 2, 840, 113549, 1, 5, 12]
    private static let hmacSHA256: ASN1ObjectIdentifier = [1, 2, 840, 113549, 2, 9]
    private static let aes256CBC: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 1, 42]
    private static let sha256: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 1]
    private static let null: [UInt8] = [5, 0]

    private static func node(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        guard content.count >= 128 else { return [tag, UInt8(content.count)] + content }
        var length: [UInt8] = []
        var rest = content.count
        while rest > 0 {
            length.insert(UInt8(rest & 0xFF), at: 0)
            rest >>= 8
        }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }

    private static func sequence(_ parts: [UInt8]...) -> [UInt8] { node(0x30, Array(parts.joined())) }
    private static func set(_ content: [UInt8]) -> [UInt8] { node(0x31, content) }
    private static func octets(_ bytes: [UInt8]) -> [UInt8] { node(0x04, bytes) }
    private static func explicit(_ content: [UInt8]) -> [UInt8] { node(0xA0, content) }
    private static func integer(_ bytes: [UInt8]) -> [UInt8] { node(0x02, bytes) }
    /// Below 32,768, so that no sign gets in the way.
    private static func integer(_ value: Int) -> [UInt8] { integer([UInt8(value >> 8), UInt8(value & 0xFF)]) }
    private static func dataContent(_ content: [UInt8]) -> [UInt8] { sequence(oid(data), explicit(octets(content))) }
    private static func attribute(_ type: ASN1ObjectIdentifier, _ value: [UInt8]) -> [UInt8] { sequence(oid(type), set(value)) }

    private static func oid(_ identifier: ASN1ObjectIdentifier) -> [UInt8] {
        let parts = identifier.oidComponents
        var bytes = [UInt8(parts[0] * 40 + parts[1])]
        for part in parts.dropFirst(2) {
            var groups = [UInt8(part & 0x7F)]
            var rest = part >> 7
            while rest > 0 {
                groups.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
                rest >>= 7
            }
            bytes += groups
        }
        return node(0x06, bytes)
    }
}
