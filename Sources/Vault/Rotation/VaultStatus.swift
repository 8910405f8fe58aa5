public import Domain
public import Storage

/// Which master keys there are, where they are known from, and what stands under them.
public struct VaultStatus: Sendable, Hashable {
    public enum Standing: String, Sendable, Hashable, CaseIterable {
        /// The first one given: what is set is sealed with it.
        case seals
        /// Given behind the first.
        case opens
        /// Given, and not the key that its id stands for.
        case wrong
        /// Refused for good.
        case retired
        /// Not given here; known from the database.
        case missing
    }

    public struct Key: Sendable, Hashable {
        public var id: String
        public var standing: Standing
        /// Versions of credentials that stand under it.
        public var credentials: Int
        public var firstUsedAt: Timestamp?
        public var retiredAt: Timestamp?
    }

    /// Those given first, in their order, then the others.
    public var keys: [Key]
    /// Why nothing can be sealed; nil: it can.
    public var sealingFault: String?
    /// What does not open, a sentence each with the remedy.
    public var unopened: [String]

    /// Opens everything that is sealed, so as to tell what would not open.
    public static func read(_ store: CredentialStore, _ source: MasterKeySource) async throws -> VaultStatus {
        let snapshot = try await store.snapshot()
        let reading = source.reading
        let opener = CredentialOpener(reading, snapshot.masterKeys, isReadAgain: source.isReadAgain)
        let counts = Dictionary(snapshot.credentials.map { ($0.envelope.masterKeyID, 1) }, uniquingKeysWith: +)
        let records = Dictionary(snapshot.masterKeys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let given = reading.keys.ids
        let others = Set(records.keys).union(counts.keys).subtracting(given).sorted()
        let keys = (given + others).map { id in
            Key(
                id: id, standing: standing(id, reading.keys, records[id]), credentials: counts[id] ?? 0, firstUsedAt: records[id]?.firstUsedAt,
                retiredAt: records[id]?.retiredAt)
        }
        let index = SealedIndex(snapshot, generation: 0, opener: opener, after: SealedIndex())
        return VaultStatus(keys: keys, sealingFault: opener.sealingFault, unopened: index.unopened)
    }

    private static func standing(_ id: String, _ keys: MasterKeys, _ record: MasterKeyRecord?) -> Standing {
        if record?.retiredAt != nil { return .retired }
        guard let key = keys[id] else { return .missing }
        if let record, record.mark != key.mark { return .wrong }
        return key.id == keys.sealing?.id ? .seals : .opens
    }
}
