import Domain
import HTTPTypes
import Testing

@testable import API

/// `/openapi.json` by itself: whole, sound, and true to the contracts.
struct OpenAPIFormTests {
    @Test func `every route has its description, and every description its route`() async throws {
        try await withWorld(isServing: false) { world in
            #expect(world.document.faults == [])
            #expect(world.document.operations.count > 20)
        }
    }

    @Test func `the document is served, and not again to who has it`() async throws {
        try await withWorld(isServing: false) { world in
            let first = try await world.call(.get, "/openapi.json")
            #expect(first.json == world.document.json)
            #expect(first.headers[.cacheControl] == "no-cache")
            let tag = try #require(first.headers[.eTag])
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let again = try await world.call(.get, "/openapi.json", headers: [.ifNoneMatch: known])
                #expect(again.status == 304)
                #expect(again.json == .null)
                #expect(again.headers[.eTag] == tag)
            }
            #expect(try await world.call(.get, "/openapi.json", headers: [.ifNoneMatch: "\"x\""]).status == 200)
        }
    }

    @Test func `every operation, parameter and member is named and described`() async throws {
        try await withWorld(isServing: false) { world in
            let document = world.document
            let ids = document.operations.compactMap { $0.json["operationId"]?.string }
            #expect(ids.count == document.operations.count)
            #expect(Set(ids).count == ids.count)
            for operation in document.operations {
                for member in ["summary", "description"] { #expect(operation.json[member]?.string?.isEmpty == false, "\(operation) \(member)") }
                for parameter in (operation.json["parameters"]?.array ?? []).map(document.resolve) {
                    #expect(parameter["description"]?.string?.isEmpty == false, "\(operation) \(parameter.text)")
                    #expect(parameter["schema"] != nil, "\(operation) \(parameter.text)")
                }
                let template = Set(operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) })
                #expect(Set(document.parameters(operation, in: "path").compactMap { $0["name"]?.string }) == template, "\(operation)")
                for (type, media) in document.bodies(operation) { #expect(media["examples"]?.object?.isEmpty == false, "\(operation) \(type)") }
            }
            Walk(document.json).schemas { schema, place in
                for keyword in schema.members.map(\.key) {
                    #expect(SchemaCheck.annotations.union(SchemaCheck.assertions).contains(keyword), "\(place): \(keyword)")
                }
                for property in schema["properties"]?.object?.members ?? [] {
                    let isPrecondition = place.contains("/anyOf/")
                    #expect(
                        isPrecondition || property.value["anyOf"] != nil || property.value["description"]?.string?.isEmpty == false
                            || property.value["$ref"] != nil,
                        "\(place)/\(property.key)")
                }
            }
        }
    }

    @Test func `every reference leads somewhere, and every component is used`() async throws {
        try await withWorld(isServing: false) { world in
            var used: Set<String> = []
            Walk(world.document.json).references { used.insert($0) }
            for reference in used { #expect(world.document.resolve(["$ref": .string(reference)]) != .null, "\(reference)") }
            var all: Set<String> = []
            for section in world.document.json["components"]?.object?.members ?? [] where section.key != "securitySchemes" {
                for component in section.value.object?.members ?? [] { all.insert("#/components/\(section.key)/\(component.key)") }
            }
            #expect(all.subtracting(used) == [])
        }
    }

    @Test func `every example fits its schema`() async throws {
        try await withWorld(isServing: false) { world in
            let document = world.document
            let strict = SchemaCheck(document: document.json, isStrict: true)
            var count = 0
            Walk(document.json).examples { example, schema, place in
                count += 1
                #expect(strict.faults(example, schema) == [], "\(place)")
            }
            #expect(count > 100)
        }
    }

    @Test(arguments: ContractEndpoint.all)
    func `the contracts' examples stand in it word for word`(endpoint: ContractEndpoint) async throws {
        try await withWorld(isServing: false) { world in
            let document = world.document
            let path = OpenAPIAssembler.template(endpoint.path)
            let operation = try #require(document.operations.first { $0.method == endpoint.method.rawValue && $0.path == path })
            let tags = operation.json["tags"]?.array ?? []
            #expect(tags.contains(.string(endpoint.contract.rawValue)))
            func examples(_ media: JSON?) -> [JSON] { (media?["examples"]?.object?.members ?? []).compactMap { $0.value["value"] } }
            if let request = endpoint.request, !request.isNull {
                let requests = document.bodies(operation).flatMap { examples($0.media) }
                #expect(requests.contains(request))
            }
            let answers = (operation.json["responses"]?.object?.members ?? []).filter { $0.key.hasPrefix("2") }
            let responses = answers.flatMap { examples($0.value["content"]?["application/json"]) }
            #expect(responses.contains(endpoint.response))
            let roles = operation.json["security"]?.array?.last?["jwt"]?.array?.compactMap(\.string)
            #expect(roles == endpoint.roles.map(\.rawValue))
            let alternatives = operation.json["security"]?.array ?? []
            #expect(alternatives.contains([:]) == endpoint.roles.isEmpty)
        }
    }
}

/// Goes through a document.
private struct Walk {
    private let document: JSON

    init(_ document: JSON) {
        self.document = document
    }

    func references(_ found: (String) -> Void) {
        each(document, "") { value, _ in
            if let reference = value["$ref"]?.string { found(reference) }
        }
    }

    /// Every schema, wherever it stands.
    func schemas(_ found: (JSONObject, String) -> Void) {
        each(document, "") { value, place in
            if let schema = value["schema"] { schemas(schema, place + "/schema", found) }
        }
        for component in document["components"]?["schemas"]?.object?.members ?? [] { schemas(component.value, "/" + component.key, found) }
    }

    private func schemas(_ schema: JSON, _ place: String, _ found: (JSONObject, String) -> Void) {
        guard let object = schema.object else { return }
        found(object, place)
        for keyword in object.members {
            switch keyword.key {
            case "properties": for member in keyword.value.object?.members ?? [] { schemas(member.value, "\(place)/\(member.key)", found) }
            case "items", "propertyNames", "additionalProperties": schemas(keyword.value, "\(place)/\(keyword.key)", found)
            case "oneOf", "anyOf", "allOf":
                for (index, part) in (keyword.value.array ?? []).enumerated() { schemas(part, "\(place)/\(keyword.key)/\(index)", found) }
            default: continue
            }
        }
    }

    /// Every example with its schema.
    func examples(_ found: (JSON, JSON, String) -> Void) {
        each(document, "") { value, place in
            guard let schema = value["schema"] else { return }
            if let example = value["example"] { found(example, schema, place) }
            for example in value["examples"]?.object?.members ?? [] { found(example.value["value"] ?? .null, schema, "\(place)/\(example.key)") }
        }
        schemas { schema, place in
            for example in schema["examples"]?.array ?? [] { found(example, .object(schema), place) }
        }
    }

    /// Everything but examples, which may hold anything.
    private func each(_ value: JSON, _ place: String, _ found: (JSON, String) -> Void) {
        found(value, place)
        for member in value.object?.members ?? [] where member.key != "example" && member.key != "examples" {
            each(member.value, "\(place)/\(member.key)", found)
        }
        for (index, element) in (value.array ?? []).enumerated() { each(element, "\(place)/\(index)", found) }
    }
}
