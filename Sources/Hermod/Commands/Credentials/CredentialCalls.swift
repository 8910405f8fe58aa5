import Domain
import Transport

/// The gateway's endpoints for credentials, as commands call them.
struct CredentialCalls {
    private let client: RESTClient

    init(_ client: RESTClient) {
        self.client = client
    }

    /// All pages.
    func list(org: String?) async throws(StartFault) -> [JSON] {
        try await pages(org.map { "/api/v1/orgs/\(RESTClient.encoded($0))/credentials?" } ?? "/api/v1/credentials?")
    }

    /// What the database has under that name; what a file declares is not replaced by a command.
    func find(_ place: CredentialPlace) async throws(StartFault) -> JSON? {
        // An org that nobody knows so far has an empty list there, and none of its own.
        try await pages("/api/v1/credentials?org_id=\(RESTClient.encoded(place.org))&").first {
            $0["provider"]?.string == place.provider.rawValue && $0["name"]?.string == place.name && $0["source"]?.string == "sealed"
        }
    }

    private func pages(_ path: String) async throws(StartFault) -> [JSON] {
        var items: [JSON] = []
        var page = 1
        while true {
            let answer = try await client.get("\(path)limit=100&page=\(page)")
            let shown = answer["data"]?.array ?? []
            items += shown
            guard !shown.isEmpty, items.count < Int(answer["pagination"]?["total"]?.integer ?? 0) else { return items }
            page += 1
        }
    }

    func change(_ method: HTTPRequest.Method, _ path: String, _ body: JSONObject?) async throws(StartFault) -> (status: Int, json: JSON) {
        if body != nil, client.isOverheard {
            StandardStream.error.line(
                "hermod: warning: the secret goes to the gateway without TLS; put one that speaks it in front, or call from its own machine")
        }
        return try await client.call(method, path, body.map(JSON.object))
    }
}
