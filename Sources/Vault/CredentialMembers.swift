import Settings

/// The members of one credential as somebody has written them down: in an org file's entry, or in a JSON object.
///
/// Each is asked for by name; what nobody asks for is a fault in the end. Faults are noted where they are found, and reading goes on.
protocol CredentialMembers {
    /// Whether the member is there, readable or not.
    func has(_ name: String) -> Bool

    /// Nil when the member is not there, or faulty, which has then been noted.
    func value<Value>(_ name: String, as kind: SettingKind<Value>) -> Value?

    /// As `value`, but not being there is a fault.
    func required<Value>(_ name: String, as kind: SettingKind<Value>) -> Value?

    func integer(_ name: String, in range: ClosedRange<Int>) -> Int?

    /// The readable ones of a list of texts.
    func values(_ name: String, as kind: SettingKind<String>) -> [String]

    /// The secret itself, wherever it stands.
    func secret(_ name: String, as form: SecretForm, isRequired: Bool) -> [UInt8]?

    func sections(_ name: String) -> [any CredentialMembers]

    /// - Parameter message: what is wrong, in words that follow the name.
    /// - Parameter remedy: what to do, as part of a sentence; empty where the message says it.
    func fault(_ name: String, _ message: String, remedy: String)
}

extension CredentialMembers {
    func secret(_ name: String, as form: SecretForm) -> [UInt8]? { secret(name, as: form, isRequired: false) }
    func requiredSecret(_ name: String, as form: SecretForm) -> [UInt8]? { secret(name, as: form, isRequired: true) }
}

/// What a secret is made of: what a file just holds, JSON has to put into words.
enum SecretForm {
    /// Text of several lines, as PEM is.
    case text
    /// Bytes: base64 in JSON.
    case bytes
    /// A JSON document: an object in JSON, or its text.
    case document
}
