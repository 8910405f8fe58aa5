import Domain
import HTTPTypes
import Storage

@testable import API

/// Rows of what the gateway keeps beside the contracts' notifications.
extension IsolationStage {
    /// What stands for the row's parameters in the path, in their order; the last one is the row's own id.
    func row(_ row: GatewayEndpoint.Row, in place: Neighbourhood) async throws -> [String] {
        let name = "x\(Identifier.make(at: SystemTime().now).text)"
        switch row {
        case .none: return []
        case .delivery: return [try await delivery(name, place)]
        case .key:
            return [try await make("/api/v1/keys", ["name": .string(name)], place)]
        case .suppression:
            let address = "\(name.lowercased())@example.org"
            try await world.stores.committer.write { connection in
                try connection.run(
                    "INSERT INTO suppressions (org_id, address, reason, since) VALUES (?, ?, '5.1.1', 0)", [.text(place.orgID), .text(address)])
            }
            return [address]
        case .credential(let isRotated):
            let names = [place.orgID, ProviderName.expo.rawValue, name]
            for (method, path) in [(HTTPRequest.Method.put, Credentials.one)] + (isRotated ? [(.post, Credentials.one + "/rotate")] : []) {
                let reply = try await world.call(method, Self.fill(path, names), Self.credential(), headers: global)
                guard (200..<300).contains(reply.status) else { throw GaveUp(what: "a credential is set: \(reply.json.text)") }
            }
            return names
        case .entry(let kind):
            let names = kind == .certification ? [place.user, name] : [name]
            let reply = try await world.call(
                .put, Self.fill(Directory.path(of: kind) + "/:entry", names), Self.entry(kind, in: place, name: "Name"), headers: global)
            guard reply.status == 201 else { throw GaveUp(what: "the directory takes a \(kind): \(reply.json.text)") }
            return names
        }
    }

    /// Queued at a device, because nothing is sent here.
    private func delivery(_ token: String, _ place: Neighbourhood) async throws -> String {
        let reply = try await world.call(
            .post, "/api/v1/deliveries", ["to": ["token": .string(token), "platform": "android"], "title": "t"], headers: try maker(place))
        guard let id = reply.json["deliveries"]?[0]?["id"]?.string else { throw GaveUp(what: "a delivery is queued: \(reply.json.text)") }
        return id
    }

    /// Another one each time.
    static func credential() -> JSON { ["access_token": .string("token-\(Identifier.make(at: SystemTime().now).text)")] }

    static func entry(_ kind: DirectoryEntry.Kind, in place: Neighbourhood, name: String) -> JSON {
        switch kind {
        case .organisation: ["name": .string(name), "parent_id": .string(place.orgID)]
        case .user, .mentor: ["org_id": .string(place.orgID), "full_name": .string(name)]
        case .certification: ["name": .string(name), "expires_at": "2099-01-01T00:00:00Z"]
        }
    }

    /// The path with these in the place of its parameters.
    static func fill(_ path: String, _ values: [String]) -> String {
        var rest = values[...]
        return path.split(separator: "/").map { "/" + ($0.hasPrefix(":") ? PercentCoding.encode(rest.popFirst() ?? "") : String($0)) }.joined()
    }

    func call(_ endpoint: GatewayEndpoint, _ place: Neighbourhood, _ row: [String], as fields: HTTPFields) async throws -> Reply {
        let path = Self.fill(endpoint.path, row) + (endpoint.isList ? "?limit=100" : "")
        switch endpoint.sent {
        case .nothing: return try await world.call(endpoint.method, path, headers: fields)
        case .json(let body): return try await world.call(endpoint.method, path, body(place), headers: fields)
        case .line(let line):
            return try await world.call(
                endpoint.method, path, text: line(place).text + "\n", headers: fields.and([.contentType: "application/x-ndjson"]))
        }
    }
}
