import Domain
import Storage
import Testing

@Suite("Sealed credentials")
struct CredentialTests {
    private static let key = MasterKeyRecord.Mark(id: "k1", check: "c1")
    private static let newer = MasterKeyRecord.Mark(id: "k2", check: "c2")

    private func draft(_ lane: LaneKey = .apns, at now: Timestamp = .start, by actor: String? = "key_1", facts: String = "{}")
        -> SealedCredential.Draft
    {
        SealedCredential.Draft(lane: lane, apps: ["b", "a"], facts: facts, setAt: now, setBy: actor)
    }

    /// Stands in for the vault: what is stored says which version it was made for.
    private func put(
        _ store: CredentialStore, _ draft: SealedCredential.Draft, _ succession: CredentialStore.Succession = .replacing,
        under key: MasterKeyRecord.Mark = key
    ) async throws -> CredentialStore.Placement {
        try await store.put(draft, succession, under: key) { version in
            .init(masterKeyID: key.id, wrappedKey: "wrapped \(version)", sealed: "sealed \(draft.lane) \(version)")
        }
    }

    @discardableResult
    private func stored(
        _ store: CredentialStore, _ draft: SealedCredential.Draft, _ succession: CredentialStore.Succession = .replacing,
        under key: MasterKeyRecord.Mark = key
    ) async throws -> SealedCredential {
        guard case .stored(let credential) = try await put(store, draft, succession, under: key) else { throw StorageError.statement("not stored") }
        return credential
    }

    @Test(arguments: Backend.available)
    func `what is set is read back whole, and moves the revision`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let store = stores.credentials
            let before = try await store.revision()
            let credential = try await stored(store, draft(facts: #"{"a":1}"#))
            let snapshot = try await store.snapshot()
            #expect(snapshot.credentials == [credential])
            #expect(credential.version == 1 && credential.isCurrent && credential.apps == ["a", "b"] && credential.facts == #"{"a":1}"#)
            #expect(credential.setAt == .start && credential.setBy == "key_1" && credential.until == nil)
            #expect(credential.envelope == .init(masterKeyID: "k1", wrappedKey: "wrapped 1", sealed: "sealed \(LaneKey.apns) 1"))
            #expect(snapshot.masterKeys == [MasterKeyRecord(mark: Self.key, firstUsedAt: .start)])
            #expect(snapshot.revision > before)
            #expect(try await store.revision() == snapshot.revision)
        }
    }

