public import Domain

/// API keys: found by their public prefix, kept for the record after they have been revoked.
public struct APIKeyStore: Sendable {
    /// How exactly `lastUsedAt` is kept, and so how often a key that is in use is written at most.
    public static let useInterval: Duration = .seconds(60)

    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// - Parameter idempotency: marked in the same transaction, so that a repeat after a crash finds the key instead of making another.
    /// - Returns: false, and nothing is stored, when another key has the same prefix.
    public func insert(_ key: APIKey, idempotency: (mark: IdempotencyMark, lease: Lease)? = nil) async throws -> Bool {
        try await committer.write { connection in
            let isStored =
                try connection.run(
                    """
                    INSERT INTO api_keys (\(APIKey.selection)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (prefix) DO NOTHING
                    """,
                    [
                        .text(key.id), .text(key.prefix), .text(key.digest.hex), SQLValue(key.name), .text(key.orgID),
                        .text(key.roles.sorted().map(\.rawValue).joined(separator: " ")), SQLValue(key.contract?.rawValue),
                        SQLValue(key.createdAt), SQLValue(key.expiresAt), SQLValue(key.lastUsedAt), SQLValue(key.revokedAt),
                    ]) == 1
            if isStored, let idempotency { try IdempotencyStore.mark(idempotency.mark, lease: idempotency.lease, connection) }
            return isStored
        }
    }

    /// The key with that prefix, whatever its state and its org.
    public func find(prefix: String) async throws -> APIKey? {
        try await first("prefix = ?", [.text(prefix)])
    }

    public func get(_ id: String, scope: OrgScope) async throws -> APIKey? {
        let condition = scope.condition(on: "org_id")
        return try await first("id = ? AND \(condition.sql)", [.text(id)] + condition.arguments)
    }

    /// Newest first, the revoked and expired ones too.
    public func list(page: Page, scope: OrgScope) async throws -> Listing<APIKey> {
        let condition = scope.condition(on: "org_id")
        return try await committer.database.read { connection in
            var total = 0
            try connection.query("SELECT count(*) FROM api_keys WHERE \(condition.sql)", condition.arguments) { total = $0.count(0) }
            var sql = "SELECT \(APIKey.selection) FROM api_keys WHERE \(condition.sql)"
            var arguments = condition.arguments
            if let after = page.after {
                sql += " AND id < ? ORDER BY id DESC LIMIT ?"
                arguments += [.text(after), SQLValue(page.limit + 1)]
            } else {
                sql += " ORDER BY id DESC LIMIT ? OFFSET ?"
                arguments += [SQLValue(page.limit + 1), SQLValue((page.number - 1) * page.limit)]
            }
            var found: [APIKey] = []
            try connection.query(sql, arguments) { found.append(try APIKey($0)) }
            return Listing(elements: Array(found.prefix(page.limit)), total: total, hasMore: found.count > page.limit)
        }
    }

    /// Revokes a key for good; repeating it changes nothing and gives the same time again. Nil when there is none in the scope.
    public func revoke(_ id: String, scope: OrgScope, now: Timestamp) async throws -> APIKey? {
        let condition = scope.condition(on: "org_id")
        return try await committer.write { connection in
            var key: APIKey?
            try connection.query(
                "UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND \(condition.sql) RETURNING \(APIKey.selection)",
                [SQLValue(now), .text(id)] + condition.arguments
            ) { key = try APIKey($0) }
            return key
        }
    }

    /// Notes that the key was used, with the next commit that happens anyway or one of its own; returns at once and never fails.
    ///
    /// The condition holds the interval across processes too. A note that the disk would not take is lost; the next use makes another.
    public func noteUse(of id: String, at now: Timestamp) {
        committer.submit { connection in
            try connection.run(
                "UPDATE api_keys SET last_used_at = ? WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)",
                [SQLValue(now), .text(id), SQLValue(now - Self.useInterval)])
        } done: { _ in
        }
    }

    private func first(_ condition: String, _ arguments: [SQLValue]) async throws -> APIKey? {
        try await committer.database.read { connection in
            var key: APIKey?
            try connection.query("SELECT \(APIKey.selection) FROM api_keys WHERE \(condition)", arguments) { key = try APIKey($0) }
            return key
        }
    }
}

extension APIKey {
    fileprivate static let selection =
        "id, prefix, digest, name, org_id, roles, contract, created_at, expires_at, last_used_at, revoked_at"

    fileprivate init(_ row: any SQLRow) throws {
        self.init(
            id: row.text(0) ?? "",
            prefix: row.text(1) ?? "",
            digest: KeyDigest(hex: row.text(2) ?? ""),
            name: row.text(3),
            orgID: row.text(4) ?? "",
            roles: try row.value(5, "api_keys.roles") { text in
                let words = text.split(separator: " ")
                let roles = words.compactMap { Role(rawValue: String($0)) }
                // A role that this program does not know must not shrink to none in silence.
                return roles.count == words.count ? Set(roles) : nil
            },
            contract: try row.text(6) == nil ? nil : row.value(6, "api_keys.contract", Contract.init),
            createdAt: row.time(7) ?? Timestamp(microseconds: 0),
            expiresAt: row.time(8),
            lastUsedAt: row.time(9),
            revokedAt: row.time(10))
    }
}
