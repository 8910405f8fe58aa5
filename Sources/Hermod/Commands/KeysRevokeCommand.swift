import API
import ArgumentParser
import Domain
import Storage

struct KeysRevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Revokes an API key for good; a running gateway refuses it within a second.")

    @Argument(help: "The key's id (key_…) or prefix (hk_…).") var key: String
    @OptionGroup var store: KeyStoreOptions

    func run() async throws {
        try await store.withStores { stores, _ in
            guard let known = try await find(stores.keys), let revoked = try await stores.keys.revoke(known.id, scope: .all, now: SystemTime().now)
            else {
                throw StartFault("there is no such key", remedy: "hermod keys list shows ids and prefixes")
            }
            StandardStream.output.line("\(revoked.id) (\(revoked.prefix)) is revoked since \(revoked.revokedAt?.rfc3339Seconds ?? "-")")
        }
    }

    /// Whoever finds a key where it does not belong has the whole of it: its beginning will do, and nothing of it is repeated.
    private func find(_ keys: APIKeyStore) async throws -> APIKey? {
        if key.hasPrefix(APIKey.idPrefix) { return try await keys.get(key, scope: .all) }
        return try await keys.find(prefix: String((key.hasPrefix("hk_") ? key : "hk_" + key).prefix(APIKeyText.prefixLength)))
    }
}
