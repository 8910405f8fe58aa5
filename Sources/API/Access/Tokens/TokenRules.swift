import Domain

/// What a token has to say beside a good signature (RFC 7519 section 4.1), and what is read from it.
struct TokenRules: Sendable {
    /// How far the issuer's clock and ours may be apart.
    static let leeway: Duration = .seconds(60)

    /// Nil: any issuer who has the key.
    var issuer: String?
    /// Nil: this gateway has no name, and so only tokens that are addressed to nobody are for it.
    var audience: String?

    struct Claims: Sendable, Hashable {
        var subject: String
        var issuer: String?
        var orgID: String?
        var roles: Set<Role>
    }

    func claims(in payload: [UInt8], now: Timestamp) throws(TokenRefusal) -> Claims {
        guard let object = JSONObject(distinct: payload) else { throw TokenRefusal("The token's payload is not a JSON object with distinct names.") }
        try checkTimes(object, now: now)
        let issuer = try Self.text("iss", object)
        if let expected = self.issuer, issuer != expected { throw TokenRefusal("The token is from another issuer (iss) than this gateway trusts.") }
        try checkAudience(object["aud"])
        guard let subject = try Self.text("sub", object) else { throw TokenRefusal("The token lacks the claim sub.") }
        return Claims(subject: subject, issuer: issuer, orgID: try Self.text("org_id", object), roles: try Self.roles(object["roles"]))
    }

    private func checkTimes(_ object: JSONObject, now: Timestamp) throws(TokenRefusal) {
        guard let end = try Self.time("exp", object) else {
            throw TokenRefusal("The token lacks the claim exp: one that never ends is not accepted.")
        }
        guard now < end + Self.leeway else { throw TokenRefusal("The token has expired (exp).") }
        if let start = try Self.time("nbf", object), now < start - Self.leeway { throw TokenRefusal("The token is not valid yet (nbf).") }
    }

    private func checkAudience(_ value: JSON?) throws(TokenRefusal) {
        let audiences: [String]
        switch value {
        case nil: audiences = []
        case .string(let one): audiences = [one]
        case .array(let several) where several.allSatisfy { $0.string != nil }: audiences = several.compactMap(\.string)
        default: throw TokenRefusal("The token's aud is neither a string nor an array of strings.")
        }
        if let audience {
            guard audiences.contains(audience) else { throw TokenRefusal("The token is meant for another audience (aud) than this gateway.") }
        } else {
            // RFC 7519 section 4.1.3: who does not find itself in aud must refuse.
            guard audiences.isEmpty else {
                throw TokenRefusal("The token names an audience (aud), and auth.jwt.audience does not say that it is this gateway.")
            }
        }
    }

    private static func text(_ name: String, _ object: JSONObject) throws(TokenRefusal) -> String? {
        guard let value = object[name] else { return nil }
        guard case .string(let text) = value, !text.isEmpty, TextRule.id.fault(in: text) == nil else {
            throw TokenRefusal("The token's \(name) is not a string of 1 to \(TextRule.id.limit) characters.")
        }
        return text
    }

    /// Roles of other services stand in the same token: words that mean nothing here are passed over.
    private static func roles(_ value: JSON?) throws(TokenRefusal) -> Set<Role> {
        switch value {
        case nil, .null: return []
        case .string(let text): return Set(text.split(separator: " ").compactMap { Role(rawValue: String($0)) })
        case .array(let words) where words.allSatisfy { $0.string != nil }: return Set(words.compactMap { $0.string.flatMap(Role.init) })
        default: throw TokenRefusal("The token's roles are neither an array of strings nor one string with spaces between them.")
        }
    }

    /// A NumericDate: seconds, a fraction allowed (RFC 7519 section 2).
    private static func time(_ name: String, _ object: JSONObject) throws(TokenRefusal) -> Timestamp? {
        guard let value = object[name] else { return nil }
        // The bound keeps the arithmetic within range: 100,000 years either way.
        guard let seconds = value.double, seconds.isFinite, abs(seconds) < 3e12 else {
            throw TokenRefusal("The token's \(name) is not a time in seconds.")
        }
        return Timestamp(microseconds: Int64(seconds * 1e6))
    }
}
