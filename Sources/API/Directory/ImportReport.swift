import Domain

/// What an import has come to so far.
struct ImportReport: Sendable {
    /// Faults that are told one by one: more would make the answer as long as the file.
    static let mostErrors = 1_000

    private(set) var imported = 0
    private(set) var failed = 0
    private var errors: [(line: Int, detail: String)] = []

    mutating func count(imported lines: Int) { imported += lines }

    mutating func fail(_ line: Int, _ detail: String) {
        failed += 1
        if errors.count < Self.mostErrors { errors.append((line, detail)) }
    }

    var json: JSON {
        var answer: JSONObject = ["imported": .integer(imported), "failed": .integer(failed)]
        // A chunk is judged line by line and then written: its faults are found in two rounds.
        answer["errors"] = .array(
            errors.sorted { $0.line < $1.line }.map { ["line": .integer($0.line), "detail": .string($0.detail)] })
        if failed > errors.count { answer["errors_omitted"] = .integer(failed - errors.count) }
        return .object(answer)
    }
}
