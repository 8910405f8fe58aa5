import Domain
import HTTPTypes
import Storage

/// Turns what a request brings along into who calls.
struct Callers: Sendable {
    let isOpen: Bool
    let defaultOrg: String
    let scopes: OrgScopes
    let keys: KeyRing
    /// Nil: no JWTs are checked here.
    let tokens: TokenVerifier?
    let time: any TimeSource

    /// A credential that is sent is always honoured, and a bad one is refused in open mode too: whoever sends one means it.
    func caller(_ fields: HTTPFields) async throws -> Caller {
        let values = fields[values: .authorization]
        guard let value = values.first else {
            guard isOpen else { throw Problem.unauthorized("Send a credential: Authorization: Bearer ...") }
            return Caller(id: "open:\(defaultOrg)", orgID: defaultOrg, scope: scope(of: defaultOrg), standing: .open)
        }
        guard values.count == 1 else { throw Problem.invalidToken("Authorization is given more than once.") }
        let words = value.split(separator: " ", omittingEmptySubsequences: true)
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw Problem.invalidToken("Authorization must be the word Bearer and one credential behind it.")
        }
        return words[1].hasPrefix(APIKeyText.mark) ? try await holder(of: words[1]) : try await speaker(for: words[1])
    }

    private func holder(of text: Substring) async throws -> Caller {
        guard let text = APIKeyText(text) else {
            throw Problem.invalidToken("The API key is mistyped or cut short: its checksum does not fit.")
        }
        let now = time.now
        guard let key = try await keys.key(of: text, now: now) else { throw Problem.invalidToken("The API key is not known here.") }
        switch key.state(at: now) {
        case .active: break
        case .expired: throw Problem.invalidToken("The API key has expired.")
        case .revoked: throw Problem.invalidToken("The API key has been revoked.")
        }
        keys.note(key, at: now)
        return Caller(
            id: "key:\(key.id)", actor: key.id, orgID: key.orgID, scope: scope(of: key.orgID, key.roles), standing: .roles(key.roles),
            contract: key.contract)
    }

    private func speaker(for text: Substring) async throws -> Caller {
        guard let tokens else { throw Problem.invalidToken("This gateway checks no JWTs; send an API key (hk_...).") }
        let claims: TokenRules.Claims
        do {
            claims = try await tokens.claims(of: text)
        } catch let refusal as TokenRefusal {
            throw Problem.invalidToken(refusal.detail)
        }
        let isGlobal = claims.roles.contains(.globalAdmin)
        guard let org = claims.orgID ?? (isGlobal ? defaultOrg : nil) else { throw Problem.invalidToken("The token lacks the claim org_id.") }
        // As JSON, so that no issuer can choose a name that reads like another's subject. The org is part of it: one person may act for several.
        let id: JSON = .array([JSON(claims.issuer), .string(claims.subject), .string(org)])
        return Caller(id: "jwt:\(id.text)", actor: claims.subject, orgID: org, scope: scope(of: org, claims.roles), standing: .roles(claims.roles))
    }

    private func scope(of org: String, _ roles: Set<Role> = []) -> OrgScope {
        roles.contains(.globalAdmin) ? .all : scopes.scope(of: org, now: time.now)
    }
}
