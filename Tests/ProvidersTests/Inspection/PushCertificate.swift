import COpenSSL
import Crypto
import Domain
import Foundation

@testable import Providers

/// Makes push certificates as Apple does, and puts them into .p12 files of every age.
struct PushCertificate {
    static let development = "1.2.840.113635.100.6.3.1"
    static let production = "1.2.840.113635.100.6.3.2"
    static let topicList = "1.2.840.113635.100.6.3.6"

    var userID: String? = "com.example.app"
    var topics: [String] = []
    /// Object identifiers of Apple's marks.
    var marks = [development, production]
    var notBefore = Fixture.now - .seconds(86_400)
    var notAfter = Fixture.now + .seconds(300 * 86_400)

    struct Failure: Error {}

    /// How a file is sealed.
    enum Seal: CaseIterable {
        case modern
        /// As keychains do: RC2 for the certificate, triple DES for the key.
        case rc2
        case tripleDES
        /// Without the code that tells a wrong password.
        case withoutMAC
    }

    /// What goes into the file.
    enum Content {
        case both
        case keyOnly
        case certificateOnly
        /// Another key than the certificate's.
        case strangers
    }

    func p12(password: String = "secret", seal: Seal = .modern, content: Content = .both) throws -> [UInt8] {
        let key = try Self.key()
        defer { EVP_PKEY_free(key) }
        let certificate = try self.certificate(key)
        defer { X509_free(certificate) }
        let context = seal == .rc2 ? LegacyAlgorithms.shared?.context : nil
        let (keyAlgorithm, certificateAlgorithm): (Int32, Int32) =
            switch seal {
            case .modern, .withoutMAC: (0, 0)
            case .rc2: (NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And40BitRC2_CBC)
            case .tripleDES: (NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And3_Key_TripleDES_CBC)
            }
        let macRounds: Int32 = seal == .withoutMAC ? -1 : 1
        let file: OpaquePointer?
        switch content {
        case .both:
            file = PKCS12_create_ex(password, "push", key, certificate, nil, keyAlgorithm, certificateAlgorithm, 1, macRounds, 0, context, nil)
        case .keyOnly: file = PKCS12_create_ex(password, "push", key, nil, nil, keyAlgorithm, certificateAlgorithm, 1, macRounds, 0, context, nil)
        case .certificateOnly:
            file = PKCS12_create_ex(password, "push", nil, certificate, nil, keyAlgorithm, certificateAlgorithm, 1, macRounds, 0, context, nil)
        case .strangers: file = try Self.strangers(certificate, password)
        }
        guard let file else { throw Failure() }
        defer { PKCS12_free(file) }
        return try Self.bytes { i2d_PKCS12(file, $0) }
    }

    func account(
        password: String = "secret", given: String? = nil, topic: String = "com.example.app", environment: APNsAccount.Environment = .production,
        seal: Seal = .modern, content: Content = .both
    ) throws -> Credential {
        let file = try p12(password: password, seal: seal, content: content)
        return Self.credential(file, password: given ?? password, topic: topic, environment: environment)
    }

    static func credential(
        _ file: [UInt8], password: String = "secret", topic: String = "com.example.app", environment: APNsAccount.Environment = .production
    ) -> Credential {
        Credential(
            orgID: "org", name: "main",
            account: .apns(
                .init(identity: .certificate(p12: Secret(file), password: Secret(password)), topic: topic, environment: environment)))
    }

