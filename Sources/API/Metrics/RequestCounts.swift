import HTTPTypes
import Synchronization

/// How often each route was asked, with which outcome, and how long that took. Bounded by the routes that exist: what fits none counts as one.
final class RequestCounts: Sendable {
    struct Endpoint: Sendable, Hashable {
        var method: String
        /// With parameters as `:name`; `other` where nothing fits.
        var route: String
    }

    struct Tally: Sendable, Hashable {
        var byStatus: [Int: Int] = [:]
        var seconds = 0.0
    }

    private let tallies = Mutex<[Endpoint: Tally]>([:])

    func count(_ method: HTTPRequest.Method, _ route: String?, _ status: Int, took: Duration) {
        let endpoint = Endpoint(method: Self.word(method), route: Self.template(route))
        let seconds = Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
        tallies.withLock { tallies in
            tallies[endpoint, default: Tally()].byStatus[status, default: 0] += 1
            tallies[endpoint, default: Tally()].seconds += seconds
        }
    }

    /// Sorted by route and method.
    var all: [(endpoint: Endpoint, tally: Tally)] {
        tallies.withLock { $0.map { (endpoint: $0.key, tally: $0.value) } }
            .sorted { ($0.endpoint.route, $0.endpoint.method) < ($1.endpoint.route, $1.endpoint.method) }
    }

    /// Anybody may send any word as a method.
    private static func word(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .delete, .patch, .options: method.rawValue
        default: "other"
        }
    }

    /// What no route answered has none, or the router's own word for that. The router writes `{name}`, everything else of ours `:name`.
    private static func template(_ route: String?) -> String {
        guard let route, route.hasPrefix("/") else { return "other" }
        guard route.utf8.contains(UInt8(ascii: "{")) else { return route }
        return route.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") && $0.hasSuffix("}") ? ":" + $0.dropFirst().dropLast() : String($0) }.joined(separator: "/")
    }
}
