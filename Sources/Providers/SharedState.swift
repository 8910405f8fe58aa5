import Domain
import Synchronization
import Transport

/// What lanes of different orgs share because the provider sees them as one: APNs a key's connections and tokens, Google a service account's token.
final class SharedState: Sendable {
    /// Keys and teams in use at once, with room for rotation. What falls out is made anew; in-use objects live on in their providers.
    private static let capacity = 1_024

    private let connections = Mutex(GenerationalCache<ConnectionGroup, APNsConnection>(capacity: capacity))
    private let providerTokens = Mutex(GenerationalCache<String, ProviderTokenCache>(capacity: capacity))
    private let accessTokens = Mutex(GenerationalCache<String, FCMAccessTokens>(capacity: capacity))

    func connection(_ group: ConnectionGroup) -> APNsConnection {
        connections.withLock { $0.value(for: group) { APNsConnection(group: group) } }
    }

    func providerTokens(for key: APNsSigningKey, fingerprint: String) -> ProviderTokenCache {
        providerTokens.withLock { $0.value(for: "\(key.teamID)/\(key.keyID)/\(fingerprint)") { ProviderTokenCache(key: key) } }
    }

    func accessTokens(named name: String, make: () -> FCMAccessTokens) -> FCMAccessTokens {
        accessTokens.withLock { $0.value(for: name, make: make) }
    }
}
