public import Domain

/// Checks all of a credential that can be checked without asking anybody.
///
/// The rules stand beside the providers that the credential is for; `ProviderFactory` builds from what they bring out, so that what is inspected and what is
/// sent with are read by the same rules.
public struct CredentialExaminer: CredentialInspector {
    public init() {}

    public func inspect(_ credential: Credential, now: Timestamp) throws(CredentialFaults) -> CredentialFacts {
        try examine(credential, now: now).findings.facts
    }

    /// What a provider is made of, and what was seen on the way.
    func examine(_ credential: Credential, now: Timestamp) throws(CredentialFaults) -> (material: CredentialMaterial, findings: Findings) {
        var findings = Findings()
        let material: CredentialMaterial? =
            switch credential.account {
            case .expo(let account): ExpoRules.examine(account, &findings).map(CredentialMaterial.expo)
            case .apns(let account): APNsRules.examine(account, now: now, &findings).map(CredentialMaterial.apns)
            case .fcm(let account): FCMRules.examine(account, &findings).map(CredentialMaterial.fcm)
            case .smtp(let account): SMTPRules.examine(account, &findings).map(CredentialMaterial.smtp)
            }
        guard let material, findings.faults.isEmpty else { throw CredentialFaults(findings.faults) }
        var apps = credential.apps
        if case .apns(let account) = credential.account { apps.remove(account.topic) }
        if !apps.isEmpty { findings.members.add("apps", .array(apps.sorted().map { .string($0) })) }
        return (material, findings)
    }
}

/// A credential that has been read and found sound: its keys opened, its members in the form in which they are used.
enum CredentialMaterial: Sendable {
    case expo(ExpoMaterial)
    case apns(APNsMaterial)
    case fcm(FCMServiceAccount)
    case smtp(SMTPMaterial)
}
