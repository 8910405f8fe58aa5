import Domain
import Settings
import Storage

/// All org files together with the directory's organisations and the sealed credentials, indexed for look-up: a value that is replaced as a whole when
/// something changes.
struct OrgIndex {
    private(set) var files: [String: OrgFile] = [:]
    /// By file, and the default org.
    private(set) var declared: [String: Organisation] = [:]
    /// As the directory says.
    private(set) var directory: [Organisation] = []
    /// Both: the tree.
    private(set) var organisations: [String: Organisation] = [:]
    /// The files' lanes, in their order, by the file that declares them.
    private(set) var origins: [LaneKey: String] = [:]
    private var declaredLanes: [LaneKey] = []
    private(set) var credentials: [LaneKey: Credential] = [:]
    /// During a rotation by file: what stood there before.
    private(set) var previous: [LaneKey: Credential] = [:]
    private(set) var unusable: [LaneKey: SettingsFault] = [:]
    private var fileFaults: [SettingsFault] = []
    private var folderFault: SettingsFault?
    private var treeFaults: [SettingsFault] = []
    private(set) var references: Set<SecretReference> = []
    private(set) var sealed = SealedIndex()
    /// The files' lanes, and behind them the sealed ones that no file's stands in front of.
    private var lanes = LaneIndex()

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
            add(usable, name, last)
        }
        adopt(last?.directory ?? [])
        place(last?.sealed ?? sealed)
    }

    /// Puts the database's credentials behind the files'.
    mutating func place(_ sealed: SealedIndex) {
        self.sealed = sealed
        lanes = LaneIndex()
        for lane in declaredLanes { lanes.add(lane, apps: credentials[lane]?.apps) }
        for lane in sealed.held.keys.sorted() where origins[lane] == nil { lanes.add(lane, apps: sealed.held[lane]?.current.sealed.apps) }
    }

    var faults: [SettingsFault] { (folderFault.map { [$0] } ?? []) + fileFaults + treeFaults }

    /// The same, its folder having gone: whoever deletes or unmounts it by mistake takes no credentials away.
    func keptWithout(folder: String) -> OrgIndex {
        guard !files.isEmpty else { return self }
        var kept = self
        kept.folderFault = SettingsFault(
            file: folder, line: nil, path: "", message: "can't be read any more; the orgs and credentials that it declared stay in use: put it back")
        return kept
    }

    /// Where both a file and the directory know an org, the directory says its name and parent.
    mutating func adopt(_ directory: [Organisation]) {
        self.directory = directory
        treeFaults = []
        organisations = declared
        for organisation in directory { organisations[organisation.id] = organisation }
        breakCircles()
    }

    private mutating func add(_ file: OrgFile, _ name: String, _ last: OrgIndex?) {
        for lane in file.lanes {
            declaredLanes.append(lane)
            origins[lane] = name
            if let credential = file.credentials[lane] ?? last?.credentials[lane] {
                credentials[lane] = credential
                // A rotation has not ended because its older part has become faulty.
                let before = file.previous[lane] ?? (file.faultyPrevious.contains(lane) ? last?.previous[lane] : nil)
                previous[lane] = before == credential ? nil : before
            } else {
                unusable[lane] = file.unusable[lane]
            }
        }
    }

    /// The files' lanes.
    var fileLanes: [LaneKey] { declaredLanes }

    /// All lanes, those of the database included.
    var allLanes: [LaneKey] { declaredLanes + sealed.held.keys.filter { origins[$0] == nil } }

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
            if let name {
                if let lane = lanes.lane(of: current, provider, name: name) { return lane }
            } else if let app {
                if let lane = lanes.lane(of: current, provider, app: app) { return lane }
                general = general ?? lanes.general(of: current, provider)
            } else if let lane = lanes.first(of: current, provider) {
                return lane
            }
            next = organisations[current]?.parentID
        }
        return general
    }

    /// What a lane sends with: the file's where a file declares it, usable or not, else the database's.
    ///
    /// - Parameter now: a version before the current one whose time is over by then is left out; nil: as it stands.
    func versions(of lane: LaneKey, now: Timestamp?) -> CredentialBook.Versions? {
        if origins[lane] != nil {
            guard let current = credentials[lane] else { return nil }
            let before = previous[lane]
            return .init(current: current, currentVersion: 1, previous: before, previousVersion: before == nil ? nil : 0)
        }
        guard let held = sealed.held[lane], let current = held.current.credential else { return nil }
        let before = now.map { held.previous(at: $0) } ?? held.previous
        let credential = before?.credential
        return .init(
            current: current, currentVersion: held.current.sealed.version, previous: credential,
            previousVersion: credential == nil ? nil : before?.sealed.version)
    }

    /// Why a lane that is declared or sealed has no usable credential.
    func reason(of lane: LaneKey) -> String? {
        if origins[lane] != nil { return unusable[lane]?.description }
        guard let held = sealed.held[lane], held.current.opened == nil, let fault = held.current.fault else { return nil }
        return "\(lane) \(fault)"
    }

    /// Lanes that send with something else than before, or have another fault.
    func changes(since old: OrgIndex) -> Set<LaneKey> {
        Set(allLanes).union(old.allLanes).filter {
            versions(of: $0, now: nil) != old.versions(of: $0, now: nil) || reason(of: $0) != old.reason(of: $0)
        }
    }
}
