import Domain
import Storage

/// A sealed version as this process has it.
struct HeldVersion: Sendable, Equatable {
    let sealed: SealedCredential
    /// Nil where it could not be opened.
    let opened: SealedAccount?
    /// Why it can't be opened; stands beside `opened` where it was opened before its key went.
    let fault: String?
    /// Made once: it is asked for with every delivery.
    let credential: Credential?

    init(sealed: SealedCredential, opened: SealedAccount?, fault: String?) {
        self.sealed = sealed
        self.opened = opened
        self.fault = fault
        credential = opened.map {
            Credential(orgID: sealed.lane.orgID, name: sealed.lane.credential, account: $0.account, apps: sealed.apps)
        }
    }

    var facts: CredentialFacts { CredentialFacts(stored: sealed.facts, fingerprint: opened?.fingerprint ?? "") }
}

/// What the database holds, opened as far as that is possible: a value that is replaced as a whole when something changes.
struct SealedIndex: Sendable {
    struct Held: Sendable, Equatable {
        var current: HeldVersion
        var previous: HeldVersion?

        /// The version before, unless its time is over.
        func previous(at now: Timestamp) -> HeldVersion? {
            guard let previous, previous.sealed.until.map({ $0 > now }) ?? true else { return nil }
            return previous
        }

        var versions: [HeldVersion] { [current] + (previous.map { [$0] } ?? []) }
    }

    /// What of the database and of the keys it shows.
    private(set) var revision = -1
    private(set) var generation = -1
    private(set) var held: [LaneKey: Held] = [:]
    private(set) var records: [MasterKeyRecord] = []

    init() {}

    init(_ snapshot: CredentialStore.Snapshot, generation: Int, opener: CredentialOpener, after last: SealedIndex) {
        revision = snapshot.revision
        self.generation = generation
        records = snapshot.masterKeys
        var previous: [LaneKey: HeldVersion] = [:]
        for sealed in snapshot.credentials {
            let known = last.held[sealed.lane]?.versions.first { $0.sealed.id == sealed.id }
            let version = opener.open(sealed, after: known)
            if sealed.isCurrent { held[sealed.lane] = Held(current: version) } else { previous[sealed.lane] = version }
        }
        for (lane, version) in previous { held[lane]?.previous = version }
    }

    /// The moment at which the next overlap ends.
    var nextEnd: Timestamp? { held.values.compactMap { $0.previous?.sealed.until }.min() }

    /// What can't be opened, or would not be any more, counted by reason: a sentence each.
    var unopened: [String] {
        let versions = held.values.flatMap { $0.versions }.filter { $0.fault != nil }
        return Dictionary(grouping: versions) { $0.fault ?? "" }.sorted { $0.key < $1.key }.map { reason, versions in
            let lanes = Set(versions.map(\.sealed.lane)).sorted()
            let examples = lanes.prefix(3).map(\.description).joined(separator: ", ") + (lanes.count > 3 ? " …" : "")
            return versions.count == 1
                ? "1 credential (\(examples)) \(reason)" : "\(versions.count) credentials (\(examples)), each of which \(reason)"
        }
    }
}
