import Domain

/// Reads the members of one JSON object, notes everything that is wrong with them, and remembers which ones nobody asked for.
///
/// A member that is `null` counts as absent. What is faulty reads as absent or empty; `faults` decides whether anything comes of the reading.
struct FieldReader {
    private let members: [JSONObject.Member]
    private let place: Pointer
    private var asked: Set64
    private(set) var faults = Faults()
    private var unknownBelow: [String] = []
    private let note = Readings.note.get()

    init(_ object: JSONObject, at place: Pointer = .root) {
        members = object.members
        self.place = place
        asked = Set64()
    }

    /// Pointers of the members that no call has named.
    var unknown: [String] {
        members.indices.lazy.filter { !asked.contains($0) }.map { place.text(members[$0].key) } + unknownBelow
    }

    /// The member, where it is there and not null.
    mutating func value(_ name: String) -> JSON? {
        note?("\(place.pattern)/\(name)")
        var found: JSON?
        for index in members.indices where members[index].key == name {
            asked.insert(index)
            found = members[index].value
        }
        return found == .null ? nil : found
    }

    mutating func fault(_ name: String, _ detail: @autoclosure () -> String) {
        faults.add(place.text(name), detail())
    }

    /// A fault deep inside a member.
    mutating func fault(_ name: String, below path: [String], _ detail: String) {
        faults.add(path.reduce(place.text(name)) { $0 + "/" + Pointer.escape($1) }, detail)
    }

    /// Takes over what another reader has found in a part of the same body.
    mutating func absorb(_ other: Faults) {
        faults.add(other)
    }

    /// Takes over everything that a reader of a member leaves behind.
    mutating func absorb(_ inner: FieldReader) {
        faults.add(inner.faults)
        unknownBelow += inner.unknown
    }

    func check() throws(Problem) {
        try faults.check()
    }
}

extension FieldReader {
    mutating func text(_ name: String, _ rule: TextRule) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { return wrong(name, value, wanted: "a string") }
        if let detail = rule.fault(in: text) {
            fault(name, detail)
            return nil
        }
        return text
    }

    /// A text that has to be there and to say something.
    mutating func requiredText(_ name: String, _ rule: TextRule) -> String {
        let before = faults.count
        guard let text = text(name, rule) else {
            if faults.count == before { fault(name, "is required") }
            return ""
        }
        if text.isEmpty { fault(name, "must not be empty") }
        return text
    }

    mutating func object(_ name: String) -> JSONObject? {
        guard let value = value(name) else { return nil }
        guard case .object(let object) = value else { return wrong(name, value, wanted: "an object") }
        return object
    }

    mutating func array(_ name: String) -> [JSON]? {
        guard let value = value(name) else { return nil }
        guard case .array(let elements) = value else { return wrong(name, value, wanted: "an array") }
        return elements
    }

    /// An array that has to be there, with 1 to `limit` elements.
    mutating func requiredArray(_ name: String, limit: Int) -> [JSON] {
        let before = faults.count
        guard let elements = array(name) else {
            if faults.count == before { fault(name, "is required") }
            return []
        }
        if elements.isEmpty || elements.count > limit { fault(name, "must have 1 to \(limit) elements, not \(elements.count)") }
        return elements
    }

    mutating func time(_ name: String) -> Timestamp? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { return wrong(name, value, wanted: "a string with an RFC 3339 time") }
        guard let time = Timestamp(rfc3339: text) else {
            fault(name, "must be an RFC 3339 time such as 2026-03-26T08:00:00Z")
            return nil
        }
        return time
    }

    mutating func boolean(_ name: String) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let flag) = value else { return wrong(name, value, wanted: "true or false") }
        return flag
    }

    /// A whole number that has to be there; the range's lower bound stands in for it while the faults are gathered.
    mutating func requiredInteger(_ name: String, in range: ClosedRange<Int>) -> Int {
        let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let value = value(name) else {
            fault(name, "is required: \(wanted)")
            return range.lowerBound
        }
        guard case .number = value else { return wrong(name, value, wanted: wanted) ?? range.lowerBound }
        guard let number = value.integer.flatMap(Int.init(exactly:)), range.contains(number) else {
            fault(name, "must be \(wanted)")
            return range.lowerBound
        }
        return number
    }

    /// One of a few words.
    mutating func word<Word: RawRepresentable<String>>(_ name: String, of words: [Word]) -> Word? {
        guard let value = value(name) else { return nil }
        guard case .string(let text) = value else { return wrong(name, value, wanted: "a string") }
        guard let word = words.first(where: { $0.rawValue == text }) else {
            fault(name, "must be one of \(words.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return word
    }

    /// One of a few words that has to be there; `otherwise` stands in for it while the faults are gathered.
    mutating func requiredWord<Word: RawRepresentable<String>>(_ name: String, of words: [Word], otherwise: Word) -> Word {
        let before = faults.count
        if let word = word(name, of: words) { return word }
        if faults.count == before { fault(name, "is required: one of \(words.map(\.rawValue).joined(separator: ", "))") }
        return otherwise
    }

    private mutating func wrong<T>(_ name: String, _ value: JSON, wanted: String) -> T? {
        fault(name, "must be \(wanted), not \(value.kind)")
        return nil
    }
}

extension JSON {
    /// What the value is, for a sentence.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// A set of small integers: one word for objects of up to 64 members, which is all of them but the odd one.
private struct Set64 {
    private var low: UInt64 = 0
    private var rest: Set<Int> = []

    func contains(_ index: Int) -> Bool {
        index < 64 ? low & (1 << UInt64(index)) != 0 : rest.contains(index)
    }

    mutating func insert(_ index: Int) {
        if index < 64 { low |= 1 << UInt64(index) } else { rest.insert(index) }
    }
}
