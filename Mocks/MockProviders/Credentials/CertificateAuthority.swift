import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// The mock's own root: clients that trust its certificate trust every start of the mock.
struct CertificateAuthority: Sendable {
    let certificate: Certificate
    private let key: Certificate.PrivateKey

    var pem: String {
        get throws { try certificate.serializeAsPEM().pemString }
    }

    private var keyPEM: String {
        get throws { try key.serializeAsPEM().pemString }
    }

    /// A new root, valid for ten years.
    init(now: Date) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        self.key = key
        let name = try DistinguishedName {
            CommonName("mock-providers CA")
            OrganizationName("mock-providers")
        }
        certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-3600), notValidAfter: now.addingTimeInterval(10 * 365 * 86_400),
            issuer: name, subject: name,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            },
            issuerPrivateKey: key)
    }

    /// The root kept in `certificateFile` and, beside it, its key; made and written if neither exists.
    init(keptIn certificateFile: URL, now: Date) throws {
        let keyFile = certificateFile.deletingPathExtension().appendingPathExtension("key.pem")
        guard FileManager.default.fileExists(atPath: certificateFile.path) else {
            try self.init(now: now)
            try SecretFile.write(try keyPEM, to: keyFile)
            try SecretFile.write(try pem, to: certificateFile, isPublic: true)
            return
        }
        let certificate: Certificate
        let key: Certificate.PrivateKey
        do {
            certificate = try Certificate(pemEncoded: String(contentsOf: certificateFile, encoding: .utf8))
            key = try Certificate.PrivateKey(pemEncoded: String(contentsOf: keyFile, encoding: .utf8))
        } catch {
            throw SetUpFault(
                "\(certificateFile.path) exists, but it and its key \(keyFile.path) can't be read as a CA of the mock (\(error)). "
                    + "Remove both to get a new one, or name another --ca-file.")
        }
        guard certificate.publicKey == key.publicKey, certificate.notValidAfter > now else {
            throw SetUpFault(
                "\(certificateFile.path) has expired or is not the certificate of \(keyFile.path). Remove both to get a new one, or name another --ca-file."
            )
        }
        self.init(certificate: certificate, key: key)
    }

    private init(certificate: Certificate, key: Certificate.PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    /// Server TLS for `localhost`, `127.0.0.1` and `::1`, with a certificate made for this start.
    ///
    /// It names the providers' own hosts too: a client whose address can't be changed may be led here by /etc/hosts.
    func serverTLS(protocols: [String], now: Date, flaw: CertificateFlaw? = nil) throws -> NIOSSLContext {
        let leafKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let own = try DistinguishedName { CommonName("localhost") }
        let leaf = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: leafKey.publicKey,
            // The age limit that browsers and Apple's platforms set.
            notValidBefore: now.addingTimeInterval(flaw == .expired ? -30 * 86_400 : -3600),
            notValidAfter: now.addingTimeInterval(flaw == .expired ? -86_400 : 397 * 86_400),
            issuer: flaw == .selfSigned ? own : certificate.subject, subject: own,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(
                    flaw == .wrongName
                        ? [.dnsName("wrong.invalid")]
                        : Self.hosts.map { .dnsName($0) } + [
                            .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                            .ipAddress(ASN1OctetString(contentBytes: ArraySlice([UInt8](repeating: 0, count: 15) + [1]))),
                        ])
                if flaw != .selfSigned {
                    AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier)
                }
            },
            issuerPrivateKey: flaw == .selfSigned ? leafKey : key)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(leaf.serializeAsPEM().pemString.utf8), format: .pem)),
                .certificate(try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem)),
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(leafKey.serializeAsPEM().pemString.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = protocols
        // APNs takes client certificates; the mock's own CA signs them.
        configuration.certificateVerification = .optionalVerification
        configuration.trustRoots = .certificates([try NIOSSLCertificate(bytes: Array(pem.utf8), format: .pem)])
        return try NIOSSLContext(configuration: configuration)
    }

    private static let hosts = [
        "localhost", "sandbox.localhost", "api.push.apple.com", "api.sandbox.push.apple.com", "api.development.push.apple.com",
        "fcm.googleapis.com", "iid.googleapis.com", "oauth2.googleapis.com", "exp.host",
    ]

    /// An APNs client certificate for the app and its VoIP pushes.
    ///
    /// - Parameters:
    ///   - lifetime: how long it holds from now on; less than nothing makes one that has expired.
    ///   - environment: the only one it is good for; nil for both, as with Apple's certificates of today.
    func clientIdentity(
        topic: String, teamID: String, now: Date, lifetime: TimeInterval = ClientIdentity.lifetime, environment: APNsEnvironment? = nil,
        password: String = ClientIdentity.password
    ) throws -> ClientIdentity {
        let secret = P256.Signing.PrivateKey()
        let key = Certificate.PrivateKey(secret)
        let subject = DistinguishedName([
            RelativeDistinguishedName([.init(type: ClientCertificate.userID, utf8String: topic)]),
            RelativeDistinguishedName([.init(type: .RDNAttributeType.commonName, utf8String: "Apple Push Services: \(topic)")]),
            RelativeDistinguishedName([.init(type: .RDNAttributeType.organizationalUnitName, utf8String: teamID)]),
        ])
        let topics = try ClientCertificate.value(of: [(topic, "app"), ("\(topic).voip", "voip")])
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(min(-3600, lifetime - 86_400)), notValidAfter: now.addingTimeInterval(lifetime),
            issuer: self.certificate.subject, subject: subject,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.clientAuth])
                Certificate.Extension(oid: ClientCertificate.topicsOID, critical: false, value: topics[...])
                // The marks hold nothing but a DER null.
                if environment != .production { Certificate.Extension(oid: ClientCertificate.developmentOID, critical: false, value: [5, 0]) }
                if environment != .sandbox { Certificate.Extension(oid: ClientCertificate.productionOID, critical: false, value: [5, 0]) }
            },
            issuerPrivateKey: self.key)
        let pem = try certificate.serializeAsPEM()
        return ClientIdentity(
            pem: pem.pemString + "\n" + secret.pemRepresentation + "\n",
            p12: try PKCS12.file(
                certificate: pem.derBytes, key: Array(secret.derRepresentation), password: password))
    }
}

/// A client certificate together with its key, in the two forms that clients take.
struct ClientIdentity: Sendable {
    /// That of the `.p12`; some clients insist on one.
    static let password = "mock"
    /// The age limit that Apple's platforms set, in seconds.
    static let lifetime: Double = 397 * 86_400

    var pem: String
    var p12: [UInt8]
}

/// What can be wrong with the server's certificate, for clients that must notice.
public enum CertificateFlaw: String, Sendable, Hashable, CaseIterable {
    case expired
    /// Not signed by the CA that clients trust.
    case selfSigned = "self-signed"
    /// For another host.
    case wrongName = "wrong-name"
}
