/// What is wrong with a credential, and what to do about it; both in words for an operator, without the secret.
public struct CredentialFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member of the org file: `private_key`, `team_id` …
    public var field: String
    public var message: String
    public var remedy: String

    public init(field: String, message: String, remedy: String) {
        self.field = field
        self.message = message
        self.remedy = remedy
    }

    public var description: String { "\(field): \(message). \(remedy)" }
}
