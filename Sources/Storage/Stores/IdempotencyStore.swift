public import Domain

/// Idempotency keys, kept 24 hours per caller.
public struct IdempotencyStore: Sendable {
    public enum Claim: Sendable, Hashable {
        /// First time: do the work, then `complete` or `abandon`.
        case fresh
        /// Done before with the same body.
        case replay(StoredAnswer)
        /// Enqueued before, but the gateway died before it answered: make the answer from the reference.
        case resume(reference: String)
        /// Being worked on by a living gateway.
        case running
        /// Same key, another body.
        case mismatch
    }

    private static let lifetime: Duration = .seconds(24 * 60 * 60)

    private let committer: GroupCommit

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    /// - Parameter bodyHash: SHA-256 of the body, hex.
    /// A key left running by a gateway that is dead (lease past or gone) is fresh, or resumed where it had enqueued.
    public func claim(_ key: IdempotencyKey, bodyHash: String, now: Timestamp, lease: Lease) async throws -> Claim {
        try await committer.write { connection in
            let insertion = [
                key.arguments[0], key.arguments[1], key.arguments[2], .text(bodyHash), .text(lease.holder), SQLValue(now),
            ]
            // A key that has outlived its 24 hours is overwritten: it means something new now.
            let isFresh =
                try connection.run(
                    """
                    INSERT INTO idempotency_keys (caller, operation, idempotency_key, body_hash, holder, created_at) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (caller, operation, idempotency_key) DO UPDATE
                    SET body_hash = excluded.body_hash, holder = excluded.holder, created_at = excluded.created_at,
                        reference = NULL, status = NULL, content_type = NULL, body = NULL
                    WHERE idempotency_keys.created_at <= ?
                    """, insertion + [SQLValue(now - Self.lifetime)]) == 1
            if isFresh { return .fresh }
            let known = try Known(key, connection)
            guard known.bodyHash == bodyHash else { return .mismatch }
            if let answer = known.answer { return .replay(answer) }
            if try known.holder == lease.holder || Self.lives(known.holder, now: now, connection) { return .running }
            try connection.run("UPDATE idempotency_keys SET holder = ? WHERE \(IdempotencyKey.condition)", [.text(lease.holder)] + key.arguments)
            return known.reference.map { .resume(reference: $0) } ?? .fresh
        }
    }

    /// Keeps the answer for callers that repeat the request.
    public func complete(_ key: IdempotencyKey, answer: StoredAnswer) async throws {
        try await committer.write { connection in
            try connection.run(
                "UPDATE idempotency_keys SET status = ?, content_type = ?, body = ? WHERE \(IdempotencyKey.condition)",
                [SQLValue(answer.status), .text(answer.contentType), .text(answer.body)] + key.arguments)
        }
    }

    /// Forgets a key whose work failed before anything was enqueued; one under which something was enqueued stays.
    public func abandon(_ key: IdempotencyKey) async throws {
        try await committer.write { connection in
            try connection.run(
                "DELETE FROM idempotency_keys WHERE \(IdempotencyKey.condition) AND reference IS NULL AND status IS NULL", key.arguments)
        }
    }

    /// Removes keys older than 24 hours.
    public func tidy(now: Timestamp) async throws {
        try await committer.write { connection in
            try connection.run("DELETE FROM idempotency_keys WHERE created_at <= ?", [SQLValue(now - Self.lifetime)])
        }
    }

    /// Part of the transaction that enqueues. Throws, and so undoes it, when another gateway has taken the key over meanwhile.
    static func mark(_ mark: IdempotencyMark, lease: Lease, _ connection: any SQLConnection) throws {
        let marked = try connection.run(
            """
            UPDATE idempotency_keys SET reference = ?
            WHERE \(IdempotencyKey.condition) AND holder = ? AND (reference IS NULL OR reference = ?)
            """, [.text(mark.reference)] + mark.key.arguments + [.text(lease.holder), .text(mark.reference)])
        guard marked == 1 else {
            throw StorageError.statement("the idempotency key is no longer held by this gateway: nothing was enqueued under it")
        }
    }

    private static func lives(_ holder: String, now: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        var lives = false
        try connection.query("SELECT 1 FROM gateways WHERE holder = ? AND lease_until > ?", [.text(holder), SQLValue(now)]) { _ in lives = true }
        return lives
    }

    /// A row as it stands.
    private struct Known {
        var bodyHash = ""
        var holder = ""
        var reference: String?
        var answer: StoredAnswer?

        init(_ key: IdempotencyKey, _ connection: any SQLConnection) throws {
            var known: Known?
            try connection.query(
                "SELECT body_hash, holder, reference, status, content_type, body FROM idempotency_keys WHERE \(IdempotencyKey.condition)",
                key.arguments
            ) { row in
                let answer = row.integer(3).map { StoredAnswer(status: Int($0), contentType: row.text(4) ?? "", body: row.text(5) ?? "") }
                known = Known(bodyHash: row.text(0) ?? "", holder: row.text(1) ?? "", reference: row.text(2), answer: answer)
            }
            guard let known else { throw StorageError.statement("an idempotency key that was there is gone within one transaction") }
            self = known
        }

        private init(bodyHash: String, holder: String, reference: String?, answer: StoredAnswer?) {
            self.bodyHash = bodyHash
            self.holder = holder
            self.reference = reference
            self.answer = answer
        }
    }
}

extension IdempotencyKey {
    fileprivate static let condition = "caller = ? AND operation = ? AND idempotency_key = ?"

    fileprivate var arguments: [SQLValue] { [.text(caller), .text(operation), .text(key)] }
}
