import Domain
import SwiftASN1

/// A client certificate that speaks for a lane, in the form that the TLS library takes.
struct APNsCertificate: Sendable {
    var p12: [UInt8]
    var password: String
}

/// What an APNs certificate has to be. Apple's marks in it: its topics, and whether it is for development, for production, or (both) for either.
enum APNsCertificateRules {
    private static let developmentOID = "1.2.840.113635.100.6.3.1"
    private static let productionOID = "1.2.840.113635.100.6.3.2"
    private static let topicsOID = "1.2.840.113635.100.6.3.6"
    /// From here on it is said that the end is near.
    private static let noticeDays: Int64 = 30

    private static let renewal = "Make a new one in the developer account under Certificates, and export it with its key as .p12."

    static func examine(
        _ file: Secret, password: Secret, topic: String, environment: APNsAccount.Environment, now: Timestamp, _ findings: inout Findings
    ) -> APNsCertificate? {
        let contents: PKCS12File.Contents
        do {
            contents = try PKCS12File.open(file.reveal(), password: password.revealText())
        } catch {
            findings.take { () throws(CredentialFault) in throw fault(error) }
            return nil
        }
        let certificate = contents.certificate
        let topics = Self.topics(of: certificate)
        findings.notAfter = certificate.notAfter
        findings.members.add("subject", .string(certificate.subject))
        findings.members.add("issuer", .string(certificate.issuer))
        findings.members.add("topics", .array(topics.map { .string($0) }))
        findings.members.add("not_before", .string(certificate.notBefore.rfc3339Seconds))
        checkDates(certificate, now: now, &findings)
        checkTopics(topics, of: certificate, topic: topic, &findings)
        checkEnvironment(certificate, environment, &findings)
        return APNsCertificate(p12: contents.modern, password: password.revealText())
    }

    private static func checkDates(_ certificate: CertificateContents, now: Timestamp, _ findings: inout Findings) {
        if certificate.notAfter <= now {
            findings.fault("certificate", "the certificate ended on \(certificate.notAfter.rfc3339Seconds)", remedy: renewal)
        } else if certificate.notBefore > now {
            findings.fault(
                "certificate", "the certificate is valid only from \(certificate.notBefore.rfc3339Seconds) on, and here it is \(now.rfc3339Seconds)",
                remedy: "Wait until then, or set this machine's clock right.")
        } else {
            let days = (certificate.notAfter - now).components.seconds / 86_400
            guard days <= noticeDays else { return }
            findings.warnings.append(
                "The certificate ends on \(certificate.notAfter.rfc3339Seconds), \(days == 0 ? "in less than a day" : days == 1 ? "in a day" : "in \(days) days"): "
                    + "make a new one and rotate the credential before.")
        }
    }

    private static func checkTopics(_ topics: [String], of certificate: CertificateContents, topic: String, _ findings: inout Findings) {
        if topics.isEmpty {
            findings.fault(
                "certificate", "this is no APNs certificate: it names no app (its subject is \(certificate.subject))",
                remedy: "Export the certificate of the kind Apple Push Notification service SSL, which has the app's bundle id in its subject.")
        } else if !topic.isEmpty, !topics.contains(topic) {
            findings.fault(
                "topic", "the certificate is not for the topic \(topic); it is for \(topics.joined(separator: ", "))",
                remedy: "Set the topic to one of these, or use the certificate of that app.")
        }
    }

    private static func checkEnvironment(_ certificate: CertificateContents, _ environment: APNsAccount.Environment, _ findings: inout Findings) {
        let isDevelopment = certificate.value(of: developmentOID) != nil
        let isProduction = certificate.value(of: productionOID) != nil
        // Both: the universal certificates of today. Neither: APNs decides.
        guard isDevelopment != isProduction, (environment == .sandbox) != isDevelopment else { return }
        let own: APNsAccount.Environment = isDevelopment ? .sandbox : .production
        findings.fault(
            "environment", "the certificate is for \(own.rawValue) only, and the credential is for \(environment.rawValue)",
            remedy: "Set environment to \(own.rawValue), or use a certificate for both.")
    }

    /// The subject's user id, and Apple's list: a sequence in which each topic is followed by a sequence of what it is for.
    private static func topics(of certificate: CertificateContents) -> [String] {
        var topics = certificate.userID.map { [$0] } ?? []
        if let value = certificate.value(of: topicsOID), let root = try? DER.parse(value), case .constructed(let nodes) = root.content {
            for node in nodes {
                guard let topic = try? ASN1UTF8String(derEncoded: node, withIdentifier: .utf8String) else { continue }
                if !topics.contains(String(topic)) { topics.append(String(topic)) }
            }
        }
        return topics
    }

    static func fault(_ fault: PKCS12File.Fault) -> CredentialFault {
        let export = "Export certificate and key together as .p12: from the keychain, or with openssl pkcs12 -export from PEM files."
        return switch fault {
        case .empty: CredentialFault(field: "certificate", message: "the certificate file is empty", remedy: export)
        case .pem: CredentialFault(field: "certificate", message: "the certificate is PEM text and no PKCS#12 file", remedy: export)
        case .notPKCS12: CredentialFault(field: "certificate", message: "the certificate is no PKCS#12 file", remedy: export)
        case .wrongPassword:
            CredentialFault(
                field: "certificate_password", message: "the password does not open the certificate file",
                remedy: "Give the password that the .p12 was exported with, or export it anew.")
        case .unsealed:
            CredentialFault(
                field: "certificate", message: "the PKCS#12 file has no MAC, by which a wrong password and an altered file are told", remedy: export)
        case .oldAlgorithms:
            CredentialFault(
                field: "certificate",
                message:
                    "the file is sealed with algorithms that OpenSSL has put aside (RC2 and the like), and its legacy provider is not installed here",
                remedy:
                    "Seal it anew where the provider is: openssl pkcs12 -legacy -in OLD.p12 -nodes -out KEY.pem, then openssl pkcs12 -export -in KEY.pem -out NEW.p12."
            )
        case .damaged(let words):
            CredentialFault(field: "certificate", message: "the PKCS#12 file can't be read (\(words)): it is cut short or altered", remedy: export)
        case .noKey: CredentialFault(field: "certificate", message: "the PKCS#12 file has no private key in it", remedy: export)
        case .noCertificate: CredentialFault(field: "certificate", message: "the PKCS#12 file has no certificate in it", remedy: export)
        case .mismatch:
            CredentialFault(
                field: "certificate", message: "no certificate in the PKCS#12 file belongs to the private key in it", remedy: export)
        }
    }
}
