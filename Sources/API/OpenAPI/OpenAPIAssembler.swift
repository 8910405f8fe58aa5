import Domain
import HTTPTypes

/// Makes the OpenAPI document: what the folders say about their endpoints, and what follows from the route table.
///
/// Never fails: what does not fit together is left out and told in `faults`, which the tests want empty.
struct OpenAPIAssembler {
    /// One folder's side of an endpoint.
    struct Part {
        var tag: String
        var operation: JSONObject
    }

    private(set) var faults: [String] = []
    private var schemas = OpenAPISchemas()
    private var tags: [JSON] = []
    /// By endpoint, as `METHOD /path/:parameter`.
    private var parts: [String: [Part]] = [:]
    private var components: [String: JSONObject] = [:]
    /// Where no credential is sent, endpoints that are open to anyone answer nevertheless.
    private let isOpen: Bool

    init(_ fragments: [OpenAPIFragment], isOpen: Bool) {
        self.isOpen = isOpen
        let folders = ([OpenAPIComponents.fragment] + fragments).compactMap { read($0) }
        for folder in folders {
            for spread in folder["spreads"]?.object?.members ?? [] { schemas.spreads[spread.key] = spread.value.object }
        }
        for folder in folders { add(folder) }
    }

    /// The document of these routes.
    mutating func document(_ routes: [RouteTable.Route], version: String) -> JSON {
        var paths = JSONObject()
        var described: Set<String> = []
        for route in routes {
            let endpoint = "\(route.method.rawValue) \(route.path)"
            guard let sides = parts[endpoint] else {
                faults.append("no description of \(endpoint)")
                continue
            }
            described.insert(endpoint)
            let path = Self.template(route.path)
            let methods = Self.methods(of: route.path, in: routes)
            var item = paths[path]?.object ?? [:]
            let operation = OpenAPIOperation(route, sides, methods: methods, isOpen: isOpen, schemas: schemas)
            item[route.method.rawValue.lowercased()] = operation.json
            paths[path] = .object(item)
            components["responses", default: [:]][OpenAPIOperation.name(allowing: methods)] = OpenAPIOperation.refusal(allowing: methods)
        }
        faults += parts.keys.filter { !described.contains($0) }.sorted().map { "no route for the description of \($0)" }
        var head = OpenAPIComponents.head
        head["info"] = OpenAPIComponents.info(version: version)
        head["tags"] = .array(tags)
        head["paths"] = .object(paths)
        let sections = ["schemas", "parameters", "headers", "responses", "securitySchemes"]
        head["components"] = .object(
            JSONObject(members: sections.compactMap { name in components[name].map { .init(key: name, value: .object($0)) } }))
        return .object(head)
    }

    private mutating func read(_ fragment: OpenAPIFragment) -> JSONObject? {
        do {
            let text = fragment.text
            let document = try JSON(parsing: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
            if let object = document.object { return object }
            faults.append("a description is no object")
        } catch {
            faults.append("a description is no JSON: \(error)")
        }
        return nil
    }

    private mutating func add(_ folder: JSONObject) {
        let tag = folder["tag"]?.string ?? ""
        if let about = folder["about"] { tags.append(["name": .string(tag), "description": about]) }
        for member in folder["operations"]?.object?.members ?? [] {
            parts[member.key, default: []].append(Part(tag: tag, operation: member.value.object ?? [:]))
        }
        for member in folder["requests"]?.object?.members ?? [] { put(member.key, schemas.expand(member.value, .request), in: "schemas") }
        for member in folder["schemas"]?.object?.members ?? [] { put(member.key, schemas.expand(member.value, .answer), in: "schemas") }
        for section in ["parameters", "headers", "responses", "securitySchemes"] {
            for member in folder[section]?.object?.members ?? [] { put(member.key, Self.expanded(member.value, schemas), in: section) }
        }
    }

    private mutating func put(_ name: String, _ value: JSON, in section: String) {
        if components[section]?[name] != nil { faults.append("two \(section) are called \(name)") }
        components[section, default: [:]].members.append(.init(key: name, value: value))
    }

    /// A component that has schemas somewhere inside.
    private static func expanded(_ component: JSON, _ schemas: OpenAPISchemas) -> JSON {
        guard var object = component.object else { return component }
        if let schema = object["schema"] { object["schema"] = schemas.expand(schema, .parameter) }
        if let headers = object["headers"]?.array {
            object["headers"] = OpenAPIOperation.headers(headers.compactMap(\.string))
        }
        if let content = object["content"]?.object {
            object["content"] = .object(
                JSONObject(members: content.members.map { .init(key: $0.key, value: expanded($0.value, schemas)) }))
        }
        return .object(object)
    }

    /// `/a/:id` as `/a/{id}`.
    static func template(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { $0.hasPrefix(":") ? "{\($0.dropFirst())}" : String($0) }
            .joined(separator: "/")
    }

    private static func methods(of path: String, in routes: [RouteTable.Route]) -> [HTTPRequest.Method] {
        routes.filter { $0.path == path }.flatMap { $0.method == .get ? [.get, .head] : [$0.method] }
    }
}
