/// What is wrong with a credential, and what to do about it; both in words for an operator, without the secret.
public struct CredentialFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member of the org file or of the REST body: `private_key`, `team_id` …
    public var field: String
    public var message: String
    /// Empty where the message says what it must be.
    public var remedy: String

    public init(field: String, message: String, remedy: String) {
        self.field = field
        self.message = message
        self.remedy = remedy
    }

    public var description: String { remedy.isEmpty ? "\(field): \(message)." : "\(field): \(message). \(remedy)" }
}

/// All that is wrong with one credential: whoever mends it wants to hear everything at once. Never empty.
public struct CredentialFaults: Error, Sendable, Hashable, CustomStringConvertible {
    public var faults: [CredentialFault]

    public init(_ faults: [CredentialFault]) {
        self.faults = faults
    }

    public var description: String { faults.map(\.description).joined(separator: " ") }
}
