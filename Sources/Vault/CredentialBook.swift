public import Domain
public import Logging
import Settings
public import Storage

/// All credentials that the gateway has, from org files and from the database, in one tree of organisations. Where both know one, the file's is used.
public final class CredentialBook: CredentialDirectory {
    /// A lane's credential, and while a rotation lasts the one before it.
    public struct Versions: Sendable, Hashable {
        public var current: Credential
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
    private let inspector: any CredentialInspector
    private let time: any TimeSource
    private let logger: Logger

    public init(files: OrgFiles, inspector: any CredentialInspector, time: any TimeSource, logger: Logger) {
        self.files = files
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
    public func versions(of lane: LaneKey) -> Versions? { files.credential(for: lane).map { Versions(current: $0) } }

    /// Why a lane that is declared or sealed has no usable credential.
    public func fault(of lane: LaneKey) -> String? { files.fault(of: lane)?.description }

    /// All lanes, the unusable ones too.
    public var lanes: [LaneKey] { files.lanes }

    /// Everything of these orgs, sorted by lane; sealed ones that a file's stands in front of are listed too.
    public func entries(scope: OrgScope) -> [CredentialEntry] { [] }

    /// Seals and stores a credential in place of what stood under its name, older versions included.
    ///
    /// - Parameter actor: who did it, for the record.
    public func set(_ credential: Credential, facts: CredentialFacts, by actor: String?) async throws -> CredentialEntry { throw VaultFault.notFound }

    /// As `set`, but the version that it takes the place of stays in use beside it: what the provider refuses of the new one goes out with the old.
    ///
    /// - Parameter overlap: how long; nil: until `remove(previousOf:)`.
    public func rotate(_ credential: Credential, facts: CredentialFacts, overlap: Duration?, by actor: String?) async throws -> CredentialEntry {
        throw VaultFault.notFound
    }

    /// Removes a sealed credential with all its versions.
    public func remove(_ lane: LaneKey) async throws { throw VaultFault.notFound }

    /// Ends a rotation: only the current version stays.
    public func remove(previousOf lane: LaneKey) async throws { throw VaultFault.notFound }

    /// What needs a person: unusable, expiring and expired credentials.
    public func alarms(now: Timestamp) -> [CredentialAlarm] { [] }
}
