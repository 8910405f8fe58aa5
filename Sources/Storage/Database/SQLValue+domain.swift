import Domain

extension SQLValue {
    init(_ text: String?) {
        self = text.map { .text($0) } ?? .null
    }

    init(_ number: Int?) {
        self = number.map { .integer(Int64($0)) } ?? .null
    }

    init(_ time: Timestamp?) {
        self = time.map { .integer($0.microseconds) } ?? .null
    }

    init(_ id: Identifier) {
        self = .text(id.text)
    }
}

extension SQLRow {
    func time(_ column: Int) -> Timestamp? {
        integer(column).map { Timestamp(microseconds: $0) }
    }

    func count(_ column: Int) -> Int {
        Int(integer(column) ?? 0)
    }

    /// The column's value read as `T`; a value that does not read is a fault of ours, not an absent value.
    func value<T>(_ column: Int, _ name: String, _ read: (String) -> T?) throws -> T {
        guard let text = text(column) else { throw StorageError.statement("\(name) is NULL where a value must stand") }
        guard let value = read(text) else { throw StorageError.statement("\(name) holds “\(text.prefix(64))”, which this program does not know") }
        return value
    }
}

/// Placeholders for a list of values, filled up to the next power of two with the last one so that few different statements are prepared.
struct SQLList {
    let placeholders: String
    let arguments: [SQLValue]

    /// - Parameter values: at least one.
    init(_ values: [SQLValue]) {
        var width = 1
        while width < values.count { width *= 2 }
        arguments = values + Array(repeating: values[values.count - 1], count: width - values.count)
        placeholders = String(repeating: "?, ", count: width - 1) + "?"
    }

    /// How many values one statement takes at most: far below both databases' limits (SQLite 32,766, PostgreSQL 65,535).
    static let limit = 512
}

extension OrgScope {
    /// The scope as a condition on `column`.
    func condition(on column: String) -> (sql: String, arguments: [SQLValue]) {
        guard case .orgs(let orgs) = self else { return ("1 = 1", []) }
        guard !orgs.isEmpty else { return ("1 = 0", []) }
        let list = SQLList(orgs.sorted().map { .text($0) })
        return ("\(column) IN (\(list.placeholders))", list.arguments)
    }
}

extension Array {
    /// The elements in pieces of at most `size`.
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
