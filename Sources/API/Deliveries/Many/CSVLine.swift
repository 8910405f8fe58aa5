import Domain

/// A line of a CSV file (RFC 4180), safe to be opened in a spreadsheet.
///
/// What begins with `=`, `+`, `-`, `@`, a tab or a line end is a formula to a spreadsheet, and may come from a provider or a caller: it gets an apostrophe
/// in front (OWASP, "CSV injection"). Numbers of our own are none.
struct CSVLine {
    let bytes: [UInt8]

    init(_ cells: [JSON]) {
        bytes = Array((cells.map(Self.text).joined(separator: ",") + "\r\n").utf8)
    }

    private static func text(_ cell: JSON) -> String {
        switch cell {
        case .null: ""
        case .string(let text): quoted(guarded(text))
        case .bool, .number, .array, .object: cell.text
        }
    }

    private static func guarded(_ text: String) -> String {
        guard let first = text.unicodeScalars.first, "=+-@\t\r\n＝＋－＠".unicodeScalars.contains(first) else { return text }
        return "'" + text
    }

    private static func quoted(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { "\",;\r\n\t'".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
