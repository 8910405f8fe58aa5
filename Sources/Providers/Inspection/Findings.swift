import Domain

/// What looking at a credential has brought to light: each rule adds what it finds, and the next one goes on, so that all faults are told at once.
struct Findings {
    private(set) var faults: [CredentialFault] = []
    /// What is no fault and should be known all the same; a sentence each.
    var warnings: [String] = []
    /// By the names of the org file; nothing secret.
    var members = JSONObject()
    /// When the credential ends by itself.
    var notAfter: Timestamp?
    /// What the fingerprint is made of.
    var secrets = CredentialSecrets()

    /// What the rule gives, or nil where it found a fault, which is noted.
    mutating func take<Value>(_ rule: () throws(CredentialFault) -> Value) -> Value? {
        do {
            return try rule()
        } catch {
            faults.append(error)
            return nil
        }
    }

    mutating func fault(_ field: String, _ message: String, remedy: String) {
        faults.append(CredentialFault(field: field, message: message, remedy: remedy))
    }

    var facts: CredentialFacts {
        CredentialFacts(notAfter: notAfter, fingerprint: secrets.fingerprint, members: members, warnings: warnings)
    }
}
