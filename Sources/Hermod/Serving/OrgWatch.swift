import DeliveryEngine
import Domain
import ServiceLifecycle
import Vault

/// Hands changed credentials on: first the old providers go, then the engine looks for new ones.
struct OrgWatch: Service {
    let book: CredentialBook
    let providers: LaneProviders
    let engine: DeliveryEngine
    let expiry: ExpiryWatch

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await book.watch { lanes in
                    let old = providers.drop(lanes)
                    engine.credentialsChanged(lanes)
                    for provider in old { await provider.close() }
                    await expiry.tell()
                }
            } catch is CancellationError {
                return
            }
        }
    }
}
