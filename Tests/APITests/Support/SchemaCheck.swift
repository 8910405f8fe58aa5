import Domain
import Synchronization

@testable import API

/// Holds values against JSON Schemas (2020-12), as far as `/openapi.json` uses them. A keyword that it does not know is a fault.
struct SchemaCheck: Sendable {
    /// Where references point into.
    let document: JSON
    /// True: a member that no schema names is a fault, unless the object is free to have any.
    let isStrict: Bool

    /// Keywords that say nothing about values.
    static let annotations: Set = ["description", "title", "default", "examples", "example", "deprecated"]
    static let assertions: Set = [
        "$ref", "type", "enum", "const", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "uniqueItems",
        "items",
        "properties", "propertyNames", "required", "additionalProperties", "oneOf", "anyOf", "allOf",
    ]

    /// What is wrong with a value, each with its place.
    func faults(_ value: JSON, _ schema: JSON, at place: String = "") -> [String] {
        let result = check(value, schema, place)
        guard isStrict, !result.isFree, case .object(let object) = value else { return result.faults }
        return result.faults + object.members.filter { !result.known.contains($0.key) }.map { "\(place)/\($0.key): is not documented" }
    }

    func resolve(_ schema: JSON) -> JSON {
        guard let reference = schema["$ref"]?.string else { return schema }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }

    private struct Result {
        var faults: [String] = []
        /// Members that a schema names.
        var known: Set<String> = []
        /// Whether any other member may be there.
        var isFree = false

        mutating func take(_ other: Result) {
            faults += other.faults
            known.formUnion(other.known)
            isFree = isFree || other.isFree
        }
    }

    private func check(_ value: JSON, _ schema: JSON, _ place: String) -> Result {
        var result = Result()
        guard let keywords = schema.object else {
            result.faults.append("\(place): a schema that is no object: \(schema.text)")
            return result
        }
        for keyword in keywords.members { check(value, keyword.key, keyword.value, keywords, place, &result) }
        return result
    }

    private func check(_ value: JSON, _ keyword: String, _ argument: JSON, _ schema: JSONObject, _ place: String, _ result: inout Result) {
        func expect(_ condition: Bool, _ fault: @autoclosure () -> String) {
            if !condition { result.faults.append("\(place): \(fault())") }
        }
        switch keyword {
        case "$ref": result.take(check(value, resolve(["$ref": argument]), place))
        case "type":
            let types = (argument.array ?? [argument]).compactMap(\.string)
            expect(types.contains { Self.isType(value, $0) }, "is \(value.kind), not \(types.joined(separator: " or "))")
        case "enum": expect(argument.array?.contains { Self.areEqual($0, value) } == true, "\(value.text) is none of \(argument.text)")
        case "const": expect(Self.areEqual(argument, value), "\(value.text) is not \(argument.text)")
        case "pattern":
            if let text = value.string { expect(Patterns.matches(text, argument.string ?? ""), "\(text) does not match \(argument.text)") }
        case "format":
            if let text = value.string { expect(Self.hasFormat(text, argument.string ?? ""), "\(text) is no \(argument.text)") }
        case "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems":
            expect(Self.isWithin(value, keyword, argument), "\(keyword) \(argument.text) is broken")
        case "uniqueItems":
            let elements = value.array ?? []
            expect(argument == false || Set(elements).count == elements.count, "has equal elements")
        case "items":
            for (index, element) in (value.array ?? []).enumerated() { result.faults += faults(element, argument, at: "\(place)/\(index)") }
        case "required":
            for name in (argument.array ?? []).compactMap(\.string) where value.object != nil { expect(value[name] != nil, "has no \(name)") }
        case "properties":
            for property in argument.object?.members ?? [] {
                result.known.insert(property.key)
                if let member = value[property.key] { result.faults += faults(member, property.value, at: "\(place)/\(property.key)") }
            }
        case "propertyNames":
            for member in value.object?.members ?? [] { result.faults += faults(.string(member.key), argument, at: "\(place)/\(member.key)") }
        case "additionalProperties":
            if let isFree = argument.bool { result.isFree = result.isFree || isFree }
            let named = Set(schema["properties"]?.object?.members.map(\.key) ?? [])
            for member in value.object?.members ?? [] where !named.contains(member.key) {
                if argument.bool == false { result.faults.append("\(place)/\(member.key): is not allowed") }
                guard argument.object != nil else { continue }
                result.known.insert(member.key)
                result.faults += faults(member.value, argument, at: "\(place)/\(member.key)")
            }
        case "allOf": for part in argument.array ?? [] { result.take(check(value, part, place)) }
        case "anyOf", "oneOf":
            let branches = (argument.array ?? []).map { check(value, $0, place) }
            let fitting = branches.filter(\.faults.isEmpty)
            for branch in fitting { result.take(branch) }
            if fitting.isEmpty {
                let reasons = branches.map { $0.faults.joined(separator: ", ") }
                result.faults.append("\(place): fits no branch: \(reasons.joined(separator: " | "))")
            }
            expect(keyword == "anyOf" || fitting.count < 2, "fits \(fitting.count) branches of oneOf")
        default: expect(Self.annotations.contains(keyword), "the keyword \(keyword) is not known to these tests")
        }
    }

    private static func isType(_ value: JSON, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.bool, "boolean"), (.number, "number"), (.string, "string"), (.array, "array"), (.object, "object"): true
        case (.number, "integer"): value.integer != nil
        default: false
        }
    }

    private static func areEqual(_ a: JSON, _ b: JSON) -> Bool {
        if case .number = a, case .number = b { return a.double == b.double }
        return a == b
    }

    private static func isWithin(_ value: JSON, _ keyword: String, _ argument: JSON) -> Bool {
        guard let bound = argument.double else { return false }
        switch (keyword, value) {
        case ("minLength", .string(let text)): return Double(text.unicodeScalars.count) >= bound
        case ("maxLength", .string(let text)): return Double(text.unicodeScalars.count) <= bound
        case ("minItems", .array(let elements)): return Double(elements.count) >= bound
        case ("maxItems", .array(let elements)): return Double(elements.count) <= bound
        case ("minimum", .number): return (value.double ?? .nan) >= bound
        case ("maximum", .number): return (value.double ?? .nan) <= bound
        default: return true
        }
    }

    private static func hasFormat(_ text: String, _ format: String) -> Bool {
        switch format {
        case "date-time": Timestamp(rfc3339: text) != nil
        case "date": Timestamp(rfc3339: text + "T00:00:00Z") != nil
        default: false
        }
    }
}

/// Compiled patterns: a page of a hundred entries asks for the same few again and again.
private enum Patterns {
    private struct Compiled: @unchecked Sendable {
        // A `Regex` without transformations is a value that is only read.
        let regex: Regex<AnyRegexOutput>
    }

    private static let compiled = Mutex<[String: Compiled]>([:])

    static func matches(_ text: String, _ pattern: String) -> Bool {
        let regex = compiled.withLock { compiled -> Compiled? in
            if let known = compiled[pattern] { return known }
            guard let regex = try? Regex(pattern) else { return nil }
            let one = Compiled(regex: regex.matchingSemantics(.unicodeScalar))
            compiled[pattern] = one
            return one
        }
        guard let regex else { return false }
        return (try? regex.regex.firstMatch(in: text)) != nil
    }
}
