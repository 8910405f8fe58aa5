import Domain
import HTTPTypes
import Hummingbird
import Synchronization

@testable import API

/// `/openapi.json` as tests hold answers against it.
struct APIDocument: Sendable {
    let json: JSON
    /// What the gateway itself could not fit together.
    let faults: [String]

    struct Operation: Sendable, CustomStringConvertible {
        var method: String
        /// With parameters as `{name}`.
        var path: String
        var json: JSON

        var description: String { "\(method) \(path)" }
    }

    /// In the order of the document.
    let operations: [Operation]

    init(_ gateway: Gateway) {
        (json, faults) = gateway.document()
        operations = (json["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).map { Operation(method: $0.key.uppercased(), path: path.key, json: $0.value) }
        }
    }

    private static let known = Mutex<[Bool: APIDocument]>([:])

    /// The same for every gateway of these tests in that mode, and so made once for each.
    static func of(_ gateway: @autoclosure () -> Gateway, isOpen: Bool) -> APIDocument {
        known.withLock { known in
            if let document = known[isOpen] { return document }
            let document = APIDocument(gateway())
            known[isOpen] = document
            return document
        }
    }

    var check: SchemaCheck { SchemaCheck(document: json, isStrict: false) }

    func resolve(_ value: JSON) -> JSON { check.resolve(value) }

    /// The operations of the path that fits best: fixed words win over parameters.
    func operations(at path: String) -> [Operation] {
        let segments = path.prefix { $0 != "?" }.split(separator: "/")
        func fixedWords(_ template: String) -> Int? {
            let parts = template.split(separator: "/")
            guard parts.count == segments.count, zip(parts, segments).allSatisfy({ $0.hasPrefix("{") || $0 == $1 }) else { return nil }
            return zip(parts, segments).count { $0 == $1 }
        }
        let fitting = operations.compactMap { operation in fixedWords(operation.path).map { (operation, $0) } }
        let best = fitting.map(\.1).max()
        return fitting.filter { $0.1 == best }.map(\.0)
    }

    func parameters(_ operation: Operation, in place: String) -> [JSON] {
        (operation.json["parameters"]?.array ?? []).map(resolve).filter { $0["in"]?.string == place }
    }

    /// Every body that the operation takes, by media type.
    func bodies(_ operation: Operation) -> [(type: String, media: JSON)] {
        (operation.json["requestBody"]?["content"]?.object?.members ?? []).map { ($0.key, $0.value) }
    }
}

// Answers.
extension APIDocument {
    /// Headers of HTTP itself, and those that every answer has.
    private static let general: Set<HTTPField.Name> = [
        .contentType, .contentLength, .date, .transferEncoding, .connection, .cacheControl, .xContentTypeOptions,
    ]

    /// What of an answer is not as the document says.
    func faults(_ reply: Reply, to method: HTTPRequest.Method, _ path: String) -> [String] {
        let candidates = operations(at: path)
        let isHead = method == .head
        let response: JSON?
        if candidates.isEmpty {
            response = reply.status == 404 ? json["components"]?["responses"]?["NotFound"] : nil
        } else if let operation = candidates.first(where: { $0.method == (isHead ? "GET" : method.rawValue) }) {
            response = operation.json["responses"]?[String(reply.status)]
        } else {
            response = reply.status == 405 ? candidates[0].json["responses"]?["405"] : nil
        }
        guard let response else { return ["the status \(reply.status) is not documented"] }
        let whole = resolve(response)
        return faults(of: reply.headers, whole) + (isHead ? [] : faults(ofBody: reply, whole))
    }

    private func faults(of fields: HTTPFields, _ response: JSON) -> [String] {
        let strict = SchemaCheck(document: json, isStrict: true)
        var faults: [String] = []
        var documented = Self.general
        for header in response["headers"]?.object?.members ?? [] {
            let whole = resolve(header.value)
            guard let name = HTTPField.Name(header.key) else { continue }
            documented.insert(name)
            if let value = fields[name] {
                faults += strict.faults(.string(value), whole["schema"] ?? [:], at: "header \(header.key)")
            } else if whole["required"]?.bool == true {
                faults.append("the header \(header.key) is missing")
            }
        }
        return faults + fields.filter { !documented.contains($0.name) }.map { "the header \($0.name) is not documented" }
    }

    private func faults(ofBody reply: Reply, _ response: JSON) -> [String] {
        let given = reply.headers[.contentType].map { String($0.prefix { $0 != ";" }) }
        guard let content = response["content"]?.object else {
            return reply.json == .null ? [] : ["there is a body of \(given ?? "no type"), and none is documented"]
        }
        guard let given, let media = content[given] else { return ["the body is of \(given ?? "no type"), not \(content.members.map(\.key))"] }
        return SchemaCheck(document: json, isStrict: true).faults(reply.json, media["schema"] ?? [:])
    }
}

// Requests.
extension APIDocument {
    /// What handlers have asked for and the document does not know.
    func unknown(_ readings: [String: Set<String>]) -> [String] {
        readings.sorted { $0.key < $1.key }.flatMap { endpoint, names -> [String] in
            let words = endpoint.split(separator: " ")
            let path = OpenAPIAssembler.template(String(words[1]))
            guard let operation = operations.first(where: { $0.method == words[0] && $0.path == path }) else {
                return ["\(endpoint) is not documented"]
            }
            return names.sorted().filter { !knows($0, operation) }.map { "\(endpoint) reads \($0), which is not documented" }
        }
    }

    private func knows(_ name: String, _ operation: Operation) -> Bool {
        if name.hasPrefix("?") { return parameters(operation, in: "query").contains { $0["name"]?.string == String(name.dropFirst()) } }
        let segments = name.split(separator: "/").map(String.init)[...]
        return bodies(operation).contains { knows(segments, $0.media["schema"] ?? [:]) }
    }

    private func knows(_ segments: ArraySlice<String>, _ schema: JSON) -> Bool {
        guard let first = segments.first else { return true }
        let whole = resolve(schema)
        if first == "*"
            ? whole["items"].map({ knows(segments.dropFirst(), $0) }) == true
            : whole["properties"]?[first].map({ knows(segments.dropFirst(), $0) }) == true
        {
            return true
        }
        return ["oneOf", "anyOf", "allOf"].contains { (whole[$0]?.array ?? []).contains { knows(segments, $0) } }
    }
}
