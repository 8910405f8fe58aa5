import Domain

/// Writes schemas out in full: names become references, shorthands what they stand for.
struct OpenAPISchemas {
    enum Side {
        /// What is sent: what is not required may be null.
        case request
        /// What is answered: what is not optional is required.
        case answer
        /// As it stands.
        case parameter
    }

    /// Members that schemas take over by name.
    var spreads: [String: JSONObject] = [:]

    static func reference(_ name: String, in section: String = "schemas") -> JSON {
        ["$ref": .string(name.hasPrefix("#") ? name : "#/components/\(section)/\(name)")]
    }

    func expand(_ schema: JSON, _ side: Side) -> JSON {
        switch schema {
        case .string(let name): return Self.reference(name)
        case .object(let object): return .object(expand(object, side))
        case .null, .bool, .number, .array: return schema
        }
    }

    private func expand(_ schema: JSONObject, _ side: Side) -> JSONObject {
        var out = JSONObject()
        let properties = properties(of: schema, side)
        for member in schema.members {
            switch member.key {
            case "$ref": out.members += Self.reference(member.value.string ?? "").object?.members ?? []
            case "properties": out["properties"] = properties.map(JSON.object)
            case "optional", "spread": continue
            case "items", "propertyNames", "additionalProperties": out[member.key] = expand(member.value, side)
            case "oneOf", "anyOf", "allOf": out[member.key] = .array((member.value.array ?? []).map { expand($0, side) })
            default: out.members.append(member)
            }
        }
        if side == .answer, let properties, out["required"] == nil {
            let optional = Set((schema["optional"]?.array ?? []).compactMap(\.string))
            let required = properties.members.map(\.key).filter { !optional.contains($0) }
            if !required.isEmpty { out["required"] = .array(required.map(JSON.string)) }
        }
        return out
    }

    private func properties(of schema: JSONObject, _ side: Side) -> JSONObject? {
        guard let own = schema["properties"]?.object else { return nil }
        var members = own.members
        for taken in (schema["spread"]?.array ?? []).compactMap(\.string).flatMap({ spreads[$0]?.members ?? [] })
        where !members.contains(where: { $0.key == taken.key }) {
            members.append(taken)
        }
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        return JSONObject(
            members: members.map { member in
                let expanded = expand(member.value, side)
                let isNullable = side == .request && !required.contains(member.key)
                return .init(key: member.key, value: isNullable ? nullable(expanded) : expanded)
            })
    }

    /// `FieldReader` takes null for absent.
    private func nullable(_ schema: JSON) -> JSON {
        guard var object = schema.object else { return schema }
        if let type = object["type"] {
            let types = type.array ?? [type]
            if !types.contains("null") { object["type"] = .array(types + ["null"]) }
            if let words = object["enum"]?.array, !words.contains(.null) { object["enum"] = .array(words + [.null]) }
            return .object(object)
        }
        guard let reference = object["$ref"] else { return schema }
        object["$ref"] = nil
        return .object(JSONObject(members: [.init(key: "anyOf", value: [["$ref": reference], ["type": "null"]])] + object.members))
    }
}
