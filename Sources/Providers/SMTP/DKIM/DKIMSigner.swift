private import Crypto
private import CryptoExtras
import Domain
private import Foundation

/// Signs mail with one key: RFC 6376 with rsa-sha256, RFC 8463 with ed25519-sha256; relaxed/relaxed.
struct DKIMSigner: Sendable {
    let domain: DomainName
    let selector: DomainName
    let key: Key

    enum Key: Sendable {
        case rsa(RSAKey)
        case ed25519(Ed25519Key)
    }

    /// Fields that are signed where a mail has them.
    static let signedFields = [
        "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "auto-submitted",
        "list-unsubscribe", "list-unsubscribe-post",
    ]

    init(domain: DomainName, selector: DomainName, key: Key) {
        self.domain = domain
        self.selector = selector
        self.key = key
    }

    /// The `DKIM-Signature` field for a mail with these fields (none of them folded wrongly, none ended by CRLF) and this body, without final CRLF.
    func field(for fields: [String], body: [UInt8], at now: Timestamp) -> String {
        let present = Self.signedFields.filter { name in fields.contains { Self.name(of: $0) == name } }
        // From is named once more than it occurs: a second one added on the way breaks the signature (RFC 6376 section 8.15).
        let names = ["from"] + present
        let tags = ["v=1;", "a=\(key.algorithm);", "c=relaxed/relaxed;", "d=\(domain);", "s=\(selector);", "t=\(now.seconds);"]
        var template = HeaderText.fold("DKIM-Signature: ", words: tags)
        template = template + "\r\n " + HeaderText.fold("h=", words: names, separator: ":") + ";"
        template += "\r\n bh=\(Self.bodyHash(body));\r\n b="
        let signature = Base64.encode(key.signature(of: Self.signedBytes(fields: fields, names: names, template: template)))
        return template + Self.wrapped(signature)
    }

    static func bodyHash(_ body: [UInt8]) -> String { Base64.encode(Array(SHA256.hash(data: DKIMCanonical.body(body)))) }

    /// The named fields, the last occurrence of each first (RFC 6376 section 5.4.2), then the signature's own field with an empty `b=`.
    static func signedBytes(fields: [String], names: [String], template: String) -> [UInt8] {
        var left = fields
        var out: [UInt8] = []
        for name in names {
            guard let index = left.lastIndex(where: { Self.name(of: $0) == name }) else { continue }
            out += DKIMCanonical.header(left.remove(at: index))
            out += [0x0D, 0x0A]
        }
        return out + DKIMCanonical.header(template)
    }

    private static func name(of field: String) -> String {
        field.prefix { $0 != ":" }.lowercased()
    }

    /// Lines short enough for every relay; white space inside `b=` means nothing.
    private static func wrapped(_ signature: String) -> String {
        var out = ""
        var column = 3
        for character in signature {
            if column == 76 {
                out += "\r\n "
                column = 1
            }
            out.append(character)
            column += 1
        }
        return out
    }
}

extension DKIMSigner.Key {
    /// Throws where the text is no such key, or one of fewer than 1024 bits.
    init(pem: String, algorithm: SMTPAccount.DKIM.Algorithm) throws {
        switch algorithm {
        case .rsa: self = .rsa(try RSAKey(pem: pem))
        case .ed25519: self = .ed25519(try Ed25519Key(pem: pem))
        }
    }

    var algorithm: String {
        switch self {
        case .rsa: SMTPAccount.DKIM.Algorithm.rsa.rawValue
        case .ed25519: SMTPAccount.DKIM.Algorithm.ed25519.rawValue
        }
    }

    func signature(of bytes: [UInt8]) -> [UInt8] {
        switch self {
        case .rsa(let key): key.signature(of: bytes)
        case .ed25519(let key): key.signature(of: bytes)
        }
    }
}

/// RSASSA-PKCS1-v1_5 over SHA-256.
struct RSAKey: Sendable {
    private let key: _RSA.Signing.PrivateKey

    /// RFC 8301 allows 1024 bits, which CryptoExtras calls unsafe; many a relay's DNS still holds such a key.
    init(pem: String) throws {
        key = try _RSA.Signing.PrivateKey(unsafePEMRepresentation: pem)
    }

    var bits: Int { key.keySizeInBits }

    /// SubjectPublicKeyInfo in DER, as DNS records hold it.
    var publicKey: [UInt8] { Array(key.publicKey.derRepresentation) }

    func signature(of bytes: [UInt8]) -> [UInt8] {
        // Fails only for a key that is too small for the digest; such a key was refused when it was read.
        guard let signature = try? key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5) else { return [] }
        return Array(signature.rawRepresentation)
    }
}

/// PureEdDSA over the SHA-256 of the signed bytes (RFC 8463 section 3).
struct Ed25519Key: Sendable {
    private let key: Curve25519.Signing.PrivateKey

    init(pem: String) throws {
        key = try Curve25519.Signing.PrivateKey(pemRepresentation: pem)
    }

    init(raw: [UInt8]) throws {
        key = try Curve25519.Signing.PrivateKey(rawRepresentation: raw)
    }

    /// The 32 bytes that a DNS record holds (RFC 8463 section 4).
    var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    func signature(of bytes: [UInt8]) -> [UInt8] {
        guard let signature = try? key.signature(for: Data(SHA256.hash(data: bytes))) else { return [] }
        return Array(signature)
    }
}
