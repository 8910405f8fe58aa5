import Domain
import Settings

/// All org files together, indexed for look-up: a value that is replaced as a whole when a file changes.
struct OrgIndex {
    private(set) var files: [String: OrgFile] = [:]
    private(set) var organisations: [String: Organisation] = [:]
    private(set) var lanesByOrg: [String: [LaneKey]] = [:]
    private(set) var credentials: [LaneKey: Credential] = [:]
    private(set) var unusable: [LaneKey: SettingsFault] = [:]
    private(set) var faults: [SettingsFault] = []
    private(set) var references: Set<SecretReference> = []

    /// - Parameter last: the state before, which lends its good parts where the new ones are faulty.
    init(_ contents: [(name: String, file: OrgFile)], after last: OrgIndex?, defaultOrg: String) {
        organisations[defaultOrg] = Organisation(id: defaultOrg, name: defaultOrg)
        var owners: [String: String] = [:]
        for (name, file) in contents {
            faults += file.faults
            references.formUnion(file.references)
            let usable = file.organisation != nil ? file : last?.files[name] ?? file
            files[name] = usable
            guard let organisation = usable.organisation else { continue }
            if let owner = owners[organisation.id] {
                faults.append(
                    SettingsFault(
                        file: name, line: nil, path: "org",
                        message: "says \(organisation.id), which \(owner) declares already; put its credentials into one file"))
                continue
            }
            owners[organisation.id] = name
            organisations[organisation.id] = organisation
            add(usable, organisation.id, last)
        }
        breakCircles()
    }

    private mutating func add(_ file: OrgFile, _ orgID: String, _ last: OrgIndex?) {
        lanesByOrg[orgID] = file.lanes
        for lane in file.lanes {
            if let credential = file.credentials[lane] ?? last?.credentials[lane] {
                credentials[lane] = credential
            } else {
                unusable[lane] = file.unusable[lane]
            }
        }
    }

    /// An org that is its own ancestor is cut off from its parent, and told.
    private mutating func breakCircles() {
        for organisation in organisations.values.sorted(by: { $0.id < $1.id }) {
            var seen: Set<String> = [organisation.id]
            var parent = organisations[organisation.id]?.parentID
            while let current = parent, seen.insert(current).inserted { parent = organisations[current]?.parentID }
            guard parent == organisation.id else { continue }
            organisations[organisation.id]?.parentID = nil
            faults.append(
                SettingsFault(
                    file: files.first { $0.value.organisation?.id == organisation.id }?.key ?? organisation.id, line: nil, path: "parent",
                    message: "makes \(organisation.id) its own ancestor; leave parent out in one file of the circle"))
        }
    }

    func lane(orgID: String, provider: ProviderName, name: String?) -> LaneKey? {
        // Circles are broken when the index is made, so this ends.
        var next: String? = orgID
        while let current = next {
            if let lane = lanesByOrg[current]?.first(where: { $0.provider == provider && (name == nil || $0.credential == name) }) { return lane }
            next = organisations[current]?.parentID
        }
        return nil
    }

    func changes(since old: OrgIndex) -> Set<LaneKey> {
        var changed: Set<LaneKey> = []
        for lane in Set(credentials.keys).union(old.credentials.keys) where credentials[lane] != old.credentials[lane] { changed.insert(lane) }
        for lane in Set(unusable.keys).union(old.unusable.keys) where unusable[lane] != old.unusable[lane] { changed.insert(lane) }
        return changed
    }
}