    @Test(arguments: Backend.available)
    func `setting again takes the place of all versions, and no number is given twice`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let store = stores.credentials
            try await stored(store, draft())
            try await stored(store, draft(), .beside(until: nil))
            let third = try await stored(store, draft())
            #expect(third.version == 3)
            #expect(try await store.snapshot().credentials == [third])
            #expect(try await store.remove(.apns))
            #expect(try await store.snapshot().credentials == [])
            #expect(try await stored(store, draft()).version == 4)
            #expect(try await stored(store, draft(.expo)).version == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `a rotation keeps one version beside the new one until its time is over`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let store = stores.credentials
            #expect(try await put(store, draft(), .beside(until: nil)) == .nothingToFollow)
            #expect(try await store.snapshot().masterKeys == [])
            let end = Timestamp.start + .seconds(60)
            try await stored(store, draft())
            try await stored(store, draft(), .beside(until: end))
            var credentials = try await store.snapshot().credentials
            #expect(
                credentials.map(\.version) == [1, 2] && credentials.map(\.isCurrent) == [false, true] && credentials.map(\.until) == [end, nil])
            // A rotation on top of a rotation: never more than two.
            try await stored(store, draft(), .beside(until: end))
            credentials = try await store.snapshot().credentials
            #expect(credentials.map(\.version) == [2, 3] && credentials.map(\.isCurrent) == [false, true])
            #expect(try await !store.removeEnded(now: end - .seconds(1)))
            #expect(try await store.removeEnded(now: end))
            #expect(try await store.snapshot().credentials.map(\.version) == [3])
        }
    }

    @Test(arguments: Backend.available)
    func `removing says whether there was something, and moves the revision only then`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let store = stores.credentials
            try await stored(store, draft())
            let revision = try await store.revision()
            #expect(try await !store.remove(.expo))
            #expect(try await !store.remove(previousOf: .apns))
            #expect(try await !store.removeEnded(now: .start + .seconds(1 << 30)))
            #expect(try await store.revision() == revision)
            try await stored(store, draft(), .beside(until: nil))
            #expect(try await store.remove(previousOf: .apns))
            #expect(try await store.snapshot().credentials.map(\.version) == [2])
            #expect(try await store.remove(.apns))
            #expect(try await store.revision() == revision + 3)
        }
    }

    @Test(arguments: Backend.available)
    func `an org's snapshot holds nothing of another's`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let store = stores.credentials
            let theirs = LaneKey(orgID: "org_b", provider: .apns, credential: "main")
            for lane in [LaneKey.apns, .smtp, theirs] { try await stored(store, draft(lane)) }
            #expect(try await store.snapshot(scope: .orgA).credentials.map(\.lane) == [.apns, .smtp])
            #expect(try await store.snapshot(scope: .orgs([])).credentials == [])
            #expect(try await store.snapshot().credentials.map(\.lane) == [.apns, .smtp, theirs])
            #expect(try await store.remove(.apns))
            #expect(try await store.snapshot(scope: .orgs(["org_b"])).credentials.map(\.lane) == [theirs])
        }
    }

    @Test(arguments: Backend.available)
    func `nothing is stored under a retired key, or under another key of the same id`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let store = stores.credentials
            try await stored(store, draft())
            let step = try await rewrap(store, damaged: [])
            #expect(step.rewrapped == 1 && !step.isDone && step.retired == [])
            let last = try await rewrap(store, damaged: [])
            #expect(last.isDone && last.retired == ["k1"])
            let before = try await store.snapshot()
            guard case .keyRefused(let record) = try await put(store, draft(.expo)) else {
                Issue.record("a retired key was let in")
                return
            }
            #expect(record.retiredAt == .start + .seconds(9))
            let impostor = MasterKeyRecord.Mark(id: "k2", check: "other")
            #expect(
                try await put(store, draft(.expo), under: impostor)
                    == .keyRefused(MasterKeyRecord(mark: Self.newer, firstUsedAt: .start + .seconds(9))))
            let after = try await store.snapshot()
            #expect(after.credentials == before.credentials && after.revision == before.revision)
            #expect(try await stored(store, draft(.expo), under: Self.newer).version == 1)
        }
    }

    @Test(arguments: Backend.available)
    func `keys are re-wrapped in steps, what does not unwrap is passed over and keeps its key from being retired`(backend: Backend) async throws {
        try await backend.withStores { stores in
            let store = stores.credentials
            let lanes = (0..<7).map { LaneKey(orgID: "org_a", provider: .expo, credential: "n\($0)") }
            for lane in lanes { try await stored(store, draft(lane)) }
            var damaged: Set<SealedCredential.ID> = []
            var steps: [Int] = []
            while true {
                let step = try await rewrap(store, damaged: damaged, limit: 3) { $0.lane == lanes[1] ? nil : "new \($0.version)" }
                damaged.formUnion(step.failed)
                if step.isDone {
                    #expect(step.retired == [])
                    break
                }
                steps.append(step.rewrapped)
            }
            #expect(steps == [2, 3, 1])
            #expect(damaged.map(\.lane) == [lanes[1]])
            #expect(try await store.countsByMasterKey() == ["k1": 1, "k2": 6])
            #expect(
                try await store.snapshot().credentials.filter { $0.envelope.masterKeyID == "k2" }.allSatisfy { $0.envelope.wrappedKey == "new 1" })
            #expect(try await store.remove(lanes[1]))
            #expect(try await rewrap(store, damaged: []).retired == ["k1"])
        }
    }

    private func rewrap(
        _ store: CredentialStore, damaged: Set<SealedCredential.ID>, limit: Int = 10,
        wrap: @Sendable @escaping (SealedCredential) -> String? = { _ in "new" }
    ) async throws -> CredentialStore.RewrapStep {
        try await store.rewrap(to: Self.newer, from: [Self.key], passing: damaged, limit: limit, now: .start + .seconds(9), wrap: wrap)
    }
}
