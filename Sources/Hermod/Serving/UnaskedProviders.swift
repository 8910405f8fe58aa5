import Domain

/// Asks nobody.
struct UnaskedProviders: CredentialVerifier {
    func verify(_ credential: Credential, dns: Bool, deadline: Timestamp) async -> CredentialVerification {
        CredentialVerification(verdict: .inconclusive, summary: "No provider was asked.", steps: [])
    }
}
