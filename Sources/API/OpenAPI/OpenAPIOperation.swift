import Domain
import HTTPTypes

/// One endpoint of the document: its folders' words, and all that its route and its method bring along.
struct OpenAPIOperation {
    private let route: RouteTable.Route
    private let parts: [OpenAPIAssembler.Part]
    private let methods: [HTTPRequest.Method]
    private let isOpen: Bool
    private let schemas: OpenAPISchemas

    /// - Parameter parts: more than one where folders share the route.
    /// - Parameter methods: all that its path answers to.
    init(
        _ route: RouteTable.Route, _ parts: [OpenAPIAssembler.Part], methods: [HTTPRequest.Method], isOpen: Bool, schemas: OpenAPISchemas
    ) {
        self.route = route
        self.parts = parts
        self.methods = methods
        self.isOpen = isOpen
        self.schemas = schemas
    }

    var json: JSON {
        var json: JSONObject = [
            "tags": .array(parts.map { .string($0.tag) }),
            "operationId": parts[0].operation["id"] ?? .null,
            "summary": .string(words("summary").map(\.text).joined(separator: "; ")),
            "description": .string(description),
            "security": security,
        ]
        if !parameters.isEmpty { json["parameters"] = .array(parameters) }
        if let body { json["requestBody"] = body }
        json["responses"] = .object(responses)
        return .object(json)
    }

    private func words(_ member: String) -> [(tag: String, text: String)] {
        parts.compactMap { part in part.operation[member]?.string.map { (part.tag, $0) } }
    }

    private var description: String {
        let texts = words("description")
        var paragraphs = texts.count > 1 ? texts.map { "**\($0.tag)**: \($0.text)" } : texts.map(\.text)
        if let roles = route.access?.roles {
            let list = roles.map { "`\($0.rawValue)`" }
            paragraphs.append("Roles: \(list.count > 1 ? list.dropLast().joined(separator: ", ") + " or " + list[list.count - 1] : list[0]).")
        }
        return paragraphs.joined(separator: "\n\n")
    }

    /// Any one of the alternatives will do; the empty one is no credential at all.
    private var security: JSON {
        guard let access = route.access else { return [] }
        let roles = JSON.array((access.roles ?? []).map { .string($0.rawValue) })
        let credentials: [JSON] = [["apiKey": roles], ["jwt": roles]]
        return .array((isOpen && access.isOpenToAnyone ? [[:]] : []) + credentials)
    }

    /// A credential is asked for, and what a repeat with the same key gets is kept.
    private var isRepeatable: Bool {
        route.access != nil && route.method == .post && !parts.contains { $0.operation["isRepeatable"]?.bool == false }
    }

    private func has(_ parameter: JSON) -> Bool { parts.contains { $0.operation["parameters"]?.array?.contains(parameter) == true } }

    private var parameters: [JSON] {
        var named: [JSON] = []
        for parameter in parts.flatMap({ $0.operation["parameters"]?.array ?? [] }) where !named.contains(parameter) { named.append(parameter) }
        if isRepeatable { named.append("Idempotency-Key") }
        return named.map { parameter in
            if let name = parameter.string { return OpenAPISchemas.reference(name, in: "parameters") }
            var whole = parameter.object ?? [:]
            if let schema = whole["schema"] { whole["schema"] = schemas.expand(schema, .parameter) }
            return .object(whole)
        }
    }
}

// What is sent.
extension OpenAPIOperation {
    private var bodies: [(tag: String, body: JSONObject)] { parts.compactMap { part in part.operation["body"]?.object.map { (part.tag, $0) } } }

    private var body: JSON? {
        guard let first = bodies.first?.body else { return nil }
        var body: JSONObject = [:]
        if let text = first["description"] { body["description"] = text }
        body["required"] = .bool(first["optional"]?.bool != true)
        if let content = first["content"]?.object {
            body["content"] = .object(
                JSONObject(members: content.members.map { .init(key: $0.key, value: media([("", $0.value.object ?? [:])], .request)) }))
        } else {
            body["content"] = ["application/json": media(bodies.map { ($0.tag, $0.body) }, .request)]
        }
        return .object(body)
    }

    /// A media type that every side has its own schema and examples of.
    private func media(_ sides: [(tag: String, media: JSONObject)], _ side: OpenAPISchemas.Side) -> JSON {
        var media: JSONObject = [:]
        let own = sides.compactMap { $0.media["schema"] }
        let entries = sides.compactMap { $0.media["list"] }
        if !entries.isEmpty {
            media["schema"] = Self.page(of: together(entries, side))
        } else if !own.isEmpty {
            media["schema"] = together(own, side)
        }
        var examples = JSONObject()
        for (tag, body) in sides {
            if let example = body["example"] { examples[tag.isEmpty ? "example" : tag] = ["value": example] }
            for example in body["examples"]?.object?.members ?? [] { examples[example.key] = ["value": example.value] }
        }
        if !examples.isEmpty { media["examples"] = .object(examples) }
        return .object(media)
    }

