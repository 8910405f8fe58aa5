import Domain

extension Content {
    static let columns = ["priority", "collapse_id", "list_unsubscribe", "title", "body", "html", "data"]

    /// `columns` for a SELECT.
    static let selection = columns.joined(separator: ", ")

    /// Reads `columns` from a row that has them from position `at` on.
    init(_ row: any SQLRow, at: Int) throws {
        self.init(
            title: row.text(at + 3),
            body: row.text(at + 4),
            html: row.text(at + 5),
            data: try row.object(at + 6, "notifications.data"),
            listUnsubscribe: row.text(at + 2),
            collapseID: row.text(at + 1),
            priority: Priority(rank: row.integer(at)))
    }

    /// The values of `columns`.
    var arguments: [SQLValue] {
        [
            .integer(priority.rank), SQLValue(collapseID), SQLValue(listUnsubscribe), SQLValue(title), SQLValue(body), SQLValue(html),
            SQLValue(data?.text),
        ]
    }
}

extension SQLRow {
    /// A JSON object, or nil where the column is NULL.
    func object(_ column: Int, _ name: String) throws -> JSONObject? {
        guard let text = text(column) else { return nil }
        guard let object = try? JSON(parsing: text).object else { throw StorageError.statement("\(name) holds no JSON object") }
        return object
    }
}
