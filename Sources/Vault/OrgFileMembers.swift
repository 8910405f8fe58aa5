import Settings

/// An org file's entry: secrets are references, which are followed here.
struct OrgFileMembers: CredentialMembers {
    let section: SettingsSection
    let secrets: SecretSource

    func has(_ name: String) -> Bool { section.has(name) }

    func value<Value>(_ name: String, as kind: SettingKind<Value>) -> Value? { section.value(name, as: kind) }

    func required<Value>(_ name: String, as kind: SettingKind<Value>) -> Value? { section.required(name, as: kind) }

    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? { section.value(name, as: .integer(range)) }

    func values(_ name: String, as kind: SettingKind<String>) -> [String] { section.values(name, as: kind) }

    func secret(_ name: String, as form: SecretForm, isRequired: Bool) -> [UInt8]? {
        let kind = SecretReference.kind
        guard let reference = isRequired ? section.required(name, as: kind) : section.value(name, as: kind) else { return nil }
        do {
            return try secrets.bytes(of: reference)
        } catch {
            section.fault(name, error.description)
            return nil
        }
    }

    func sections(_ name: String) -> [any CredentialMembers] {
        section.sections(name).map { OrgFileMembers(section: $0, secrets: secrets) }
    }

    func fault(_ name: String, _ message: String, remedy: String) {
        section.fault(name, remedy.isEmpty ? message : "\(message); \(remedy)")
    }
}
