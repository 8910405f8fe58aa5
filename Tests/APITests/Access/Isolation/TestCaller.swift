import Domain
import HTTPTypes

@testable import API

/// Who calls, and by which credential.
struct TestCaller: Sendable, CustomStringConvertible {
    enum Credential: String, Sendable, CaseIterable {
        case key
        case token
    }

    /// Nil: no credential at all.
    var credential: Credential?
    var roles: Set<Role>

    var description: String {
        guard let credential else { return "nobody" }
        return "a \(credential.rawValue) with \(roles.isEmpty ? "no role" : roles.map(\.rawValue).joined())"
    }

    /// Nobody, and each role alone and none, each by key and by token.
    static let all: [TestCaller] =
        [TestCaller(roles: [])]
        + Credential.allCases.flatMap { credential in
            ([[]] + Role.allCases.map { [$0] }).map { TestCaller(credential: credential, roles: $0) }
        }

    func sees(_ place: Neighbourhood) -> Bool { roles.contains(.globalAdmin) || place.isBelow }

    /// The header that shows it, in `org_default`.
    func fields(_ world: World) async throws -> HTTPFields {
        switch credential {
        case nil: return [:]
        case .key: return try await world.key(roles)
        case .token:
            let claims: JSONObject = [
                "sub": "caller", "org_id": "org_default", "roles": .array(roles.map { .string($0.rawValue) }),
                "exp": .integer(SystemTime().now.seconds + 600),
            ]
            return .bearer(try await TokenForge.shared.token(["alg": "HS256"], claims, signedWith: .secret))
        }
    }
}
