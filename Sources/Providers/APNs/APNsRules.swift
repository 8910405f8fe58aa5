import Crypto
import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct APNsMaterial: Sendable {
    enum Identity: Sendable {
        case key(APNsSigningKey)
        case certificate(APNsCertificate)
    }

    var identity: Identity
    /// Of the key's or the certificate's file.
    var fingerprint: String
    var topic: String
    var environment: APNsAccount.Environment
}

/// What an APNs credential has to be: a key with its ids, or a certificate that is in force, for the topic and the environment.
enum APNsRules {
    static func examine(_ account: APNsAccount, now: Timestamp, _ findings: inout Findings) -> APNsMaterial? {
        checkTopic(account.topic, &findings)
        findings.members.add("topic", .string(account.topic))
        findings.members.add("environment", .string(account.environment.rawValue))
        let identity: APNsMaterial.Identity?
        let file: Secret
        switch account.identity {
        case .key(let pem, let keyID, let teamID):
            file = pem
            identity = key(pem, keyID: keyID, teamID: teamID, &findings).map(APNsMaterial.Identity.key)
        case .certificate(let p12, let password):
            file = p12
            findings.secrets.keys = [p12.reveal()]
            identity = APNsCertificateRules.examine(
                p12, password: password, topic: account.topic, environment: account.environment, now: now, &findings
            ).map(APNsMaterial.Identity.certificate)
        }
        guard let identity, findings.faults.isEmpty else { return nil }
        return APNsMaterial(
            identity: identity, fingerprint: Fingerprint.of(file.reveal()), topic: account.topic, environment: account.environment)
    }

    private static func key(_ pem: Secret, keyID: String, teamID: String, _ findings: inout Findings) -> APNsSigningKey? {
        findings.secrets.keys = [pem.reveal()]
        findings.members.add("team_id", .string(teamID))
        findings.members.add("key_id", .string(keyID))
        checkID(teamID, field: "team_id", of: "team", where: "under Membership in the developer account", &findings)
        checkID(keyID, field: "key_id", of: "key", where: "beside the key in the developer account, and in the .p8 file's name", &findings)
        if teamID == keyID, !teamID.isEmpty {
            findings.fault(
                "key_id", "the key id is the same as the team id", remedy: "The key's own id stands in the name of its file, AuthKey_KEYID.p8.")
        }
        let key = findings.take { () throws(CredentialFault) in try read(pem) }
        return key.map { APNsSigningKey(key: $0, keyID: keyID, teamID: teamID) }
    }

    private static func read(_ pem: Secret) throws(CredentialFault) -> P256.Signing.PrivateKey {
        let text = pem.revealText()
        if let key = try? P256.Signing.PrivateKey(pemRepresentation: text) { return key }
        throw CredentialFault(
            field: "private_key", message: PEMDiagnosis.describe(text, wanted: "an EC key on the curve P-256"),
            remedy: "Use the .p8 file as downloaded from the developer account, from its BEGIN line to its END line.")
    }

    private static func checkID(_ id: String, field: String, of thing: String, where place: String, _ findings: inout Findings) {
        guard id.utf8.count != 10 || !id.utf8.allSatisfy({ (48...57).contains($0) || (65...90).contains($0) }) else { return }
        findings.fault(
            field, "the \(thing) id has \(id.utf8.count) characters or other signs than A–Z and 0–9; Apple's have 10", remedy: "It stands \(place).")
    }

    private static func checkTopic(_ topic: String, _ findings: inout Findings) {
        guard topic.isEmpty || !topic.utf8.allSatisfy(isTopicByte) else {
            if !topic.contains(".") {
                findings.warnings.append("The topic \(topic) has no point in it; an app's bundle id looks like com.example.app.")
            }
            return
        }
        findings.fault(
            "topic", topic.isEmpty ? "the topic is missing" : "the topic has signs other than letters, digits, points and hyphens",
            remedy: "It is the app's bundle id, such as com.example.app.")
    }

    private static func isTopicByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == 45 || byte == 46
    }
}
