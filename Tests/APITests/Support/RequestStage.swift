import Domain
import HTTPTypes
import Hummingbird
import Synchronization
import Testing

@testable import API

/// What has to be there before a documented example can be sent, for every operation of `/openapi.json`: what `ContractStage` knows of the
/// contracts, and the same for the gateway's own endpoints.
struct RequestStage {
    struct Call: Sendable {
        var method: HTTPRequest.Method
        var path: String
        var headers: HTTPFields = [:]
    }

    let world: World

    /// The document, from a world of its own.
    static func document() async throws -> APIDocument {
        try await withWorld(isServing: false) { world in document.withLock { $0 = world.document } }
        return try #require(document.withLock { $0 })
    }

    private static let document = Mutex<APIDocument?>(nil)

    /// - Parameter example: the example's name. On a path that two contracts share it begins with its contract's.
    func call(_ operation: APIDocument.Operation, example: String) async throws -> Call {
        let method = try #require(HTTPRequest.Method(rawValue: operation.method))
        let owners = ContractEndpoint.all.filter { $0.method == method && OpenAPIAssembler.template($0.path) == operation.path }
        if let endpoint = owners.first(where: { example.hasPrefix($0.contract.rawValue) }) ?? owners.first {
            let call = try await ContractStage(world: world).call(for: endpoint)
            return Call(method: method, path: call.path, headers: call.headers)
        }
        for (org, parent) in [("org_norway", "org_default"), ("org_oslo", "org_norway"), ("org_demo", "org_default")] {
            try await make(.put, "/api/v1/directory/organisations/\(org)", ["parent_id": .string(parent)])
        }
        try await make(.put, "/api/v1/directory/users/usr_4bc8d2", ["org_id": "org_oslo"])
        var call = Call(method: method, path: try path(of: operation))
        // A credential's example is about the provider that its name begins with.
        if operation.path.contains("/credentials/{provider}"), let provider = example.split(separator: "-").first {
            call.path = call.path.replacing("/credentials/fcm/", with: "/credentials/\(provider)/")
            if operation.path.hasSuffix("/rotate") { try await make(.put, call.path.replacing("/rotate", with: ""), try credential(example)) }
        }
        return call
    }

    /// The example of setting a credential: what is rotated has to be there.
    private func credential(_ example: String) throws -> JSON {
        let operation = try #require(world.document.operations.first { $0.json["operationId"]?.string == "putCredential" })
        return try #require(operation.json["requestBody"]?["content"]?["application/json"]?["examples"]?[example]?["value"])
    }

    /// The gateway's own paths, with the ids of their examples.
    private func path(of operation: APIDocument.Operation) throws -> String {
        var path = operation.path
        for parameter in world.document.parameters(operation, in: "path") {
            let name = try #require(parameter["name"]?.string)
            path = path.replacing("{\(name)}", with: PercentCoding.encode(parameter["example"]?.string ?? ""))
        }
        return path
    }

    private func make(_ method: HTTPRequest.Method, _ path: String, _ body: JSON) async throws {
        let reply = try await world.call(method, path, body)
        try #require((200..<300).contains(reply.status), "\(method) \(path): \(reply.status) \(reply.json.text)")
    }
}
