import NIOSSL
import SwiftASN1
import X509

/// What APNs reads in the certificate that a client shows: for which topics it speaks, and in which environments.
struct ClientCertificate: Sendable, Hashable {
    var topics: Set<String>
    /// The subject's organisational unit, in Apple's certificates the team.
    var teamID: String?
    /// Nil for both, as with the universal certificates of today.
    var environment: APNsEnvironment?

    /// Apple's own: the list of topics, and the marks of a certificate for development and for production.
    static let topicsOID: ASN1ObjectIdentifier = [1, 2, 840, 113635, 100, 6, 3, 6]
    static let developmentOID: ASN1ObjectIdentifier = [1, 2, 840, 113635, 100, 6, 3, 1]
    static let productionOID: ASN1ObjectIdentifier = [1, 2, 840, 113635, 100, 6, 3, 2]
    /// The subject's user id, which is the bundle id.
    static let userID: ASN1ObjectIdentifier = [0, 9, 2342, 19_200_300, 100, 1, 1]

    /// Nil when it can't be read; then the client counts as one without a certificate.
    init?(_ shown: NIOSSLCertificate) {
        guard let bytes = try? shown.toDERBytes(), let certificate = try? Certificate(derEncoded: bytes) else { return nil }
        var topics: Set<String> = []
        for name in certificate.subject {
            for attribute in name where attribute.type == Self.userID { topics.insert(attribute.value.description) }
            for attribute in name where attribute.type == .RDNAttributeType.organizationalUnitName { teamID = attribute.value.description }
        }
        if let list = certificate.extensions[oid: Self.topicsOID] { topics.formUnion(Self.topics(in: list.value)) }
        self.topics = topics
        let isDevelopment = certificate.extensions[oid: Self.developmentOID] != nil
        let isProduction = certificate.extensions[oid: Self.productionOID] != nil
        environment = isDevelopment == isProduction ? nil : isDevelopment ? .sandbox : .production
    }

    /// A sequence in which each topic is followed by a sequence of what it is for.
    private static func topics(in value: ArraySlice<UInt8>) -> [String] {
        guard let root = try? DER.parse(value), case .constructed(let nodes) = root.content else { return [] }
        return nodes.compactMap { node in
            (try? ASN1UTF8String(derEncoded: node, withIdentifier: .utf8String)).map { String($0) }
        }
    }

    /// The extension's value for those topics.
    static func value(of topics: [(topic: String, purpose: String)]) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.appendConstructedNode(identifier: .sequence) { outer in
            for (topic, purpose) in topics {
                try outer.serialize(ASN1UTF8String(topic))
                try outer.appendConstructedNode(identifier: .sequence) { try $0.serialize(ASN1UTF8String(purpose)) }
            }
        }
        return serializer.serializedBytes
    }
}
