public import Domain

/// Reads a credential from a JSON object, as REST and the command line give it: the members of an org file's entry, with the secrets themselves in place of
/// references.
///
/// `private_key`, `access_token`, `password`, `certificate_password` are text, `certificate` is base64 of the .p12, `service_account` is the JSON object itself or its text.
public enum CredentialForm {
    /// Throws everything that is wrong, by its member (`dkim/0/selector`); members that are not known are faults too.
    public static func read(_ body: JSONObject, orgID: String, provider: ProviderName, name: String) throws(CredentialFaults) -> Credential {
        throw CredentialFaults([])
    }
}
