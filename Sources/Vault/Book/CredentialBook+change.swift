public import Domain
import Logging
import Storage

extension CredentialBook {
    /// Seals and stores a credential in place of what stood under its name, older versions included.
    ///
    /// - Parameter actor: who did it, for the record.
    public func set(_ credential: Credential, facts: CredentialFacts, by actor: String?) async throws -> CredentialEntry {
        try await put(credential, facts, .replacing, actor)
    }

    /// As `set`, but the version that it takes the place of stays in use beside it: what the provider refuses of the new one goes out with the old.
    ///
    /// - Parameter overlap: how long; nil: until `remove(previousOf:)`.
    public func rotate(_ credential: Credential, facts: CredentialFacts, overlap: Duration?, by actor: String?) async throws -> CredentialEntry {
        try await put(credential, facts, .beside(until: overlap.map { time.now + $0 }), actor)
    }

    /// Removes a sealed credential with all its versions.
    public func remove(_ lane: LaneKey) async throws {
        guard try await store.remove(lane) else { throw VaultFault.notFound }
        await refreshAfterChange()
    }

    /// Ends a rotation: only the current version stays.
    public func remove(previousOf lane: LaneKey) async throws {
        guard try await store.remove(previousOf: lane) else { throw VaultFault.notFound }
        await refreshAfterChange()
    }

    private func put(
        _ credential: Credential, _ facts: CredentialFacts, _ succession: CredentialStore.Succession, _ actor: String?
    ) async throws -> CredentialEntry {
        // Whoever has just written a new key into its file means it to be used.
        masterKeys.refresh()
        let opener = CredentialOpener(masterKeys.reading, files.withIndex { $0.sealed.records }, isReadAgain: masterKeys.isReadAgain)
        let key = try opener.sealingKey()
        let lane = credential.lane
        let draft = SealedCredential.Draft(lane: lane, apps: credential.apps, facts: facts.storedText, setAt: time.now, setBy: actor)
        let plaintext = SealedAccount(credential.account, fingerprint: facts.fingerprint).bytes
        let placement = try await store.put(draft, succession, under: key.mark) { version in
            try CredentialSeal.seal(plaintext, as: SealedCredential.ID(lane: lane, version: version), with: key)
        }
        switch placement {
        case .nothingToFollow:
            throw VaultFault.notFound
        case .keyRefused:
            // Its words name the key that is current, which may be news too.
            let records = try await store.snapshot(scope: .orgs([])).masterKeys
            _ = try CredentialOpener(masterKeys.reading, records, isReadAgain: masterKeys.isReadAgain).sealingKey()
            throw VaultFault.noMasterKey("the master key \(key.id) may not seal; hermod vault status shows which one does")
        case .stored(let sealed):
            await refreshAfterChange()
            // Somebody else may have changed it again meanwhile: the answer is about what was stored here.
            return entry(lane, HeldVersion(sealed: sealed, opened: SealedAccount(credential.account, fingerprint: facts.fingerprint), fault: nil))
        }
    }

    /// What was stored stays stored when it can't be read back just now; the next look finds it.
    private func refreshAfterChange() async {
        do {
            try await refresh()
        } catch {
            logger.warning("credentials not read again", metadata: ["error": "\(error)"])
        }
    }
}
