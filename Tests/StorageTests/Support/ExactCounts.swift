import Domain
import Testing

@testable import Storage

extension Stores {
    /// Compares every count of every list, in every block, with the rows that are there.
    func expectExactCounts(full: Int = ListBlocks.full, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let fold = ListFold(dialect: committer.database.dialect, full: full)
        try await committer.write { connection in try fold.run(below: .max, connection) }
        let (counted, expected) = try await committer.database.read { connection in
            var counted: [String: Int] = [:]
            try connection.query("SELECT list, org_id, category, start, status, count FROM list_counts", []) { row in
                counted[Self.cell((0..<5).map { row.text($0) ?? "" })] = row.count(5)
            }
            var expected: [String: Int] = [:]
            for (list, org, category, key, status) in try Self.rows(connection) {
                let start = try ListBlocks.read(list, connection).start(of: key / CountedTable.slot)
                for org in ["", org] {
                    for category in Set(["", category]) {
                        for start in [ListLength.everything, start] {
                            expected[Self.cell([list, org, category, String(start), status]), default: 0] += 1
                        }
                    }
                }
            }
            return (counted, expected)
        }
        #expect(counted == expected, sourceLocation: sourceLocation)
    }

    private static func cell(_ parts: [String]) -> String { parts.joined(separator: "|") }

    private static func rows(_ connection: any SQLConnection) throws -> [(list: String, org: String, category: String, key: Int64, status: String)] {
        var rows: [(String, String, String, Int64, String)] = []
        try connection.query(
            "SELECT contract, org_id, coalesce(category, ''), sort_key, status FROM notifications WHERE deleted_at IS NULL", []
        ) { row in
            rows.append((row.text(0) ?? "", row.text(1) ?? "", row.text(2) ?? "", row.integer(3) ?? 0, row.text(4) ?? ""))
        }
        try connection.query("SELECT org_id, provider, created_at, state FROM deliveries", []) { row in
            let state = row.text(3) ?? ""
            let status = state == "queued" || state == "sending" ? "waiting" : state
            rows.append(("deliveries", row.text(0) ?? "", row.text(1) ?? "", row.integer(2) ?? 0, status))
        }
        try connection.query("SELECT org_id, event_type, id FROM notification_records", []) { row in
            let id = try #require(Identifier(text: row.text(2) ?? ""))
            rows.append(("notification-records", row.text(0) ?? "", row.text(1) ?? "", id.timestamp.microseconds, "there"))
        }
        return rows
    }
}
