public import Domain
public import Logging
public import Storage
import Synchronization

/// All credentials that the gateway has, from org files and from the database, in one tree of organisations. Where both know one, the file's is used.
///
/// A sealed credential works for the id of its org whether or not anybody knows that org; it does not make the org exist.
public final class CredentialBook: CredentialDirectory {
    /// A lane's credential, and while a rotation lasts the one before it.
    public struct Versions: Sendable, Hashable {
        public var current: Credential
        /// Sealed ones count from 1; a file's is 1, and the one before it 0.
        public var currentVersion: Int
        public var previous: Credential?
        public var previousVersion: Int?

        public init(current: Credential, currentVersion: Int = 1, previous: Credential? = nil, previousVersion: Int? = nil) {
            self.current = current
            self.currentVersion = currentVersion
            self.previous = previous
            self.previousVersion = previousVersion
        }
    }

    public let files: OrgFiles
    public let masterKeys: MasterKeySource
    let store: CredentialStore
    let inspector: any CredentialInspector
    let time: any TimeSource
    let logger: Logger
    let inspections = Mutex<[Credential: Inspection]>([:])
    private let looks = SharedTurn<Set<LaneKey>>()
    let listener = Mutex<(@Sendable (Set<LaneKey>) async -> Void)?>(nil)

    /// Knows the files' credentials at once, and the database's after the first `refresh()`.
    public init(
        files: OrgFiles, store: CredentialStore, masterKeys: MasterKeySource, inspector: any CredentialInspector, time: any TimeSource, logger: Logger
    ) {
        self.files = files
        self.store = store
        self.masterKeys = masterKeys
        self.inspector = inspector
        self.time = time
        self.logger = logger
    }

    public func lane(orgID: String, provider: ProviderName, name: String?, app: String?) -> LaneKey? {
        files.lane(orgID: orgID, provider: provider, name: name, app: app)
    }

    public var organisations: [Organisation] { files.organisations }
    public var declared: [Organisation] { files.declared }
    public func adopt(_ organisations: [Organisation]) { files.adopt(organisations) }

    /// What the lane sends with; nil when there is no usable credential.
    public func versions(of lane: LaneKey) -> Versions? {
        let now = time.now
        return files.withIndex { $0.versions(of: lane, now: now) }
    }

    /// Why a lane that is declared or sealed has no usable credential.
    public func fault(of lane: LaneKey) -> String? { files.withIndex { $0.reason(of: lane) } }

    /// All lanes, the unusable ones too, sorted.
    public var lanes: [LaneKey] { files.withIndex { $0.allLanes }.sorted() }

    /// Reads what is new in the database and in the master keys' file, and ends overlaps whose time has come.
    ///
    /// Cheap when there is nothing: one small query. Whoever watches is told before this returns.
    ///
    /// - Returns: the lanes that send with something else than before, or have another fault.
    @discardableResult
    public func refresh() async throws -> Set<LaneKey> {
        try await looks.run { try await self.look() }
    }

    private func look() async throws -> Set<LaneKey> {
        if masterKeys.refresh(), let problem = masterKeys.problem {
            logger.warning("master keys stay as they were", metadata: ["fault": "vault.master_key \(problem)"])
        }
        let last = files.withIndex { $0.sealed }
        if let end = last.nextEnd, end <= time.now { try await store.removeEnded(now: time.now) }
        let reading = masterKeys.reading
        if reading.generation == last.generation, try await store.revision() == last.revision { return [] }
        let snapshot = try await store.snapshot()
        let opener = CredentialOpener(reading, snapshot.masterKeys, isReadAgain: masterKeys.isReadAgain)
        let changed = files.place(SealedIndex(snapshot, generation: reading.generation, opener: opener, after: last))
        // What a gateway finds at its start is no change.
        if last.revision >= 0 { await tell(changed) }
        return changed
    }

    private func tell(_ changed: Set<LaneKey>) async {
        guard !changed.isEmpty else { return }
        logger.notice("credentials have changed", metadata: ["lanes": .array(changed.sorted().prefix(20).map { .string($0.description) })])
        await listener.withLock { $0 }?(changed)
    }
}
