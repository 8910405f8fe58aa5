public import Domain

extension DirectoryStore {
    /// Every organisation of the directory, by id: for the tree, which is made of all of them.
    public func organisations() async throws -> [Organisation] {
        try await committer.database.read { connection in
            var organisations: [Organisation] = []
            try connection.query("SELECT \(Organisation.selection) FROM organisations ORDER BY id", []) { organisations.append(Organisation($0)) }
            return organisations
        }
    }

    /// Nil when the directory has none of that id, or it is out of scope.
    public func organisation(_ id: String, scope: OrgScope) async throws -> Organisation? {
        guard scope.contains(id) else { return nil }
        return try await committer.database.read { connection in
            var found: Organisation?
            try connection.query("SELECT \(Organisation.selection) FROM organisations WHERE id = ?", [.text(id)]) { found = Organisation($0) }
            return found
        }
    }

    /// By org, then by id. The page's cursor is an `OrgKey`'s text.
    public func users(page: Page, scope: OrgScope) async throws -> Listing<User> {
        let listing = OrgOrderedListing(
            selection: User.selection, table: "users u \(committer.database.dialect.going(by: "users_by_org"))", orgColumn: "u.org_id",
            keyColumn: "u.id"
        ) { User($0) }
        return try await committer.database.read { connection in try listing.page(page, scope: scope, connection) }
    }

    /// By org, then by id. The page's cursor is an `OrgKey`'s text.
    public func mentors(page: Page, scope: OrgScope) async throws -> Listing<Mentor> {
        let listing = OrgOrderedListing(
            selection: Mentor.selection, table: "mentors m \(committer.database.dialect.going(by: "mentors_by_org"))", orgColumn: "m.org_id",
            keyColumn: "m.id"
        ) { Mentor($0) }
        return try await committer.database.read { connection in
            var mentors = try listing.page(page, scope: scope, connection)
            mentors.elements = try Self.withCoordinators(mentors.elements, connection)
            return mentors
        }
    }

    /// By id, which is the page's cursor too.
    public func certifications(of userID: String, page: Page, scope: OrgScope) async throws -> Listing<Certification> {
        let visible = scope.condition(on: "u.org_id")
        let source = "users u CROSS JOIN certifications c WHERE u.id = ? AND c.user_id = u.id AND \(visible.sql)"
        let arguments: [SQLValue] = [.text(userID)] + visible.arguments
        return try await committer.database.read { connection in
            var total = 0
            try connection.query("SELECT count(*) FROM \(source)", arguments) { total = $0.count(0) }
            var found: [Certification] = []
            try connection.query(
                "SELECT \(Certification.selection) FROM \(source) AND c.id > ? ORDER BY c.id LIMIT ? OFFSET ?",
                arguments
                    + [.text(page.after ?? ""), SQLValue(page.limit + 1), SQLValue(page.after == nil ? (page.number - 1) * page.limit : 0)]
            ) { found.append(Certification($0)) }
            return Listing(elements: Array(found.prefix(page.limit)), total: total, hasMore: found.count > page.limit)
        }
    }
}
