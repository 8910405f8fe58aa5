import Domain
import Hummingbird
import Storage

extension Directory {
    /// The tree as it counts: what the directory says, and what org files add to it. By id.
    func listOrganisations(_ request: Request, _ context: CallContext) async throws -> Answer {
        let scope = try context.caller.scope
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query, cursor: .text)
        try query.check()
        let visible = tree.organisations.filter { scope.contains($0.id) }.sorted { $0.id < $1.id }
        let limit = page.page.limit
        let rest: ArraySlice<Organisation>
        if let after = page.page.after {
            rest = visible[(visible.firstIndex { $0.id > after } ?? visible.endIndex)...]
        } else {
            rest = visible.dropFirst((page.bounded.number - 1) * limit)
        }
        let listing = Listing(elements: Array(rest.prefix(limit)), total: visible.count, hasMore: rest.count > limit)
        return page.answer(listing, at: Self.path(of: .organisation), query: query, id: \.id, entry: EntryShape.json)
    }

    func listUsers(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await list(request, context, at: Self.path(of: .user), key: { OrgKey(orgID: $0.orgID, key: $0.id) }, entry: EntryShape.json) {
            try await stores.directory.users(page: $0, scope: $1)
        }
    }

    func listMentors(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await list(request, context, at: Self.path(of: .mentor), key: { OrgKey(orgID: $0.orgID, key: $0.id) }, entry: EntryShape.json) {
            try await stores.directory.mentors(page: $0, scope: $1)
        }
    }

    /// By org, then by id.
    private func list<Element: Sendable>(
        _ request: Request, _ context: CallContext, at path: String, key: (Element) -> OrgKey, entry: (Element) -> JSON,
        read: (Page, OrgScope) async throws -> Listing<Element>
    ) async throws -> Answer {
        var scope = try context.caller.scope
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query, cursor: .text)
        if let orgID = query.text("org_id") { scope = scope.narrowed(to: orgID) }
        try query.check()
        return page.answer(try await read(page.bounded, scope), at: path, query: query, id: { key($0).text }, entry: entry)
    }

    func listCertifications(_ request: Request, _ context: CallContext) async throws -> Answer {
        let scope = try context.caller.scope
        let userID = try context.segment("id")
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query, cursor: .text)
        try query.check()
        guard try await stores.directory.user(userID, scope: scope) != nil else { throw Problem.notFound("user") }
        let listing = try await stores.directory.certifications(of: userID, page: page.bounded, scope: scope)
        let path = "\(Self.path(of: .user))/\(PercentCoding.encode(userID))/certifications"
        return page.answer(listing, at: path, query: query, id: \.id, entry: EntryShape.json)
    }
}
