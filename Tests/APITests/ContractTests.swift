import Domain
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import API

/// Walks every endpoint of a contract: sends the example request, compares the answer with the example answer.
struct ContractTests {
    static let endpoints = ContractEndpoint.all.filter { [.pushDispatcher, .pushService].contains($0.contract) }

    @Test func `the five contracts have 37 endpoints, and these are 16 of them`() {
        #expect(ContractEndpoint.all.count == 37)
        #expect(Self.endpoints.count == 16)
    }

    @Test(arguments: endpoints)
    func `an endpoint answers in the shape of its example`(endpoint: ContractEndpoint) async throws {
        try await withWorld(.live) { world in
            let token = "ExponentPushToken[xxxxxx]"
            if endpoint.method != .post || endpoint.path.hasSuffix("batch") || !endpoint.path.hasSuffix("device-tokens") {
                for user in ["usr_4bc8d2", "mentor-42"] { try await world.register("\(token.dropLast())-\(user)]", of: user, platform: .ios) }
                for user in ["usr_9ea3c7", "mentor-19", "mentor-55", "mentor-78"] { try await world.register("token-\(user)", of: user) }
            }
            var path = endpoint.path
            if path.hasSuffix("/:id") { path = path.replacing(":id", with: try await sent(by: endpoint, in: world)) }
            if path.hasSuffix("/:token") {
                let user = endpoint.contract == .pushDispatcher ? "usr_4bc8d2" : "mentor-42"
                path = path.replacing(":token", with: "ExponentPushToken%5Bxxxxxx-\(user)%5D")
            }
            if endpoint.method == .get, path.hasSuffix("/device-tokens") {
                // A token that was used: `last_used_at` is a time then.
                _ = try await sent(by: endpoint, in: world)
                path += "?user_id=usr_4bc8d2"
            }
            if endpoint.method == .get, path == endpoint.path { _ = try await sent(by: endpoint, in: world) }
            let reply = try await world.call(endpoint.method, path, endpoint.request)
            #expect(reply.status == endpoint.status)
            #expect(reply.headers[.contentType] == "application/json")
            #expect(reply.headers[.warning] == nil)
            let isEcho = endpoint.method != .get
            #expect(Shape.differences(reply.json, from: endpoint.response, values: isEcho) == [])
        }
    }

    /// Sends the contract's own example, and has it opened where the contract knows that.
    private func sent(by endpoint: ContractEndpoint, in world: World) async throws -> String {
        let base = endpoint.contract == .pushDispatcher ? PushDispatcher.path : PushService.path
        let post = try #require(Self.endpoints.first { $0.path == base && $0.method == .post })
        let reply = try await world.call(.post, base, post.request)
        #expect(reply.status == 201)
        let id = try #require(reply.json["id"]?.string)
        if endpoint.contract == .pushService, endpoint.method == .get { _ = try await world.call(.put, "\(base)/\(id)", ["status": "opened"]) }
        return id
    }
}

/// Compares an answer with an example: keys and their order, nesting, types, id prefixes, time formats.
enum Shape {
    /// - Parameter values: what is neither an id, a time nor a token is compared literally too.
    static func differences(_ actual: JSON, from example: JSON, values: Bool, at place: String = "") -> [String] {
        switch (actual, example) {
        case (.object(let actual), .object(let example)):
            let keys = actual.members.map(\.key)
            guard keys == example.members.map(\.key) else { return ["\(place): members \(keys)"] }
            return zip(actual.members, example.members).flatMap { a, e in
                differences(a.value, from: e.value, values: values, at: "\(place)/\(a.key)")
            }
        case (.array(let actual), .array(let example)):
            if values, actual.count != example.count { return ["\(place): \(actual.count) elements"] }
            if actual.isEmpty { return ["\(place): nothing to compare"] }
            return zip(actual, example).enumerated().flatMap { differences($1.0, from: $1.1, values: values, at: "\(place)/\($0)") }
        case (.string(let actual), .string(let example)):
            return difference(actual, from: example, values: values, place).map { ["\(place): \(actual) \($0)"] } ?? []
        case (.number, .number), (.bool, .bool):
            return values && actual != example ? ["\(place): \(actual.text) is not \(example.text)"] : []
        default:
            return actual.kind == example.kind ? [] : ["\(place): \(actual.kind) where the example has \(example.kind)"]
        }
    }

    private static func difference(_ actual: String, from example: String, values: Bool, _ place: String) -> String? {
        if Timestamp(rfc3339: example) != nil {
            return actual.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) == nil ? "is no time in whole seconds" : nil
        }
        for prefix in ["notif_", "batch_", "notif-", "batch-", "dtoken-"] where example.hasPrefix(prefix) {
            return actual.hasPrefix(prefix) && actual.utf8.count == prefix.utf8.count + 22 ? nil : "is no id with \(prefix)"
        }
        if place.contains("token") { return nil }
        return values && actual != example ? "is not \(example)" : nil
    }
}
