public import Domain

/// The registry of device tokens, one for all contracts.
public struct DeviceTokenStore: Sendable {
    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// Registers a token, or moves it to this user, platform and time and makes it active again. A token belongs to one user per org.
    /// A token stays its app's: who registers it again without naming the app does not take that away.
    /// - Returns: the token as stored, and whether it is new. A known token keeps its id.
    public func register(_ token: DeviceToken) async throws -> (token: DeviceToken, isNew: Bool) {
        let stored = try await committer.write { connection in
            var stored: DeviceToken?
            try connection.query(
                """
                INSERT INTO device_tokens (\(DeviceToken.selection)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (org_id, token) DO UPDATE
                SET user_id = excluded.user_id, platform = excluded.platform, provider = excluded.provider, registered_at = excluded.registered_at,
                    app = coalesce(excluded.app, device_tokens.app), invalidated_at = NULL, invalidation_reason = NULL
                RETURNING \(DeviceToken.selection)
                """,
                [
                    .text(token.id), .text(token.orgID), .text(token.userID), .text(token.token), .text(token.platform.rawValue),
                    .text(token.provider.rawValue), SQLValue(token.registeredAt), SQLValue(token.lastUsedAt), .null, .null, SQLValue(token.app),
                ]
            ) { stored = try DeviceToken($0) }
            guard let stored else { throw StorageError.statement("registering a device token gave no row back") }
            return stored
        }
        return (stored, stored.id == token.id)
    }

    /// Active tokens of one user, newest first.
    public func active(userID: String, scope: OrgScope) async throws -> [DeviceToken] {
        let condition = scope.condition(on: "org_id")
        return try await committer.database.read { connection in
            var tokens: [DeviceToken] = []
            try connection.query(
                """
                SELECT \(DeviceToken.selection) FROM device_tokens
                WHERE invalidated_at IS NULL AND user_id = ? AND \(condition.sql)
                ORDER BY registered_at DESC, id DESC
                """, [.text(userID)] + condition.arguments
            ) { tokens.append(try DeviceToken($0)) }
            return tokens
        }
    }

    /// Active tokens of many users of an org, by user, each newest first: one query per 512 users. Users without any are missing.
    public func active(userIDs: [String], orgID: String) async throws -> [String: [DeviceToken]] {
        guard !userIDs.isEmpty else { return [:] }
        return try await committer.database.read { connection in
            var tokens: [String: [DeviceToken]] = [:]
            // Who is named twice in one list is found once.
            let users = userIDs.count > SQLList.limit ? Array(Set(userIDs)) : userIDs
            for users in users.chunks(of: SQLList.limit) {
                let list = SQLList(users.map { .text($0) })
                try connection.query(
                    """
                    SELECT \(DeviceToken.selection) FROM device_tokens
                    WHERE invalidated_at IS NULL AND org_id = ? AND user_id IN (\(list.placeholders))
                    """, [.text(orgID)] + list.arguments
                ) { row in
                    let token = try DeviceToken(row)
                    tokens[token.userID, default: []].append(token)
                }
            }
            return tokens.mapValues { $0.count == 1 ? $0 : $0.sorted { ($0.registeredAt, $0.id) > ($1.registeredAt, $1.id) } }
        }
    }

    /// Marks a token as dead at a caller's word, in every org of the scope that has it. Repeating it gives the same time again. Nil when there is none.
    public func invalidate(token: String, scope: OrgScope, reason: String, now: Timestamp) async throws -> DeviceToken? {
        let condition = scope.condition(on: "org_id")
        return try await committer.write { connection in
            try Self.newest(
                """
                UPDATE device_tokens
                SET invalidated_at = coalesce(invalidated_at, ?), invalidation_reason = coalesce(invalidation_reason, ?)
                WHERE token = ? AND \(condition.sql)
                RETURNING \(DeviceToken.selection)
                """, [SQLValue(now), .text(reason), .text(token)] + condition.arguments, connection)
        }
    }

    /// Makes tokens active again that a provider's verdict has killed since then, where nobody else has said anything of them since.
    /// - Returns: how many.
    public func revive(_ tokens: [(orgID: String, token: String, since: Timestamp, reason: String?)]) async throws -> Int {
        guard !tokens.isEmpty else { return 0 }
        return try await committer.write(rows: tokens.count) { connection in
            try tokens.reduce(0) { count, token in
                try count
                    + connection.run(
                        """
                        UPDATE device_tokens SET invalidated_at = NULL, invalidation_reason = NULL
                        WHERE org_id = ? AND token = ? AND invalidated_at >= ? AND invalidation_reason = ?
                        """, [.text(token.orgID), .text(token.token), SQLValue(token.since), .text(token.reason ?? Delivery.unnamedDeath)])
            }
        }
    }

    /// Removes the token from every org of the scope that has it. Nil when there is none.
    public func remove(token: String, scope: OrgScope) async throws -> DeviceToken? {
        let condition = scope.condition(on: "org_id")
        return try await committer.write { connection in
            try Self.newest(
                "DELETE FROM device_tokens WHERE token = ? AND \(condition.sql) RETURNING \(DeviceToken.selection)",
                [.text(token)] + condition.arguments, connection)
        }
    }

    private static func newest(_ sql: String, _ arguments: [SQLValue], _ connection: any SQLConnection) throws -> DeviceToken? {
        var tokens: [DeviceToken] = []
        try connection.query(sql, arguments) { tokens.append(try DeviceToken($0)) }
        return tokens.max { $0.registeredAt < $1.registeredAt }
    }
}

extension DeviceToken {
    fileprivate static let selection =
        "id, org_id, user_id, token, platform, provider, registered_at, last_used_at, invalidated_at, invalidation_reason, app"

    fileprivate init(_ row: any SQLRow) throws {
        self.init(
            id: row.text(0) ?? "",
            orgID: row.text(1) ?? "",
            userID: row.text(2) ?? "",
            token: row.text(3) ?? "",
            platform: try row.value(4, "device_tokens.platform", Platform.init),
            provider: try row.value(5, "device_tokens.provider", ProviderName.init),
            app: row.text(10),
            registeredAt: row.time(6) ?? Timestamp(microseconds: 0),
            lastUsedAt: row.time(7),
            invalidatedAt: row.time(8),
            invalidationReason: row.text(9))
    }
}
