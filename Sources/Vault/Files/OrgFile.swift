import Domain
import Settings

/// One file of the folder, as far as it could be read.
struct OrgFile {
    /// Nil when the file is unusable as a whole: no YAML, no valid `org`.
    var organisation: Organisation?
    /// All lanes that the file declares, in its order, usable or not.
    var lanes: [LaneKey] = []
    var credentials: [LaneKey: Credential] = [:]
    /// What an entry's `previous` declares: the older version, while a rotation lasts.
    var previous: [LaneKey: Credential] = [:]
    /// Lanes whose `previous` stands there and can't be used.
    var faultyPrevious: Set<LaneKey> = []
    /// Why a declared lane has no usable credential.
    var unusable: [LaneKey: SettingsFault] = [:]
    var faults: [SettingsFault] = []
    /// What the file refers to; watched, and allowed as environment variables.
    var references: Set<SecretReference> = []

    /// - Parameter folder: where relative `file:` references start.
    init(_ text: String, name: String, folder: String, environment: [String: String]) {
        let document = SettingsDocument(text, name: name)
        let top = document.top()
        let id = document.faults.isEmpty ? top.required("org", as: .identifier) : nil
        let displayName = top.value("name", as: .word)
        let parent = top.value("parent", as: .identifier)
        if let id, parent == id { top.fault("parent", "names the org itself; leave it out, or name another org") }
        let secrets = SecretSource(folder: folder, environment: environment)
        var declared: Set<LaneKey> = []
        var places: [String: LaneKey] = [:]
        for section in top.sections("credentials") {
            guard let provider = section.required("provider", as: Self.provider) else { continue }
            var credentialName = "main"
            section.read("name", into: &credentialName, as: .identifier)
            let reader = CredentialReader(section: section, secrets: secrets)
            let account = reader.account(provider)
            let apps = reader.apps(provider)
            let older =
                section.has(Self.previous) ? CredentialReader(section: section.section(Self.previous), secrets: secrets).account(provider) : nil
            guard let id else { continue }
            let lane = LaneKey(orgID: id, provider: provider, credential: credentialName)
            guard !declared.contains(lane) else {
                section.fault(
                    "name", "says \(credentialName), but a \(provider.rawValue) credential of that name stands above; give this one another name")
                continue
            }
            lanes.append(lane)
            declared.insert(lane)
            places[section.path] = lane
            if let account { credentials[lane] = Credential(orgID: id, name: credentialName, account: account, apps: apps) }
            if let older { previous[lane] = Credential(orgID: id, name: credentialName, account: older, apps: apps) }
        }
        document.finish()
        faults = document.faults
        references = secrets.references
        if let id { organisation = Organisation(id: id, parentID: parent == id ? nil : parent, name: displayName ?? id) }
        // A credential with any fault is not used: what was meant by a key that is not understood can't be known.
        for fault in faults {
            guard let entry = Self.entry(of: fault.path), let lane = places[entry] else { continue }
            let inEntry = fault.path.dropFirst(entry.count + 1)
            if inEntry == Self.previous || inEntry.hasPrefix(Self.previous + ".") {
                previous[lane] = nil
                faultyPrevious.insert(lane)
            } else {
                credentials[lane] = nil
                unusable[lane] = unusable[lane] ?? fault
            }
        }
    }

    private static let previous = "previous"

    /// `credentials[3]` of `credentials[3].dkim[0].domain`.
    private static func entry(of path: String) -> String? {
        path.firstIndex(of: "]").map { String(path[...$0]) }
    }

    /// The inbox is understood, so that whoever declares it is told why it can't be, but not recommended.
    private static var provider: SettingKind<ProviderName> {
        let words = ProviderName.credentialed.map(\.rawValue)
        return SettingKind("\(words.dropLast().joined(separator: ", ")) or \(words.last ?? "")") { ProviderName(rawValue: $0) }
    }

    /// A file that could not even be read.
    init(unreadable fault: SettingsFault) {
        faults = [fault]
    }
}