    private func certificate(_ key: OpaquePointer) throws -> OpaquePointer {
        guard let certificate = X509_new(), let name = X509_get_subject_name(certificate) else { throw Failure() }
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1...1_000_000))
        ASN1_TIME_set(X509_getm_notBefore(certificate), time_t(notBefore.seconds))
        ASN1_TIME_set(X509_getm_notAfter(certificate), time_t(notAfter.seconds))
        if let userID { X509_NAME_add_entry_by_NID(name, NID_userId, 0x1000, Array(userID.utf8), Int32(userID.utf8.count), -1, 0) }
        let common = Array("Apple Push Services: \(userID ?? "nobody")".utf8)
        X509_NAME_add_entry_by_NID(name, NID_commonName, 0x1000, common, Int32(common.count), -1, 0)
        X509_set_issuer_name(certificate, name)
        X509_set_pubkey(certificate, key)
        for mark in marks { try Self.add(mark, [5, 0], to: certificate) }
        if !topics.isEmpty { try Self.add(Self.topicList, topicValue, to: certificate) }
        guard X509_sign(certificate, key, EVP_sha256()) > 0 else { throw Failure() }
        return certificate
    }

    /// A sequence in which each topic is followed by a sequence of what it is for; short enough for one byte of length.
    private var topicValue: [UInt8] {
        var parts: [UInt8] = []
        for topic in topics {
            parts += [0x0C, UInt8(topic.utf8.count)]
            parts += Array(topic.utf8)
            parts += [0x30, 5, 0x0C, 3]
            parts += Array("app".utf8)
        }
        return (parts.count < 128 ? [0x30, UInt8(parts.count)] : [0x30, 0x81, UInt8(parts.count)]) + parts
    }

    private static func add(_ oid: String, _ value: [UInt8], to certificate: OpaquePointer) throws {
        let object = OBJ_txt2obj(oid, 1)
        defer { ASN1_OBJECT_free(object) }
        let octets = ASN1_OCTET_STRING_new()
        defer { ASN1_OCTET_STRING_free(octets) }
        ASN1_OCTET_STRING_set(octets, value, Int32(value.count))
        let ext = X509_EXTENSION_create_by_OBJ(nil, object, 0, octets)
        defer { X509_EXTENSION_free(ext) }
        guard X509_add_ext(certificate, ext, -1) == 1 else { throw Failure() }
    }

    private static func key() throws -> OpaquePointer {
        let pem = Array(P256.Signing.PrivateKey().pemRepresentation.utf8)
        guard let key = MemoryBIO.reading(pem, { PEM_read_bio_PrivateKey($0, nil, nil, nil) }) else { throw Failure() }
        return key
    }

    /// What OpenSSL's own function refuses to make.
    private static func strangers(_ certificate: OpaquePointer, _ password: String) throws -> OpaquePointer? {
        let other = try key()
        defer { EVP_PKEY_free(other) }
        var bags: OpaquePointer?
        var safes: OpaquePointer?
        // The file gets copies of them.
        defer {
            OPENSSL_sk_pop_free(bags) { PKCS12_SAFEBAG_free(OpaquePointer($0)) }
            OPENSSL_sk_pop_free(safes) { PKCS7_free($0?.assumingMemoryBound(to: PKCS7.self)) }
        }
        guard PKCS12_add_cert(&bags, certificate) != nil, PKCS12_add_key(&bags, other, 0, 1, NID_aes_256_cbc, password) != nil,
            PKCS12_add_safe(&safes, bags, -1, 0, nil) == 1, let file = PKCS12_add_safes(safes, 0)
        else { throw Failure() }
        guard PKCS12_set_mac(file, password, -1, nil, 0, 1, EVP_sha256()) == 1 else { throw Failure() }
        return file
    }

    static func bytes(_ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32) throws -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = write(&bytes)
        guard count > 0, let bytes else { throw Failure() }
        defer { CRYPTO_free(bytes, nil, 0) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}

/// Seals what was sealed by today's means as keychains did for decades.
enum OldKeychain {
    static func seal(_ modern: [UInt8], password: String) throws -> [UInt8] {
        let sealed = MemoryBIO.reading(modern) { source -> [UInt8]? in
            var file: OpaquePointer?
            var key: OpaquePointer?
            var certificate: OpaquePointer?
            defer {
                PKCS12_free(file)
                EVP_PKEY_free(key)
                X509_free(certificate)
            }
            guard d2i_PKCS12_bio(source, &file) != nil, PKCS12_parse(file, password, &key, &certificate, nil) == 1 else { return nil }
            let old = PKCS12_create_ex(
                password, nil, key, certificate, nil, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And40BitRC2_CBC, 1, 1, 0,
                LegacyAlgorithms.shared?.context, nil)
            defer { PKCS12_free(old) }
            return old.flatMap { old in try? PushCertificate.bytes { i2d_PKCS12(old, $0) } }
        }
        guard let sealed else { throw PushCertificate.Failure() }
        return sealed
    }
}
