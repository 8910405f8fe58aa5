public import Domain

/// One version of a credential as it is stored: who it belongs to and what may be told of it in the clear, the secret sealed.
public struct SealedCredential: Sendable, Hashable {
    /// The secret, sealed with a data key of its own, and that key, wrapped by a master key. All three are text that means something to the vault alone.
    public struct Envelope: Sendable, Hashable {
        public var masterKeyID: String
        public var wrappedKey: String
        public var sealed: String

        public init(masterKeyID: String, wrappedKey: String, sealed: String) {
            self.masterKeyID = masterKeyID
            self.wrappedKey = wrappedKey
            self.sealed = sealed
        }
    }

    /// Names one version for good: no number is given twice under a name.
    public struct ID: Sendable, Hashable, Comparable {
        public var lane: LaneKey
        public var version: Int

        public init(lane: LaneKey, version: Int) {
            self.lane = lane
            self.version = version
        }

        public static func < (a: ID, b: ID) -> Bool { (a.lane, a.version) < (b.lane, b.version) }
    }

    public var id: ID
    /// False: the version before the current one, in use beside it.
    public var isCurrent: Bool
    public var setAt: Timestamp
    public var setBy: String?
    /// When a version that is no longer current goes by itself; nil: when somebody ends the rotation.
    public var until: Timestamp?
    public var apps: Set<String>
    /// JSON, without secrets.
    public var facts: String
    public var envelope: Envelope

    public var lane: LaneKey { id.lane }
    public var version: Int { id.version }

    /// What a credential needs to be stored, but for its version and its sealed part, which are made in the transaction that stores it.
    public struct Draft: Sendable, Hashable {
        public var lane: LaneKey
        public var apps: Set<String>
        public var facts: String
        public var setAt: Timestamp
        public var setBy: String?

        public init(lane: LaneKey, apps: Set<String>, facts: String, setAt: Timestamp, setBy: String?) {
            self.lane = lane
            self.apps = apps
            self.facts = facts
            self.setAt = setAt
            self.setBy = setBy
        }
    }

    public init(_ draft: Draft, version: Int, isCurrent: Bool = true, until: Timestamp? = nil, envelope: Envelope) {
        id = ID(lane: draft.lane, version: version)
        self.isCurrent = isCurrent
        setAt = draft.setAt
        setBy = draft.setBy
        self.until = until
        apps = draft.apps
        facts = draft.facts
        self.envelope = envelope
    }
}

extension SealedCredential {
    static let selection =
        "org_id, provider, name, version, is_current, set_at, set_by, previous_until, apps, facts, master_key_id, wrapped_key, sealed"

    init(_ row: any SQLRow) throws {
        let lane = LaneKey(
            orgID: row.text(0) ?? "", provider: try row.value(1, "credentials.provider") { ProviderName(rawValue: $0) }, credential: row.text(2) ?? ""
        )
        let apps = try row.value(8, "credentials.apps") { text in
            (try? JSON(parsing: text))?.array.map { Set($0.compactMap(\.string)) }
        }
        self.init(
            Draft(lane: lane, apps: apps, facts: row.text(9) ?? "{}", setAt: row.time(5) ?? Timestamp(microseconds: 0), setBy: row.text(6)),
            version: row.count(3), isCurrent: row.count(4) != 0, until: row.time(7),
            envelope: Envelope(masterKeyID: row.text(10) ?? "", wrappedKey: row.text(11) ?? "", sealed: row.text(12) ?? ""))
    }

    var values: [SQLValue] {
        id.values + [
            SQLValue(isCurrent ? 1 : 0), SQLValue(setAt), SQLValue(setBy), SQLValue(until),
            .text(JSON.array(apps.sorted().map { .string($0) }).text), .text(facts), .text(envelope.masterKeyID), .text(envelope.wrappedKey),
            .text(envelope.sealed),
        ]
    }
}

extension SealedCredential.ID {
    var values: [SQLValue] { lane.values + [SQLValue(version)] }
}

extension LaneKey {
    /// For `org_id = ? AND provider = ? AND name = ?`.
    var values: [SQLValue] { [.text(orgID), .text(provider.rawValue), .text(credential)] }
}
