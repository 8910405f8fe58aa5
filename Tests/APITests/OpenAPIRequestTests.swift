import Domain
import HTTPTypes
import Hummingbird
import Testing

@testable import API

/// Requests as `/openapi.json` describes them: each documented member is read, held to its type, and enough for an answer.
struct OpenAPIRequestTests {
    /// What a body can be made of, by operation: its documented examples.
    private struct Example: Sendable {
        var name: String
        var body: JSON
    }

    private static func examples(_ operation: APIDocument.Operation, _ document: APIDocument) -> [Example] {
        let content = operation.json["requestBody"]?["content"]?["application/json"]
        return (content?["examples"]?.object?.members ?? []).map { Example(name: $0.key, body: $0.value["value"] ?? .null) }
    }

    /// The operations with a JSON body, each in a world where it can be called.
    private func eachBody(
        _ test: @Sendable (World, APIDocument.Operation, Example, RequestStage.Call) async throws -> Void
    ) async throws {
        var all: [(APIDocument.Operation, Example)] = []
        let document = try await RequestStage.document()
        for operation in document.operations { all += Self.examples(operation, document).map { (operation, $0) } }
        #expect(all.count > 30)
        for (operation, example) in all {
            try await withWorld { world in
                try await test(world, operation, example, try await RequestStage(world: world).call(operation, example: example.name))
            }
        }
    }

    @Test func `every example is accepted, and every member of it known`() async throws {
        try await eachBody { world, operation, example, call in
            let reply = try await world.call(call.method, call.path, example.body, headers: call.headers)
            #expect((200..<300).contains(reply.status), "\(operation) \(example.name): \(reply.json.text)")
            #expect(reply.headers[.warning] == nil, "\(operation) \(example.name)")
        }
    }

    @Test func `a member of the wrong type is refused, and pointed at`() async throws {
        try await eachBody { world, operation, example, call in
            let document = world.document
            for member in Members(document).of(operation, in: example.body) {
                let body = Members.single(example.body, around: member.path)
                let broken = Members.replacing(member.path, in: body, by: member.wrong)
                let reply = try await world.call(call.method, call.path, broken, headers: call.headers)
                #expect(reply.status == 422, "\(operation) \(member.pointer): \(reply.json.text)")
                #expect(reply.errors.contains(member.pointer), "\(operation) \(member.pointer): \(reply.json.text)")
            }
        }
    }

    @Test func `the examples show every member that there is`() async throws {
        let document = try await RequestStage.document()
        for operation in document.operations {
            let examples = Self.examples(operation, document)
            guard !examples.isEmpty else { continue }
            let members = Members(document)
            let shown = Set(examples.flatMap { members.names(of: $0.body) })
            for name in members.documented(operation) { #expect(shown.contains(name), "\(operation): no example shows \(name)") }
        }
    }

    @Test func `every documented parameter is read, and held to its schema`() async throws {
        let document = try await RequestStage.document()
        for operation in document.operations where operation.method == "GET" {
            let parameters = document.parameters(operation, in: "query")
            guard !parameters.isEmpty else { continue }
            try await withWorld { world in
                let call = try await RequestStage(world: world).call(operation, example: "")
                let path = String(call.path.prefix { $0 != "?" })
                func get(_ pairs: [(String, String)]) async throws -> Reply {
                    let query = pairs.map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
                    return try await world.call(.get, "\(path)?\(query)", headers: call.headers)
                }
                let required = parameters.filter { $0["required"]?.bool == true }.map { ($0["name"]?.string ?? "", Self.text($0["example"])) }
                for parameter in parameters {
                    let name = parameter["name"]?.string ?? ""
                    let others = required.filter { $0.0 != name }
                    let schema = document.resolve(parameter["schema"] ?? [:])
                    let values = schema["enum"]?.array ?? (schema["type"] == "boolean" ? [true, false] : [parameter["example"] ?? .null])
                    for value in values {
                        let reply = try await get(others + [(name, Self.text(value))])
                        // Of a shared path's record, only its own contract's parameters count.
                        let isForeign = name == "recipient_id" && path.contains("/notif_")
                        guard !isForeign else { continue }
                        #expect(reply.status == 200, "\(operation) \(name)=\(value.text): \(reply.json.text)")
                        #expect(reply.headers[.warning] == nil, "\(operation) \(name)")
                    }
                    let wrong =
                        schema["type"] == "integer" || schema["enum"] != nil || schema["format"] != nil || schema["type"] == "boolean" ? "x x" : ""
                    let refused = try await get(others + [(name, wrong)])
                    #expect(refused.status == 422, "\(operation) \(name): \(refused.json.text)")
                    #expect(refused.errors == ["/\(name)"], "\(operation) \(name)")
                }
            }
        }
    }

    @Test func `what is repeated and what is waited for is what the document says`() async throws {
        try await eachBody { world, operation, example, call in
            guard operation.method == "POST" else { return }
            let headers = world.document.parameters(operation, in: "header").compactMap { $0["name"]?.string }
            var fields = call.headers
            fields[.idempotencyKey] = "a b"
            let refused = try await world.call(call.method, call.path, example.body, headers: fields)
            #expect((refused.status == 422 && refused.errors == ["/Idempotency-Key"]) == headers.contains("Idempotency-Key"), "\(operation)")
            fields[.idempotencyKey] = "a-\(example.name)"
            fields[.prefer] = "respond-async"
            let reply = try await world.call(call.method, call.path, example.body, headers: fields)
            #expect((reply.headers[.preferenceApplied] != nil) == headers.contains("Prefer"), "\(operation) \(reply.json.text)")
            let again = try await world.call(call.method, call.path, example.body, headers: fields)
            #expect((again.headers[.idempotencyReplayed] != nil) == headers.contains("Idempotency-Key"), "\(operation)")
        }
    }

    private static func text(_ value: JSON?) -> String { value?.string ?? value?.text ?? "" }
}

/// The members of bodies, as the document describes them and as examples have them.
private struct Members {
    struct Member {
        var path: [String]
        var wrong: JSON

