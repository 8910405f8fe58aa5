import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The gateway's copy of other services' directory: put and read entry by entry, listed, and imported in bulk.
struct Directory: Sendable {
    static let path = "/api/v1/directory"

    let stores: Stores
    let tree: any CredentialDirectory
    /// The tree learns of each change before the answer leaves.
    let feed: OrgFeed
    let scopes: OrgScopes
    let bodyLimit: Int

    static func path(of kind: DirectoryEntry.Kind) -> String {
        switch kind {
        case .organisation: path + "/organisations"
        case .user: path + "/users"
        case .certification: path + "/users/:id/certifications"
        case .mentor: path + "/mentors"
        }
    }

    /// - Parameter isOpenToAnyone: whether who sends no credential may see and change it, as on loopback in open mode.
    func add(to routes: Routes, isOpenToAnyone: Bool) {
        let access = isOpenToAnyone ? Access.role(.orgAdmin, .globalAdmin) : .always(.orgAdmin, .globalAdmin)
        for kind in DirectoryEntry.Kind.allCases {
            let entry = Self.path(of: kind) + (kind == .certification ? "/:certification_id" : "/:id")
            routes.on(.put, entry, access: access) { try await put(kind, $0, $1) }
            routes.on(.get, entry, access: access) { try await get(kind, $0, $1) }
            routes.on(.delete, entry, access: access) { try await delete(kind, $0, $1) }
        }
        routes.on(.get, Self.path(of: .organisation), access: access, use: listOrganisations)
        routes.on(.get, Self.path(of: .user), access: access, use: listUsers)
        routes.on(.get, Self.path(of: .certification), access: access, use: listCertifications)
        routes.on(.get, Self.path(of: .mentor), access: access, use: listMentors)
        routes.on(.post, Self.path + "/import", access: access, use: importEntries)
    }

    private func names(_ kind: DirectoryEntry.Kind, _ context: CallContext) throws -> (id: String, userID: String?) {
        let first = try context.segment("id")
        return kind == .certification ? (try context.segment("certification_id"), first) : (first, nil)
    }

    private func put(_ kind: DirectoryEntry.Kind, _ request: Request, _ context: CallContext) async throws -> Answer {
        let names = try names(kind, context)
        let body = try await Body(request, limit: bodyLimit)
        var reader = FieldReader(body.object)
        let entry = EntryReader.entry(kind, &reader, names: EntryReader.Names(id: names.id, userID: names.userID))
        try reader.check()
        let outcome = try await stores.directory.put(entry, beside: tree.declared, scope: try context.caller.scope)
        if case .refused(let refusal) = outcome { throw refusal.problem(kind) }
        if kind == .organisation { await refreshTree() }
        var answer = Answer(outcome == .created ? .created : .ok, EntryShape.json(entry))
        answer.warn(ofUnknown: reader.unknown)
        return answer
    }

    private func get(_ kind: DirectoryEntry.Kind, _ request: Request, _ context: CallContext) async throws -> Answer {
        let query = QueryReader(request.uri.query)
        try query.check()
        guard let entry = try await find(kind, context) else { throw Problem.notFound(kind.rawValue) }
        var answer = Answer(EntryShape.json(entry))
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    private func find(_ kind: DirectoryEntry.Kind, _ context: CallContext) async throws -> DirectoryEntry? {
        let names = try names(kind, context)
        let scope = try context.caller.scope
        switch kind {
        case .organisation: return try await organisation(names.id, scope: scope).map(DirectoryEntry.organisation)
        case .user: return try await stores.directory.user(names.id, scope: scope).map(DirectoryEntry.user)
        case .mentor: return try await stores.directory.mentor(names.id, scope: scope).map(DirectoryEntry.mentor)
        case .certification:
            return try await stores.directory.certification(names.id, of: names.userID ?? "", scope: scope).map(DirectoryEntry.certification)
        }
    }

    /// Of an organisation that only a file declares, what the file says.
    private func organisation(_ id: String, scope: OrgScope) async throws -> Organisation? {
        if let stored = try await stores.directory.organisation(id, scope: scope) { return stored }
        return scope.contains(id) ? tree.declared.first { $0.id == id } : nil
    }

    private func delete(_ kind: DirectoryEntry.Kind, _ request: Request, _ context: CallContext) async throws -> Answer {
        let names = try names(kind, context)
        switch try await remove(kind, names, scope: try context.caller.scope) {
        case .removed: break
        case .absent:
            if kind == .organisation, try await organisation(names.id, scope: try context.caller.scope) != nil {
                throw Problem.conflict("The organisation exists by an org file, or is the default one; the directory has nothing of it to delete.")
            }
            throw Problem.notFound(kind.rawValue)
        case .inUse(let organisations, let users, let mentors):
            throw Problem.conflict(
                "The organisation still has \(organisations) organisation(s) right below it, \(users) user(s) and \(mentors) mentor(s); "
                    + "move or delete them first.")
        }
        if kind == .organisation { await refreshTree() }
        return Answer(["deleted": true, "id": .string(names.id)])
    }

    private func remove(_ kind: DirectoryEntry.Kind, _ names: (id: String, userID: String?), scope: OrgScope) async throws -> DirectoryRemoval {
        switch kind {
        case .organisation: try await stores.directory.deleteOrganisation(names.id, scope: scope)
        case .user: try await stores.directory.deleteUser(names.id, scope: scope)
        case .mentor: try await stores.directory.deleteMentor(names.id, scope: scope)
        case .certification: try await stores.directory.deleteCertification(names.id, of: names.userID ?? "", scope: scope)
        }
    }

    /// What was written stands, whether or not it can be read back at this moment: the tree is read again every few seconds anyway.
    func refreshTree() async {
        try? await feed.refresh()
        scopes.forget()
    }
}
