import Crypto
import CryptoExtras
import Domain

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a service account has to be, for FCM.
enum FCMRules {
    private static let origin = "Use the service account's JSON as downloaded from the Firebase console."
    /// Google gives out keys of this size, and accepts no smaller ones.
    private static let leastBits = 2_048

    static func examine(_ account: FCMAccount, _ findings: inout Findings) -> FCMServiceAccount? {
        findings.secrets.keys.append(account.privateKey.reveal())
        findings.members.add("project_id", .string(account.projectID))
        findings.members.add("client_email", .string(account.clientEmail))
        findings.members.add("private_key_id", .string(account.privateKeyID))
        findings.members.add("token_uri", .string(account.tokenURI))
        checkProject(account, &findings)
        checkAccount(account, &findings)
        let tokenOrigin = findings.take { () throws(CredentialFault) in try checkedOrigin(account.tokenURI) }
        let key = findings.take { () throws(CredentialFault) in try Self.key(account.privateKey) }
        guard let tokenOrigin, let key, findings.faults.isEmpty else { return nil }
        return FCMServiceAccount(account, tokenOrigin: tokenOrigin, key: key)
    }

    private static func checkProject(_ account: FCMAccount, _ findings: inout Findings) {
        let id = account.projectID
        guard !id.isEmpty, id.utf8.allSatisfy(isProjectIDByte) else {
            findings.fault("project_id", id.isEmpty ? "the project id is missing" : "the project id has signs that no project id has", remedy: origin)
            return
        }
        // 6 to 30 small letters, digits and hyphens; old ones begin with a domain, and a project's number does as well.
        let isUsual = (6...30).contains(id.utf8.count) && id.first?.isLowercase == true && id.last != "-"
        let isNumber = id.utf8.allSatisfy { (48...57).contains($0) }
        if !isUsual, !isNumber, !id.contains(":") {
            findings.warnings.append("The project id \(id) has another form than Google's: 6 to 30 small letters, digits and hyphens.")
        }
    }

    private static func checkAccount(_ account: FCMAccount, _ findings: inout Findings) {
        let email = account.clientEmail
        if !email.contains("@") || !isPlain(email) {
            findings.fault(
                "client_email", email.isEmpty ? "the account's mail address is missing" : "this is no mail address of a service account",
                remedy: origin)
        } else if !isOwn(email, project: account.projectID) {
            findings.warnings.append(
                "The account \(email) belongs to another project than \(account.projectID); it can send only where that project has given it the right to."
            )
        }
        if account.privateKeyID.isEmpty || !isPlain(account.privateKeyID) {
            findings.fault(
                "private_key_id", account.privateKeyID.isEmpty ? "the key's id is missing" : "the key's id has signs that no id has", remedy: origin)
        }
    }

    /// `NAME@PROJECT.iam.gserviceaccount.com`; of a project `example.org:app` it is `NAME@app.example.org.iam.gserviceaccount.com`.
    private static func isOwn(_ email: String, project: String) -> Bool {
        let parts = project.split(separator: ":", maxSplits: 1)
        let name = parts.count == 2 ? "\(parts[1]).\(parts[0])" : project
        return email.hasSuffix("@\(name).iam.gserviceaccount.com")
    }

    private static func key(_ secret: Secret) throws(CredentialFault) -> _RSA.Signing.PrivateKey {
        let pem = secret.revealText()
        if let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem), key.keySizeInBits >= leastBits { return key }
        throw CredentialFault(field: "private_key", message: PEMDiagnosis.describe(pem, wanted: "an RSA key of 2048 bits or more"), remedy: origin)
    }

    private static func isProjectIDByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == 45 || byte == 46 || byte == 58 || byte == 95
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

    /// `https`, or `http` to this machine or to a name without dots, as a test server in a container has.
    private static func checkedOrigin(_ uri: String) throws(CredentialFault) -> String {
        let fault = CredentialFault(
            field: "token_uri", message: "this is no https address",
            remedy: "Google's is https://oauth2.googleapis.com/token; http is for local test servers only.")
        let parts = uri.split(separator: "://", maxSplits: 1)
        guard isPlain(uri), parts.count == 2 else { throw fault }
        let authority = parts[1].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard !authority.isEmpty, !authority.contains("@") else { throw fault }
        let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        let isLocal = host == "localhost" || host.hasPrefix("127.") || host == "[::1" || (!host.contains(".") && !host.hasPrefix("["))
        switch parts[0].lowercased() {
        case "https": break
        case "http" where isLocal: break
        default: throw fault
        }
        return String(uri[..<authority.endIndex])
    }
}
