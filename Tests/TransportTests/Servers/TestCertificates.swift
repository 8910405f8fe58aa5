import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// A CA, and a certificate by it for 127.0.0.1 and localhost: made anew in each run, so that nothing in the repository expires.
struct TestCertificates: Sendable {
    let caPEM: String
    let chain: [NIOSSLCertificateSource]
    let key: NIOSSLPrivateKeySource
    /// The CA in a file of its own, removed when the process ends.
    let caFile: String

    static let shared: TestCertificates = {
        do { return try TestCertificates() } catch { fatalError("no test certificates: \(error)") }
    }()

    private init() throws {
        let now = Date()
        let caKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let caName = try DistinguishedName { CommonName("hermod tests CA") }
        let ca = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: caKey.publicKey, notValidBefore: now - 3600, notValidAfter: now + 86400,
            issuer: caName, subject: caName,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            }, issuerPrivateKey: caKey)
        let leafKey = P256.Signing.PrivateKey()
        let leaf = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: .init(leafKey.publicKey), notValidBefore: now - 3600, notValidAfter: now + 86400,
            issuer: caName, subject: try DistinguishedName { CommonName("localhost") },
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                SubjectAlternativeNames([.dnsName("localhost"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1]))])
            }, issuerPrivateKey: caKey)
        caPEM = try ca.serializeAsPEM().pemString
        chain = [.certificate(try NIOSSLCertificate(bytes: Array(leaf.serializeAsPEM().pemString.utf8), format: .pem))]
        key = .privateKey(try NIOSSLPrivateKey(bytes: Array(leafKey.pemRepresentation.utf8), format: .pem))
        caFile = try TemporaryFiles.write(caPEM, suffix: ".pem")
    }
}

/// Files that last as long as the process.
enum TemporaryFiles {
    private static let directory: URL = {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-tests-\(UUID().uuidString)")
        // Without the directory every later write fails and says so.
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        atexit { try? FileManager.default.removeItem(at: TemporaryFiles.directory) }
        return directory
    }()

    static func write(_ text: String, suffix: String) throws -> String {
        let file = directory.appendingPathComponent(UUID().uuidString + suffix)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }
}
