/// What may be told about a credential: everything but its secrets. Kept beside the sealed secret, so that lists need no key.
public struct CredentialFacts: Sendable, Hashable {
    /// When it ends by itself: a certificate's `notAfter`. Nil for what has no date.
    public var notAfter: Timestamp?
    /// The first 16 hex digits of the SHA-256 over the credential's secrets: tells two apart, tells nothing about them.
    public var fingerprint: String
    /// By the names of the org file: `team_id`, `key_id`, `topic`, `environment`, `project_id`, `client_email`, `url`, `from` … For a certificate also `subject`, `topics`.
    public var members: JSONObject
    /// What is no fault and should be known all the same: a certificate that ends soon, a relay without TLS. A sentence each.
    public var warnings: [String]

    public init(notAfter: Timestamp? = nil, fingerprint: String, members: JSONObject = [:], warnings: [String] = []) {
        self.notAfter = notAfter
        self.fingerprint = fingerprint
        self.members = members
        self.warnings = warnings
    }
}

/// Checks everything about a credential that can be checked without sending anything.
public protocol CredentialInspector: Sendable {
    /// Reads keys and certificates; asks nobody.
    func inspect(_ credential: Credential, now: Timestamp) throws(CredentialFaults) -> CredentialFacts
}
