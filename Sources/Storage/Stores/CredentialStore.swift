public import Domain

/// Sealed credentials, at most two versions of each name, and what is known of the master keys that wrap them.
///
/// Each operation is one transaction, and moves the revision when it has changed something.
public struct CredentialStore: Sendable {
    /// Everything at one moment.
    public struct Snapshot: Sendable {
        public var revision: Int
        /// Sorted by lane, then by version.
        public var credentials: [SealedCredential]
        public var masterKeys: [MasterKeyRecord]
    }

    public enum Succession: Sendable, Hashable {
        /// Whatever stands under the name goes.
        case replacing
        /// The current version stays in use until then; without a time, until somebody ends it. One that is older still goes.
        case beside(until: Timestamp?)
    }

    public enum Placement: Sendable, Hashable {
        case stored(SealedCredential)
        /// Nothing was stored: the master key is retired, or another one has its id.
        case keyRefused(MasterKeyRecord)
        /// Nothing was stored: there is no version for this one to stand beside.
        case nothingToFollow
    }

    let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// The number that moves with each change; the cheap question whether there is anything to read.
    public func revision() async throws -> Int {
        try await committer.database.read { connection in try Self.revision(connection) }
    }

    public func snapshot(scope: OrgScope = .all) async throws -> Snapshot {
        let condition = scope.condition(on: "org_id")
        return try await committer.database.read { connection in
            var snapshot = Snapshot(revision: try Self.revision(connection), credentials: [], masterKeys: [])
            try connection.query(
                "SELECT \(SealedCredential.selection) FROM credentials WHERE \(condition.sql) ORDER BY org_id, provider, name, version",
                condition.arguments
            ) { snapshot.credentials.append(try SealedCredential($0)) }
            try connection.query("SELECT \(MasterKeyRecord.selection) FROM master_keys ORDER BY first_used_at, id", []) {
                snapshot.masterKeys.append(MasterKeyRecord($0))
            }
            return snapshot
        }
    }

    /// Seals and stores the next version.
    ///
    /// - Parameter key: the master key that `seal` wraps with; looked at in the same transaction, so that nothing is ever stored under a retired one.
    /// - Parameter seal: is told the version; may be called more than once, as any operation of a group commit.
    public func put(
        _ draft: SealedCredential.Draft, _ succession: Succession, under key: MasterKeyRecord.Mark,
        seal: @Sendable @escaping (Int) throws -> SealedCredential.Envelope
    ) async throws -> Placement {
        try await committer.write { connection in
            let lane = draft.lane.values
            if case .beside = succession {
                var isThere = false
                try connection.query("SELECT 1 FROM credentials WHERE \(Self.ofLane) AND is_current = 1", lane) { _ in isThere = true }
                guard isThere else { return .nothingToFollow }
            }
            let record = try MasterKeyRecord.register(key, at: draft.setAt, connection)
            guard record.admits(key) else { return .keyRefused(record) }
            let new = SealedCredential(
                draft, version: try Self.nextVersion(lane, connection), envelope: .init(masterKeyID: key.id, wrappedKey: "", sealed: ""))
            var sealed = new
            sealed.envelope = try seal(new.version)
            switch succession {
            case .replacing:
                try connection.run("DELETE FROM credentials WHERE \(Self.ofLane)", lane)
            case .beside(let until):
                try connection.run("DELETE FROM credentials WHERE \(Self.ofLane) AND is_current = 0", lane)
                try connection.run(
                    "UPDATE credentials SET is_current = 0, previous_until = ? WHERE \(Self.ofLane) AND is_current = 1", [SQLValue(until)] + lane)
            }
            try connection.run(
                "INSERT INTO credentials (\(SealedCredential.selection)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", sealed.values)
            try Self.moveRevision(connection)
            return .stored(sealed)
        }
    }

    /// - Returns: false when there was none.
    public func remove(_ lane: LaneKey) async throws -> Bool {
        try await delete("\(Self.ofLane)", lane.values)
    }

    /// Ends a rotation: only the current version stays.
    /// - Returns: false when there was none before it.
    public func remove(previousOf lane: LaneKey) async throws -> Bool {
        try await delete("\(Self.ofLane) AND is_current = 0", lane.values)
    }

    /// Removes the versions whose overlap has ended.
    /// - Returns: whether there were any.
    @discardableResult
    public func removeEnded(now: Timestamp) async throws -> Bool {
        try await delete("is_current = 0 AND previous_until <= ?", [SQLValue(now)])
    }

    private func delete(_ condition: String, _ arguments: [SQLValue]) async throws -> Bool {
        try await committer.write { connection in
            guard try connection.run("DELETE FROM credentials WHERE \(condition)", arguments) > 0 else { return false }
            try Self.moveRevision(connection)
            return true
        }
    }

    private static let ofLane = "org_id = ? AND provider = ? AND name = ?"

    private static func revision(_ connection: any SQLConnection) throws -> Int {
        var revision = 0
        try connection.query("SELECT revision FROM credential_changes", []) { revision = $0.count(0) }
        return revision
    }

    static func moveRevision(_ connection: any SQLConnection) throws {
        try connection.run("UPDATE credential_changes SET revision = revision + 1", [])
    }

    private static func nextVersion(_ lane: [SQLValue], _ connection: any SQLConnection) throws -> Int {
        var version = 0
        try connection.query(
            """
            INSERT INTO credential_names (org_id, provider, name, last_version) VALUES (?, ?, ?, 1)
            ON CONFLICT (org_id, provider, name) DO UPDATE SET last_version = credential_names.last_version + 1 RETURNING last_version
            """, lane
        ) { version = $0.count(0) }
        return version
    }
}
