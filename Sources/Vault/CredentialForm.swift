public import Domain
import Settings

/// Reads a credential from a JSON object, as REST and the command line give it: the members of an org file's entry, with the secrets themselves in place of
/// references.
///
/// `private_key`, `access_token`, `password`, `certificate_password` are text, `certificate` is base64 of the .p12, `service_account` is the JSON object itself or its text.
public enum CredentialForm {
    /// A credential that is to take over from the one of its name.
    public struct Rotation: Sendable {
        public var credential: Credential
        /// How long the one before it stays in use beside it; nil: until somebody ends it.
        public var overlap: Duration?
        /// Whether it may speak for somebody else than the one before.
        public var isForced: Bool
    }

    /// Throws everything that is wrong, by its member (`dkim/0/selector`); members that are not known are faults too. Never repeats a value.
    public static func read(_ body: JSONObject, orgID: String, provider: ProviderName, name: String) throws(CredentialFaults) -> Credential {
        try read(JSONMembers(body), orgID: orgID, provider: provider, name: name)
    }

    /// As `read`, with two members more: `overlap` and `force`.
    public static func readRotation(
        _ body: JSONObject, orgID: String, provider: ProviderName, name: String
    ) throws(CredentialFaults) -> Rotation {
        let members = JSONMembers(body)
        let overlap = members.value("overlap", as: .duration(.seconds(60)...(.seconds(365 * 86_400))))
        let isForced = members.flag("force")
        let credential = try read(members, orgID: orgID, provider: provider, name: name)
        return Rotation(credential: credential, overlap: overlap, isForced: isForced ?? false)
    }

    private static func read(
        _ members: JSONMembers, orgID: String, provider: ProviderName, name: String
    ) throws(CredentialFaults) -> Credential {
        if SettingKind<String>.identifier.read(name) == nil {
            members.fault("name", "must be \(SettingKind<String>.identifier.expectation)", remedy: "")
        }
        let reader = CredentialReader(members)
        let account = reader.account(provider)
        let apps = reader.apps(provider)
        let faults = members.finish()
        // Without an account there is always a fault that says why.
        guard let account, faults.isEmpty else { throw CredentialFaults(faults) }
        return Credential(orgID: orgID, name: name, account: account, apps: apps)
    }
}
