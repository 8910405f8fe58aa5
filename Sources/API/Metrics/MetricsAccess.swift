import Crypto
import Domain
import HTTPTypes

/// Who may read `/metrics`, which names every org and its credentials.
///
/// On loopback whoever can ask, as with `/healthz`. Elsewhere, and wherever a token is configured: that token, which opens nothing else and so may stand in a
/// scraper's configuration, or the credential of a `global_admin`.
struct MetricsAccess: Sendable {
    let isOnLoopback: Bool
    let token: Secret?
    let callers: Callers

    func demand(of fields: HTTPFields) async throws {
        if isOnLoopback, token == nil { return }
        if let token, let given = Self.bearer(fields), Self.isSame(given, token) { return }
        switch try await callers.caller(fields).standing {
        case .open: throw Problem.unauthorized("Send the configured metrics.token, or a global_admin's credential: Authorization: Bearer …")
        case .roles(let roles):
            guard roles.contains(.globalAdmin) else { throw Problem.forbidden("This needs the role global_admin, or the configured metrics.token.") }
        }
    }

    private static func bearer(_ fields: HTTPFields) -> [UInt8]? {
        guard let value = fields[.authorization], value.prefix(7).lowercased() == "bearer " else { return nil }
        return Array(value.utf8.dropFirst(7).drop { $0 == 0x20 })
    }

    /// Of equal length and compared in constant time, whatever was sent.
    private static func isSame(_ given: [UInt8], _ token: Secret) -> Bool { SHA256.hash(data: given) == SHA256.hash(data: token.reveal()) }
}
