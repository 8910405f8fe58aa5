import Domain

/// From a record of an import to the entry that it says, or to everything that is wrong with it.
struct ImportLine: Sendable {
    /// The names of a CSV file's header; nil for NDJSON.
    private var columns: [String]?
    /// Members and columns that nobody has asked for: they are told once for the whole import.
    private(set) var unknown: [String] = []
    private var isUnknown: Set<String> = []

    /// For NDJSON.
    init() {}

    /// For CSV, from its header line; every fault of it is told, for no line could be read without it.
    init(header: ImportRecord) throws(Problem) {
        var faults = Faults()
        let names = header.fault == nil ? CSVFields.read(header.bytes)?.map(Self.trimmed) : nil
        if let names {
            if !names.contains("kind") { faults.add("", "the header line must name the column kind, and the columns of the kinds that follow") }
            for name in Set(names.filter { name in names.count { $0 == name } > 1 }).sorted() {
                faults.add("", "the header line names the column \(Printable.quoted(name)) more than once")
            }
        } else {
            faults.add("", "the header line " + (header.fault ?? "is not UTF-8"))
        }
        try faults.check()
        columns = names
    }

    enum Reading: Sendable {
        case entry(DirectoryEntry)
        case faulty(String)
    }

    mutating func read(_ record: ImportRecord) -> Reading {
        if let fault = record.fault { return .faulty(fault) }
        switch object(record.bytes) {
        case .success(let object): return read(object)
        case .failure(let refusal): return .faulty(refusal.detail)
        }
    }

    private mutating func read(_ object: JSONObject) -> Reading {
        var reader = FieldReader(object)
        let kind = reader.word("kind", of: DirectoryEntry.Kind.allCases)
        guard let kind else {
            if reader.faults.isEmpty {
                reader.fault("kind", "is required: one of \(DirectoryEntry.Kind.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return .faulty(Self.words(reader.faults))
        }
        let entry = EntryReader.entry(kind, &reader)
        guard reader.faults.isEmpty else { return .faulty(Self.words(reader.faults)) }
        for name in reader.unknown where unknown.count < 32 && isUnknown.insert(name).inserted { unknown.append(name) }
        return .entry(entry)
    }

    private static func words(_ faults: Faults) -> String {
        let shown = 10
        let words = faults.list.prefix(shown).map { "\($0.pointer): \($0.detail)" }.joined(separator: "; ")
        return faults.count > shown ? "\(words); and \(faults.count - shown) more" : words
    }
}

extension ImportLine {
    private struct Refusal: Error {
        var detail: String
    }

    private func object(_ bytes: [UInt8]) -> Result<JSONObject, Refusal> {
        if let columns { return cells(bytes, columns) }
        do {
            let json = try JSON(parsing: bytes)
            guard case .object(let object) = json else { return .failure(Refusal(detail: "must be a JSON object, not \(json.kind)")) }
            return .success(object)
        } catch {
            return .failure(Refusal(detail: "is not JSON: \(error.message) at byte \(error.offset)"))
        }
    }

    private func cells(_ bytes: [UInt8], _ columns: [String]) -> Result<JSONObject, Refusal> {
        guard let cells = CSVFields.read(bytes) else { return .failure(Refusal(detail: "is not UTF-8")) }
        guard cells.count == columns.count else {
            return .failure(Refusal(detail: "has \(cells.count) fields, but the header line has \(columns.count)"))
        }
        var object = JSONObject()
        object.members.reserveCapacity(columns.count)
        for (column, cell) in zip(columns, cells) where !cell.isEmpty {
            object.members.append(.init(key: column, value: Self.value(cell, of: column)))
        }
        return .success(object)
    }

    /// What a cell means where its column holds something else than a text.
    private static func value(_ cell: String, of column: String) -> JSON {
        switch column {
        case "email_verified":
            switch cell.lowercased() {
            case "true", "1": .bool(true)
            case "false", "0": .bool(false)
            default: .string(cell)
            }
        case "coordinator_ids":
            .array(cell.split(separator: ";").map(trimmed).filter { !$0.isEmpty }.map(JSON.string))
        default: .string(cell)
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = Substring(text)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
