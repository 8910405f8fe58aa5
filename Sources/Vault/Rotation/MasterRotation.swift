public import Domain
public import Storage

/// Brings every data key under the first master key and retires the others: in steps, each one transaction, beside any number of gateways.
///
/// What was sealed stays as it is; only the data keys are wrapped anew. When it is interrupted, some stand under the new key and the rest under the old one,
/// all of them open as long as both keys are at hand, and the next run does the rest.
public struct MasterRotation: Sendable {
    /// What a run came to.
    public struct Report: Sendable, Hashable {
        /// The id of the key that everything stands under now.
        public var target: String
        public var rewrapped = 0
        /// The keys that were retired by this run.
        public var retired: [String] = []
        /// What could not be re-wrapped, a sentence each with the remedy. Empty: nothing is left behind, as counted at the end.
        public var leftBehind: [String] = []
    }

    private let store: CredentialStore
    private let source: MasterKeySource
    private let step: Int

    /// - Parameter step: how many data keys one transaction re-wraps at most, and so how long a gateway waits for its own writes.
    public init(store: CredentialStore, masterKeys: MasterKeySource, step: Int = 100) {
        self.store = store
        source = masterKeys
        self.step = step
    }

    /// - Parameter progress: told after each step how many have been re-wrapped so far.
    public func run(time: any TimeSource, progress: @Sendable (Int) -> Void = { _ in }) async throws -> Report {
        let reading = source.reading
        let opener = CredentialOpener(reading, try await store.snapshot(scope: .orgs([])).masterKeys, isReadAgain: source.isReadAgain)
        let target = try opener.sealingKey()
        // A key that is not the one that its id stands for unwraps nothing, and must not be taken for it.
        let old = reading.keys.all.dropFirst().filter { opener.isGenuine($0) }
        var report = Report(target: target.id)
        var damaged: Set<SealedCredential.ID> = []
        while true {
            let done = try await store.rewrap(
                to: target.mark, from: old.map(\.mark), passing: damaged, limit: step, now: time.now
            ) { credential in
                guard let key = old.first(where: { $0.id == credential.envelope.masterKeyID }) else { return nil }
                return CredentialSeal.rewrap(credential, from: key, to: target)
            }
            if let refused = done.refused {
                try opener.admit(target, refused)
                throw VaultFault.noMasterKey("the master key \(target.id) may not be used; hermod vault status says why")
            }
            damaged.formUnion(done.failed)
            report.rewrapped += done.rewrapped
            report.retired += done.retired
            if done.rewrapped > 0 { progress(report.rewrapped) }
            if done.isDone { break }
        }
        report.leftBehind = try await leftBehind(target, damaged)
        return report
    }

    /// Counted in the database, whatever the steps said.
    private func leftBehind(_ target: MasterKey, _ damaged: Set<SealedCredential.ID>) async throws -> [String] {
        let snapshot = try await store.snapshot()
        let opener = CredentialOpener(source.reading, snapshot.masterKeys, isReadAgain: source.isReadAgain)
        let left = snapshot.credentials.filter { $0.envelope.masterKeyID != target.id }
        let faults = left.map { credential in
            let fault =
                opener.fault(of: credential.envelope.masterKeyID)
                ?? (damaged.contains(credential.id)
                    ? "does not unwrap with the master key \(credential.envelope.masterKeyID): its row was altered; set it again, or remove it"
                    : "was sealed with \(credential.envelope.masterKeyID) just now; run this again")
            return (lane: credential.lane, fault: fault)
        }
        return Dictionary(grouping: faults, by: \.fault).sorted { $0.key < $1.key }.map { fault, entries in
            let lanes = entries.map(\.lane).sorted()
            return "\(lanes.prefix(5).map(\.description).joined(separator: ", "))\(lanes.count > 5 ? " and \(lanes.count - 5) more" : ""): \(fault)"
        }
    }
}