        var pointer: String { path.map { "/" + $0 }.joined() }
    }

    private let document: APIDocument

    init(_ document: APIDocument) {
        self.document = document
    }

    /// Every member that a body may have, with `*` for indices.
    func documented(_ operation: APIDocument.Operation) -> [String] {
        let schema = operation.json["requestBody"]?["content"]?["application/json"]?["schema"] ?? [:]
        return Array(Set(names(in: schema, at: ""))).sorted()
    }

    private func names(in schema: JSON, at place: String) -> [String] {
        let whole = document.resolve(schema)
        var found: [String] = []
        for property in whole["properties"]?.object?.members ?? [] {
            // What must be null is named to say that it must not be there.
            if document.resolve(property.value)["type"] == "null" { continue }
            found.append("\(place)/\(property.key)")
            found += names(in: property.value, at: "\(place)/\(property.key)")
        }
        if let items = whole["items"], place != "" || whole["type"] == "array" { found += names(in: items, at: place + "/*") }
        for keyword in ["oneOf", "anyOf", "allOf"] { for part in whole[keyword]?.array ?? [] { found += names(in: part, at: place) } }
        return found
    }

    /// Every member that an example has, with `*` for indices.
    func names(of value: JSON, at place: String = "") -> [String] {
        switch value {
        case .object(let object): object.members.flatMap { ["\(place)/\($0.key)"] + names(of: $0.value, at: "\(place)/\($0.key)") }
        case .array(let elements): elements.flatMap { names(of: $0, at: place + "/*") }
        case .null, .bool, .number, .string: []
        }
    }

    /// The documented members of an example, each with a value of another type.
    func of(_ operation: APIDocument.Operation, in body: JSON) -> [Member] {
        let documented = Set(documented(operation))
        return members(body, [], documented)
    }

    private func members(_ value: JSON, _ path: [String], _ documented: Set<String>) -> [Member] {
        switch value {
        case .object(let object):
            object.members.flatMap { member -> [Member] in
                let here = path + [member.key]
                let name = here.map { "/" + (Int($0) == nil ? $0 : "*") }.joined()
                guard documented.contains(name) else { return [] }
                return [Member(path: here, wrong: Self.wrong(for: member.value))] + members(member.value, here, documented)
            }
        // One element is as good as another.
        case .array(let elements): elements.prefix(1).flatMap { members($0, path + ["0"], documented) }
        case .null, .bool, .number, .string: []
        }
    }

    private static func wrong(for value: JSON) -> JSON {
        switch value {
        case .string: 5
        case .null, .bool, .number, .array, .object: "x"
        }
    }

    /// The body with one element in each array on the way: a batch of several would carry on without the broken one.
    static func single(_ body: JSON, around path: [String]) -> JSON {
        guard let first = path.first else { return body }
        switch body {
        case .object(var object):
            if let member = object[first] { object[first] = single(member, around: Array(path.dropFirst())) }
            return .object(object)
        case .array(let elements): return .array(elements.prefix(1).map { single($0, around: Array(path.dropFirst())) })
        case .null, .bool, .number, .string: return body
        }
    }

    static func replacing(_ path: [String], in body: JSON, by value: JSON) -> JSON {
        guard let first = path.first else { return value }
        switch body {
        case .object(var object):
            if let member = object[first] { object[first] = replacing(Array(path.dropFirst()), in: member, by: value) }
            return .object(object)
        case .array(var elements):
            if let index = Int(first), elements.indices.contains(index) {
                elements[index] = replacing(Array(path.dropFirst()), in: elements[index], by: value)
            }
            return .array(elements)
        case .null, .bool, .number, .string: return body
        }
    }
}
