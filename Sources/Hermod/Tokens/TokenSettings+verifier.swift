import API
import Domain
import Logging
import Transport

extension TokenSettings {
    /// What checks tokens by these settings; nil where none are accepted.
    func verifier(_ transport: HTTPTransport, time: any TimeSource, logger: Logger) async throws -> TokenVerifier? {
        guard isOn else { return nil }
        var configuration = TokenVerifier.Configuration(secret: secret)
        if keySet.hasPrefix("file:") {
            configuration.source = FileKeySet(path: String(keySet.dropFirst("file:".count)))
        } else if !keySet.isEmpty {
            configuration.source = RemoteKeySet(url: keySet, transport: transport)
        }
        configuration.issuer = issuer.isEmpty ? nil : issuer
        configuration.audience = audience.isEmpty ? nil : audience
        return try await TokenVerifier(configuration, time: time, logger: logger)
    }

    /// For the start report: `JWT (HS256)`; nil where none are accepted.
    var summary: String? {
        let algorithms = (secretReference.isEmpty ? [] : ["HS256"]) + (keySet.isEmpty ? [] : ["RS256", "ES256"])
        return algorithms.isEmpty ? nil : "JWT (\(algorithms.joined(separator: ", ")))"
    }
}
