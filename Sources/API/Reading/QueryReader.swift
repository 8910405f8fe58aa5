import Domain
import Hummingbird

/// Reads the parameters of a query string as `FieldReader` reads a body: every fault is noted, and what nobody asked for is remembered.
struct QueryReader {
    private struct Parameter {
        var name: String
        var value: String
        var isAsked = false
    }

    private var parameters: [Parameter] = []
    private(set) var faults = Faults()
    private let note = Readings.note.get()

    init(_ query: String?) {
        guard let query, !query.isEmpty else { return }
        for pair in query.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentCoding.decodeForm(halves[0])
            let value = halves.count > 1 ? PercentCoding.decodeForm(halves[1]) : ""
            guard let name, let value else {
                faults.add("/" + Pointer.escape(name ?? ""), "the query is not percent-encoded UTF-8")
                continue
            }
            parameters.append(Parameter(name: name, value: value))
        }
    }

    var unknown: [String] { parameters.lazy.filter { !$0.isAsked }.map { "?" + $0.name } }

    /// The parameters that were asked for, for a link to the next page.
    var known: [(name: String, value: String)] { parameters.filter(\.isAsked).map { ($0.name, $0.value) } }

    mutating func value(_ name: String) -> String? {
        note?("?" + name)
        var found: String?
        for index in parameters.indices where parameters[index].name == name {
            if found != nil { faults.add("/" + name, "the query parameter \(name) is given more than once") }
            parameters[index].isAsked = true
            found = parameters[index].value
        }
        return found
    }

    /// Makes a parameter one that nobody has asked for after all.
    mutating func disregard(_ name: String) {
        for index in parameters.indices where parameters[index].name == name { parameters[index].isAsked = false }
    }

    mutating func fault(_ name: String, _ detail: String) {
        faults.add("/" + name, "the query parameter \(name) \(detail)")
    }

    func check() throws(Problem) {
        try faults.check()
    }
}

extension QueryReader {
    mutating func text(_ name: String, _ rule: TextRule = .id) -> String? {
        guard let text = value(name) else { return nil }
        if let detail = text.isEmpty ? "must not be empty" : rule.fault(in: text) {
            fault(name, detail)
            return nil
        }
        return text
    }

    mutating func requiredText(_ name: String, _ rule: TextRule = .id) -> String {
        let before = faults.count
        if let text = text(name, rule) { return text }
        if faults.count == before { fault(name, "is required") }
        return ""
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = value(name) else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text), range.contains(number) else {
            fault(
                name,
                range.upperBound == .max
                    ? "must be a whole number from \(range.lowerBound)" : "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func time(_ name: String) -> Timestamp? {
        guard var text = value(name) else { return nil }
        // A plus that was not encoded arrives as a space: `…T08:00:00+01:00` is what people type.
        if let space = text.lastIndex(of: " "), text.distance(from: space, to: text.endIndex) == 6 { text.replaceSubrange(space...space, with: "+") }
        guard let time = Timestamp(rfc3339: text) else {
            fault(name, "must be an RFC 3339 time such as 2026-03-26T08:00:00Z")
            return nil
        }
        return time
    }

    mutating func word<Word: RawRepresentable<String>>(_ name: String, of words: [Word]) -> Word? {
        guard let text = value(name) else { return nil }
        guard let word = words.first(where: { $0.rawValue == text }) else {
            fault(name, "must be one of \(words.map(\.rawValue).joined(separator: ", "))")
            return nil
        }
        return word
    }

    mutating func boolean(_ name: String) -> Bool? {
        guard let text = value(name) else { return nil }
        guard text == "true" || text == "false" else {
            fault(name, "must be true or false")
            return nil
        }
        return text == "true"
    }
}
