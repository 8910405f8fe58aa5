public import Domain

/// When a person was last told of something that goes on: so that a gateway that is restarted often, or that is one of many, does not say it each time.
public struct NoticeStore: Sendable {
    /// What was not told for so long is over, and is forgotten.
    private static let memory: Duration = .seconds(30 * 86_400)

    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// Of these, those that were not told within `interval`; they count as told now. Of several that ask at the same time one is given each.
    public func claim(_ names: [String], every interval: Duration, now: Timestamp) async throws -> Set<String> {
        guard !names.isEmpty else { return [] }
        return try await committer.write { connection in
            var due: Set<String> = []
            for name in names {
                try connection.query(
                    """
                    INSERT INTO notices (name, told_at) VALUES (?, ?)
                    ON CONFLICT (name) DO UPDATE SET told_at = excluded.told_at WHERE notices.told_at <= ?
                    RETURNING name
                    """, [.text(name), SQLValue(now), SQLValue(now - interval)]
                ) { if let name = $0.text(0) { due.insert(name) } }
            }
            try connection.run("DELETE FROM notices WHERE told_at < ?", [SQLValue(now - Self.memory)])
            return due
        }
    }
}
