/// A list that is sorted by org, then by a key within it, along an index over both: its last page costs what its first one does.
struct OrgOrderedListing<Element: Sendable> {
    var selection: String
    /// With its alias.
    var table: String
    /// Both with the alias; together an index.
    var orgColumn: String
    var keyColumn: String
    /// What else the rows must satisfy.
    var condition = "1 = 1"
    var arguments: [SQLValue] = []
    var read: @Sendable (any SQLRow) throws -> Element

    /// - Parameter page: its cursor is the text of an `OrgKey`; one that is none gives an empty page.
    func page(_ page: Page, scope: OrgScope, _ connection: any SQLConnection) throws -> Listing<Element> {
        let visible = scope.condition(on: orgColumn)
        var total = 0
        try connection.query("SELECT count(*) FROM \(table) WHERE \(visible.sql) AND \(condition)", visible.arguments + arguments) { row in
            total = row.count(0)
        }
        guard let after = page.after else {
            let found = try rows(visible.sql, visible.arguments, limit: page.limit + 1, offset: (page.number - 1) * page.limit, connection)
            return listing(found, page, total)
        }
        guard let place = OrgKey(text: after) else { return listing([], page, total) }
        // The rest of the cursor's org first, then the orgs behind it: each a range of the index.
        var found: [Element] = []
        if scope.contains(place.orgID) {
            found = try rows("\(orgColumn) = ? AND \(keyColumn) > ?", [.text(place.orgID), .text(place.key)], limit: page.limit + 1, connection)
        }
        if found.count <= page.limit {
            found += try rows(
                "\(orgColumn) > ? AND \(visible.sql)", [.text(place.orgID)] + visible.arguments, limit: page.limit + 1 - found.count, connection)
        }
        return listing(found, page, total)
    }

    private func listing(_ found: [Element], _ page: Page, _ total: Int) -> Listing<Element> {
        Listing(elements: Array(found.prefix(page.limit)), total: total, hasMore: found.count > page.limit)
    }

    private func rows(
        _ place: String, _ placeArguments: [SQLValue], limit: Int, offset: Int = 0, _ connection: any SQLConnection
    ) throws -> [Element] {
        var found: [Element] = []
        try connection.query(
            """
            SELECT \(selection) FROM \(table) WHERE \(place) AND \(condition) ORDER BY \(orgColumn), \(keyColumn) LIMIT ? OFFSET ?
            """, placeArguments + arguments + [SQLValue(limit), SQLValue(offset)]
        ) { found.append(try read($0)) }
        return found
    }
}