    /// A PUT of a record that belongs to either contract may hold both contracts' members; elsewhere the sides exclude each other.
    private func together(_ sides: [JSON], _ side: OpenAPISchemas.Side) -> JSON {
        let expanded = sides.map { schemas.expand($0, side) }
        guard expanded.count > 1 else { return expanded[0] }
        return [side == .request && route.method == .put ? "anyOf" : "oneOf": .array(expanded)]
    }

    private static func page(of entry: JSON) -> JSON {
        [
            "type": "object", "required": ["data", "pagination"],
            "properties": [
                "data": ["type": "array", "maxItems": 100, "description": "The entries of this page, newest first.", "items": entry],
                "pagination": OpenAPISchemas.reference("Pagination"),
            ],
        ]
    }
}

// What is answered.
extension OpenAPIOperation {
    private var responses: JSONObject {
        var responses = JSONObject()
        for status in statuses { responses[status] = answer(status) }
        for status in problems where responses[status] == nil { responses[status] = problem(status) }
        return JSONObject(members: responses.members.sorted { $0.key < $1.key })
    }

    private var statuses: [String] { Set(parts.flatMap { $0.operation["answers"]?.object?.members.map(\.key) ?? [] }).sorted() }

    private func answer(_ status: String) -> JSON {
        let sides = parts.compactMap { part in
            part.operation["answers"]?[status]?.object.map { (tag: part.tag, media: $0) }
        }
        var texts: [String] = []
        var names = ["X-Request-Id"] + headers(of: status)
        var hasBody = false
        for (_, media) in sides {
            if let text = media["description"]?.string, !texts.contains(text) { texts.append(text) }
            names += (media["headers"]?.array ?? []).compactMap(\.string)
            hasBody = hasBody || media["schema"] != nil || media["list"] != nil
        }
        var answer: JSONObject = ["description": .string(texts.joined(separator: " ")), "headers": Self.headers(names)]
        if hasBody {
            let type = sides[0].media["type"]?.string ?? "application/json"
            answer["content"] = .object(JSONObject(members: [.init(key: type, value: media(sides, .answer))]))
        } else if let content = sides.first?.media["content"]?.object {
            answer["content"] = .object(
                JSONObject(members: content.members.map { .init(key: $0.key, value: media([("", $0.value.object ?? [:])], .answer)) }))
        }
        return .object(answer)
    }

    /// The headers that the kind of endpoint brings along.
    private func headers(of status: String) -> [String] {
        guard status.hasPrefix("2"), route.access != nil else { return [] }
        var names = ["Warning"]
        if isRepeatable { names.append("Idempotency-Replayed") }
        if has("Prefer") { names.append("Preference-Applied") }
        if parts.contains(where: { $0.operation["answers"]?[status]?["list"] != nil }) { names.append("Link") }
        return names
    }

    /// A component's name may have a suffix behind a dot, where a header means different things in different places.
    static func headers(_ names: [String]) -> JSON {
        .object(
            JSONObject(
                members: names.map { .init(key: String($0.prefix { $0 != "." }), value: OpenAPISchemas.reference($0, in: "headers")) }))
    }

    /// What can go wrong at any endpoint of this kind, and what the folders add.
    private var problems: [String] {
        var statuses: Set = ["405", "500"]
        if route.access != nil { statuses.formUnion(["401", "403", "422", "503"]) }
        if route.path.contains(":") { statuses.formUnion(["400", "404"]) }
        if !bodies.isEmpty { statuses.formUnion(["400", "413", "415"]) }
        if isRepeatable { statuses.formUnion(["409", "413"]) }
        for part in parts { statuses.formUnion(part.operation["problems"]?.object?.members.map(\.key) ?? []) }
        return statuses.sorted()
    }

    private func problem(_ status: String) -> JSON {
        let name = status == "405" ? Self.name(allowing: methods) : OpenAPIComponents.problems[status] ?? status
        var problem = OpenAPISchemas.reference(name, in: "responses").object ?? [:]
        let texts = parts.compactMap { $0.operation["problems"]?[status]?.string }
        if !texts.isEmpty { problem["description"] = .string(texts.joined(separator: " ")) }
        return .object(problem)
    }

    /// A 405 says which methods its path has, so there is one for each set of them.
    static func name(allowing methods: [HTTPRequest.Method]) -> String { "MethodNotAllowed-" + methods.map(\.rawValue).joined(separator: "-") }

    static func refusal(allowing methods: [HTTPRequest.Method]) -> JSON {
        let list = methods.map(\.rawValue).joined(separator: ", ")
        let allow: JSON = ["description": "The methods of this path.", "required": true, "schema": ["type": "string", "const": .string(list)]]
        return [
            "description": .string("Another method: this path answers to \(list)."),
            "headers": ["X-Request-Id": OpenAPISchemas.reference("X-Request-Id", in: "headers"), "Allow": allow],
            "content": [
                "application/problem+json": [
                    "schema": OpenAPISchemas.reference("MethodProblem"),
                    "examples": [
                        "example": [
                            "value": [
                                "type": "urn:hermod:problem:method", "title": "Method not allowed", "status": 405,
                                "detail": .string("This path answers to \(list)."), "instance": "/api/v1/example",
                            ]
                        ]
                    ],
                ]
            ],
        ]
    }
}
