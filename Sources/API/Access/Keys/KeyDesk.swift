public import Domain
public import Storage

/// Issues API keys: over REST for those who may, and on the command line for whoever may write the database.
public struct KeyDesk: Sendable {
    /// What a key is to be good for.
    public struct Wish: Sendable {
        public var name: String?
        public var orgID: String
        public var roles: Set<Role>
        public var contract: Contract?
        public var expiresAt: Timestamp?

        public init(name: String? = nil, orgID: String, roles: Set<Role>, contract: Contract? = nil, expiresAt: Timestamp? = nil) {
            self.name = name
            self.orgID = orgID
            self.roles = roles
            self.contract = contract
            self.expiresAt = expiresAt
        }
    }

    /// The contracts that a key can be bound to: those with callers of their own.
    public static let contracts = Contract.allCases.filter { $0 != .direct }

    private let store: APIKeyStore

    public init(_ store: APIKeyStore) {
        self.store = store
    }

    /// Makes a key and stores what is remembered of it. The text is in nobody's hands but the caller's from here on.
    public func issue(_ wish: Wish, now: Timestamp) async throws -> (key: APIKey, text: APIKeyText) {
        try await issue(wish, id: Self.id(now), now: now, idempotency: nil)
    }

    func issue(
        _ wish: Wish, id: String, now: Timestamp, idempotency: (mark: IdempotencyMark, lease: Lease)?
    ) async throws -> (key: APIKey, text: APIKeyText) {
        // 62^8 prefixes: a second draw is hardly ever needed, a third never.
        for _ in 0..<3 {
            let text = APIKeyText.make()
            let key = APIKey(
                id: id, prefix: text.prefix, digest: text.digest, name: wish.name, orgID: wish.orgID, roles: wish.roles,
                contract: wish.contract, createdAt: now, expiresAt: wish.expiresAt)
            if try await store.insert(key, idempotency: idempotency) { return (key, text) }
        }
        throw StorageError.statement("three new API keys in a row had a prefix that is taken: the random numbers are not random")
    }

    static func id(_ now: Timestamp) -> String { Identifier.make(at: now).text(prefix: APIKey.idPrefix) }
}
