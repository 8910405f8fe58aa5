public import Domain
public import Logging
public import Settings
import Synchronization

/// The orgs and credentials declared in `config/orgs/*.yaml`, read again when a file changes, in one tree with the directory's organisations.
///
/// A file that can't be read keeps its last good state, and so does a credential that has become faulty; both are reported with their line. One that never
/// was good is declared all the same: its org does not slip to an ancestor's credential because of a typing error. A folder that has gone keeps everything.
public final class OrgFiles: CredentialDirectory {
    public let folder: String
    let environment: [String: String]
    private let defaultOrg: String
    private let logger: Logger
    private let index: Mutex<OrgIndex>

    /// The whole at one moment.
    var current: OrgIndex { index.withLock { $0 } }

    func withIndex<T: Sendable>(_ body: (OrgIndex) -> T) -> T { index.withLock { body($0) } }

    /// Reads all files. Throws nothing: faults are reported by `faults`.
    ///
    /// - Parameter defaultOrg: exists without a file too.
    public init(folder: String, environment: [String: String], defaultOrg: String = "org_default", logger: Logger) {
        self.folder = folder
        self.environment = environment
        self.defaultOrg = defaultOrg
        self.logger = logger
        index = Mutex(OrgIndex(OrgFolder(path: folder, environment: environment).read() ?? [], after: nil, defaultOrg: defaultOrg))
    }

    /// Reads all files again, whether they have changed or not.
    /// - Returns: the lanes whose credentials are new, changed or gone, or whose fault has changed.
    @discardableResult
    public func reload() -> Set<LaneKey> {
        let contents = OrgFolder(path: folder, environment: environment).read()
        let (old, new) = index.withLock { index in
            let old = index
            index = contents.map { OrgIndex($0, after: old, defaultOrg: defaultOrg) } ?? old.keptWithout(folder: folder)
            return (old, index)
        }
        warn(ofFaultsIn: new, notIn: old)
        let changed = new.changes(since: old)
        if !changed.isEmpty {
            logger.notice("credentials have changed", metadata: ["lanes": .array(changed.sorted().prefix(20).map { .string($0.description) })])
        }
        return changed
    }

    public func adopt(_ organisations: [Organisation]) {
        let change = index.withLock { index -> (old: OrgIndex, new: OrgIndex)? in
            // Asked every few seconds, and nearly always for nothing.
            guard index.directory != organisations else { return nil }
            let old = index
            index.adopt(organisations)
            return (old, index)
        }
        if let change { warn(ofFaultsIn: change.new, notIn: change.old) }
    }

    /// Puts the database's credentials behind the files'.
    /// - Returns: the lanes that send with something else than before, or have another fault.
    func place(_ sealed: SealedIndex) -> Set<LaneKey> {
        let (old, new) = index.withLock { index in
            let old = index
            index.place(sealed)
            return (old, index)
        }
        return new.changes(since: old)
    }

    private func warn(ofFaultsIn new: OrgIndex, notIn old: OrgIndex) {
        let known = Set(old.faults)
        for fault in new.faults where !known.contains(fault) {
            logger.warning("org file is faulty", metadata: ["fault": "\(fault)"])
        }
    }

    public func credential(for lane: LaneKey) -> Credential? {
        index.withLock { $0.credentials[lane] }
    }

    /// Why a lane that a file declares has no usable credential.
    public func fault(of lane: LaneKey) -> SettingsFault? {
        index.withLock { $0.unusable[lane] }
    }

    /// All lanes that the files declare, the unusable ones too.
    public var lanes: [LaneKey] {
        index.withLock { $0.fileLanes }.sorted()
    }

    public func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey? {
        index.withLock { $0.lane(orgID: orgID, provider: provider, name: name, app: app) }
    }

    public var organisations: [Organisation] {
        index.withLock { $0.organisations.values.sorted { $0.id < $1.id } }
    }

    public var declared: [Organisation] {
        index.withLock { $0.declared.values.sorted { $0.id < $1.id } }
    }

    /// What is wrong now, file by file: `demo.yaml:7: credentials[1].private_key: …`.
    public var faults: [SettingsFault] {
        index.withLock { $0.faults }
    }

    /// Names of the environment variables that the files refer to.
    public var variables: Set<String> {
        index.withLock { index in
            Set(
                index.references.compactMap {
                    if case .environment(let name) = $0 { name } else { nil }
                })
        }
    }

    /// Paths of the files that hold referenced secrets.
    var secretFiles: Set<String> {
        index.withLock { index in
            Set(
                index.references.compactMap {
                    if case .file(let path) = $0 { SecretReference.path(path, in: folder) } else { nil }
                })
        }
    }
}
