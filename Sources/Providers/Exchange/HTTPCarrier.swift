import Domain
import Transport

/// What the providers need of the HTTP transport; lets tests answer in its place.
protocol HTTPCarrier: Sendable {
    func send(_ request: HTTPRequest, in group: ConnectionGroup, timeout: Duration) async -> HTTPOutcome
    func renewConnections(of group: ConnectionGroup)
}

extension HTTPTransport: HTTPCarrier {}

extension HTTPResponse {
    /// The wait that the provider asks for.
    func retryAfter(now: Timestamp) -> Duration? {
        self[header: "retry-after"].flatMap { RetryAfter.parse($0, now: now) }
    }

    /// The body for logs: at most 1 KiB, without the secrets.
    func detail(removing secrets: [String]) -> String? {
        guard !body.isEmpty else { return nil }
        // Far more than is kept, so that a token at the cut is still recognised as a whole.
        return Masking.redact(String(decoding: body.prefix(8_192), as: UTF8.self), removing: secrets)
    }
}
