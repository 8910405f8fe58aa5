import Domain

extension FieldReader {
    /// The `data` that goes to the app untouched. Only its texts are looked at: control characters are refused everywhere.
    mutating func data(_ name: String = "data") -> JSONObject? {
        guard let object = object(name) else { return nil }
        if let found = Self.fault(in: .object(object)) { fault(name, below: found.path, found.detail) }
        return object
    }

    private static let anyText = TextRule(limit: .max, lines: .many)

    private static func fault(in value: JSON) -> (path: [String], detail: String)? {
        switch value {
        case .null, .bool, .number: return nil
        case .string(let text):
            return anyText.fault(in: text).map { ([], $0) }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if let found = fault(in: element) { return ([String(index)] + found.path, found.detail) }
            }
            return nil
        case .object(let object):
            for member in object.members {
                if let detail = anyText.fault(in: member.key) { return ([member.key], "the name \(detail)") }
                if let found = fault(in: member.value) { return ([member.key] + found.path, found.detail) }
            }
            return nil
        }
    }
}
