import API
import Transport

/// A JWKS that the issuer serves.
///
/// Keys are renewed every five minutes while tokens come in, in the background; after an hour without, before they are used. When the issuer does not answer, the
/// keys that are known go on being used: whoever can silence the issuer must not be able to lock everybody out.
struct RemoteKeySet: KeySetSource {
    static let maxBytes = 256 * 1_024
    private static let timeout: Duration = .seconds(5)

    let place: String
    let pace = KeySetPace(refresh: .seconds(300), renewal: .seconds(3_600), interval: .seconds(30))
    private let transport: HTTPTransport

    init(url: String, transport: HTTPTransport) {
        place = url
        self.transport = transport
    }

    func read() async throws(KeySetFault) -> [UInt8] {
        let request = HTTPRequest(method: .get, url: place, headers: [("accept", "application/jwk-set+json, application/json")], body: [])
        let group = ConnectionGroup(name: "jwks", maxConnections: 1, maxInFlight: 2)
        switch await transport.send(request, in: group, timeout: Self.timeout) {
        case .answered(let response):
            guard response.status == 200 else { throw KeySetFault("the answer has status \(response.status), not 200") }
            guard !response.isTruncated, response.body.count <= Self.maxBytes else {
                throw KeySetFault("the answer is cut short or larger than \(Self.maxBytes) bytes")
            }
            return response.body
        case .notSent(let failure), .unknown(let failure):
            throw KeySetFault("no answer (\(failure))")
        }
    }

    /// Keys that come over a network in the clear could be anybody's.
    static func isOnLoopback(_ url: String) -> Bool {
        guard url.hasPrefix("http://") else { return false }
        let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
        if authority.hasPrefix("[") { return Loopback.contains(String(authority.dropFirst().prefix { $0 != "]" })) }
        return Loopback.contains(String(authority.prefix { $0 != ":" }))
    }
}
