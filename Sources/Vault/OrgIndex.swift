import Domain
import Settings

/// All org files together with the directory's organisations, indexed for look-up: a value that is replaced as a whole when a file changes.
struct OrgIndex {
    private(set) var files: [String: OrgFile] = [:]
    /// By file, and the default org.
    private(set) var declared: [String: Organisation] = [:]
    /// As the directory says.
    private(set) var directory: [Organisation] = []
    /// Both: the tree.
    private(set) var organisations: [String: Organisation] = [:]
    private(set) var lanesByOrg: [String: [LaneKey]] = [:]
    private(set) var credentials: [LaneKey: Credential] = [:]
    private(set) var unusable: [LaneKey: SettingsFault] = [:]
    private var fileFaults: [SettingsFault] = []
    private var treeFaults: [SettingsFault] = []
    private(set) var references: Set<SecretReference> = []

    /// - Parameter last: the state before, which lends its good parts where the new ones are faulty.
    init(_ contents: [(name: String, file: OrgFile)], after last: OrgIndex?, defaultOrg: String) {
        declared[defaultOrg] = Organisation(id: defaultOrg, name: defaultOrg)
        var owners: [String: String] = [:]
        for (name, file) in contents {
            fileFaults += file.faults
            references.formUnion(file.references)
            let usable = file.organisation != nil ? file : last?.files[name] ?? file
            files[name] = usable
            guard let organisation = usable.organisation else { continue }
            if let owner = owners[organisation.id] {
                fileFaults.append(
                    SettingsFault(
                        file: name, line: nil, path: "org",
                        message: "says \(organisation.id), which \(owner) declares already; put its credentials into one file"))
                continue
            }
            owners[organisation.id] = name
            declared[organisation.id] = organisation
            add(usable, organisation.id, last)
        }
        adopt(last?.directory ?? [])
    }

    var faults: [SettingsFault] { fileFaults + treeFaults }

    /// Where both a file and the directory know an org, the directory says its name and parent.
    mutating func adopt(_ directory: [Organisation]) {
        self.directory = directory
        treeFaults = []
        organisations = declared
        for organisation in directory { organisations[organisation.id] = organisation }
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

    /// An org that is its own ancestor is cut off from its parent, and told; where files and the directory make the circle together, it is a file that yields.
    private mutating func breakCircles() {
        let byDirectory = Set(directory.map(\.id))
        let inTurn = organisations.keys.sorted { (byDirectory.contains($0) ? 1 : 0, $0) < (byDirectory.contains($1) ? 1 : 0, $1) }
        for id in inTurn {
            var seen: Set<String> = [id]
            var circle = [id]
            var parent = organisations[id]?.parentID
            while let current = parent, seen.insert(current).inserted {
                circle.append(current)
                parent = organisations[current]?.parentID
            }
            guard parent == id else { continue }
            organisations[id]?.parentID = nil
            treeFaults.append(fault(of: id, circle: circle, byDirectory: byDirectory))
        }
    }

    private func fault(of id: String, circle: [String], byDirectory: Set<String>) -> SettingsFault {
        let file = byDirectory.contains(id) ? nil : files.first { $0.value.organisation?.id == id }?.key
        let others = circle.filter(byDirectory.contains)
        let remedy =
            others.isEmpty
            ? "leave parent out in one file of the circle"
            : "give another parent to one org of the circle, here or in the directory, which has \(others.sorted().prefix(5).joined(separator: ", "))"
        return SettingsFault(file: file ?? "directory", line: nil, path: "parent", message: "makes \(id) its own ancestor; \(remedy)")
    }

    func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey? {
        var general: LaneKey?
        // Circles are broken when the index is made, so this ends.
        var next: String? = orgID
        while let current = next {
            let own = (lanesByOrg[current] ?? []).lazy.filter { $0.provider == provider && (name == nil || $0.credential == name) }
            guard name == nil, let app else {
                if let lane = own.first { return lane }
                next = organisations[current]?.parentID
                continue
            }
            if let lane = own.first(where: { self.credentials[$0]?.apps.contains(app) ?? false }) { return lane }
            general = general ?? own.first { self.credentials[$0]?.apps.isEmpty ?? false }
            next = organisations[current]?.parentID
        }
        return general
    }

    func changes(since old: OrgIndex) -> Set<LaneKey> {
        var changed: Set<LaneKey> = []
        for lane in Set(credentials.keys).union(old.credentials.keys) where credentials[lane] != old.credentials[lane] { changed.insert(lane) }
        for lane in Set(unusable.keys).union(old.unusable.keys) where unusable[lane] != old.unusable[lane] { changed.insert(lane) }
        return changed
    }
}
