public import Domain

extension CredentialStore {
    /// What one step of a change of master keys has done.
    public struct RewrapStep: Sendable, Hashable {
        /// How many data keys stand under the new master key since this step.
        public var rewrapped = 0
        /// Those whose key could not be unwrapped; they stay as they are.
        public var failed: [SealedCredential.ID] = []
        /// The keys that were retired, because nothing is left under them.
        public var retired: [String] = []
        /// Set when the new key itself may not be used; then nothing was done.
        public var refused: MasterKeyRecord?
        /// True when nothing that could be re-wrapped is left.
        public var isDone = false
    }

    /// Re-wraps at most `limit` data keys in one transaction; in the transaction that finds none left, and so with no room for another writer in between,
    /// every key but the target under which nothing is left is retired.
    ///
    /// - Parameter sources: the keys that are at hand, besides the target.
    /// - Parameter damaged: what earlier steps could not unwrap; passed over.
    /// - Parameter wrap: the data key wrapped by the target; nil when it does not unwrap. May be called more than once.
    public func rewrap(
        to target: MasterKeyRecord.Mark, from sources: [MasterKeyRecord.Mark], passing damaged: Set<SealedCredential.ID>, limit: Int, now: Timestamp,
        wrap: @Sendable @escaping (SealedCredential) -> String?
    ) async throws -> RewrapStep {
        try await committer.write { connection in
            var step = RewrapStep()
            let record = try MasterKeyRecord.register(target, at: now, connection)
            guard record.admits(target) else {
                step.refused = record
                return step
            }
            // A key that is at hand and has never sealed anything is to be refused afterwards too.
            for source in sources { _ = try MasterKeyRecord.register(source, at: now, connection) }
            // Whoever seals touches its key's record first: until this transaction ends nobody else gets beyond that, where there are several writers at all.
            try connection.run("UPDATE master_keys SET check_value = check_value", [])
            var rows: [SealedCredential] = []
            if !sources.isEmpty {
                let list = SQLList(sources.map { .text($0.id) })
                try connection.query(
                    """
                    SELECT \(SealedCredential.selection) FROM credentials WHERE master_key_id IN (\(list.placeholders))
                    ORDER BY org_id, provider, name, version LIMIT ?
                    """, list.arguments + [SQLValue(limit + damaged.count)]
                ) { rows.append(try SealedCredential($0)) }
                rows.removeAll { damaged.contains($0.id) }
            }
            for row in rows {
                guard let wrapped = wrap(row) else {
                    step.failed.append(row.id)
                    continue
                }
                try connection.run(
                    "UPDATE credentials SET master_key_id = ?, wrapped_key = ? WHERE org_id = ? AND provider = ? AND name = ? AND version = ?",
                    [.text(target.id), .text(wrapped)] + row.id.values)
                step.rewrapped += 1
            }
            if rows.isEmpty {
                step.isDone = true
                step.retired = try Self.retireIdleKeys(but: target.id, now, connection)
            }
            if step.rewrapped > 0 || !step.retired.isEmpty { try Self.moveRevision(connection) }
            return step
        }
    }

    /// How many sealed versions stand under each master key.
    public func countsByMasterKey() async throws -> [String: Int] {
        try await committer.database.read { connection in
            var counts: [String: Int] = [:]
            try connection.query("SELECT master_key_id, count(*) FROM credentials GROUP BY master_key_id", []) {
                counts[$0.text(0) ?? ""] = $0.count(1)
            }
            return counts
        }
    }

    private static func retireIdleKeys(but target: String, _ now: Timestamp, _ connection: any SQLConnection) throws -> [String] {
        var retired: [String] = []
        try connection.query(
            """
            UPDATE master_keys SET retired_at = ? WHERE id <> ? AND retired_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM credentials WHERE credentials.master_key_id = master_keys.id) RETURNING id
            """, [SQLValue(now), .text(target)]
        ) { retired.append($0.text(0) ?? "") }
        return retired.sorted()
    }
}
