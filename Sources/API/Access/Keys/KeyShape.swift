import Domain

/// How a key reads over REST; its text only in the answer that makes it.
enum KeyShape {
    static func item(_ key: APIKey, now: Timestamp) -> JSONObject {
        [
            "id": .string(key.id),
            "prefix": .string(key.prefix),
            "name": JSON(key.name),
            "org_id": .string(key.orgID),
            "roles": .array(key.roles.sorted().map { .string($0.rawValue) }),
            "contract": JSON(key.contract?.rawValue),
            "state": .string(key.state(at: now).rawValue),
            "created_at": JSON(key.createdAt),
            "expires_at": JSON(key.expiresAt),
            "last_used_at": JSON(key.lastUsedAt),
            "revoked_at": JSON(key.revokedAt),
        ]
    }

    /// The one answer that shows the key.
    static func issued(_ key: APIKey, _ text: APIKeyText, now: Timestamp) -> JSON {
        var item = item(key, now: now)
        item["key"] = .string(text.text)
        return .object(item)
    }

    /// What a repeat of the same request answers: the gateway has forgotten the key's text by then.
    static func reissued(_ key: APIKey, now: Timestamp) -> JSON {
        var item = item(key, now: now)
        item["notice"] = "The key itself was in the first answer only and can't be shown again. If it is lost, revoke this one and make another."
        return .object(item)
    }
}
