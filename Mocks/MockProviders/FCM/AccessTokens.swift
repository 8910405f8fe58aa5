import Synchronization

/// The opaque tokens that the token endpoint has given out and FCM believes.
final class AccessTokens: Sendable {
    static let lifetime: Int64 = 3599

    private struct Grant {
        var project: String
        var run: String
        /// Seconds since 1970.
        var expiresAt: Int64
    }

    private let grants = Mutex<[String: Grant]>([:])

    func issue(project: String, run: String, nowSeconds: Int64) -> String {
        let token = "ya29.mock." + Hex.text(of: (0..<32).map { _ in UInt8.random(in: 0...255) })
        grants.withLock { grants in
            // A client holds one token at a time; whoever storms the endpoint loses the dead ones first, then all.
            if grants.count >= 10_000 { grants = grants.filter { $0.value.expiresAt > nowSeconds } }
            if grants.count >= 10_000 { grants = [:] }
            grants[token] = Grant(project: project, run: run, expiresAt: nowSeconds + Self.lifetime)
        }
        return token
    }

    /// The project whose service account got the token; nil when it is unknown or too old.
    func project(of token: String, nowSeconds: Int64) -> String? {
        guard let grant = grants.withLock({ $0[token] }), grant.expiresAt > nowSeconds else { return nil }
        return grant.project
    }

    /// Makes every token given out in that run worthless, or only those for one project, as when Google revokes them.
    func revokeAll(run: String, project: String? = nil) {
        grants.withLock { grants in grants = grants.filter { $0.value.run != run || (project != nil && $0.value.project != project) } }
    }

    /// Makes every token for the project worthless, whichever run it was given out in.
    func revokeAll(project: String) {
        grants.withLock { grants in grants = grants.filter { $0.value.project != project } }
    }
}
