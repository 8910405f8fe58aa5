/// An API key as it is remembered: whose it is and what it opens, but not its text.
public struct APIKey: Sendable {
    public static let idPrefix = "key_"

    public enum State: String, Sendable, Hashable, CaseIterable {
        case active
        case expired
        case revoked
    }

    public var id: String
    /// `hk_` and eight characters: how people tell keys apart, and how a key is found. No secret.
    public var prefix: String
    public var digest: KeyDigest
    public var name: String?
    /// What it sends belongs to this org; unless it is a global_admin's, it sees this one and those below.
    public var orgID: String
    public var roles: Set<Role>
    /// The only contract that it is good for; nil: all, and the gateway's own endpoints.
    public var contract: Contract?
    public var createdAt: Timestamp
    public var expiresAt: Timestamp?
    /// To the minute: it is written at most so often.
    public var lastUsedAt: Timestamp?
    public var revokedAt: Timestamp?

    public init(
        id: String, prefix: String, digest: KeyDigest, name: String? = nil, orgID: String, roles: Set<Role>, contract: Contract? = nil,
        createdAt: Timestamp, expiresAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.prefix = prefix
        self.digest = digest
        self.name = name
        self.orgID = orgID
        self.roles = roles
        self.contract = contract
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
    }

    /// A revoked key stays revoked, also when its time has run out since.
    public func state(at now: Timestamp) -> State {
        if revokedAt != nil { return .revoked }
        if let expiresAt, expiresAt <= now { return .expired }
        return .active
    }
}
