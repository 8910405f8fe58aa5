import Domain
import HTTPTypes
import Hummingbird
import Storage

/// `/api/v1/keys`: API keys, made, listed and revoked by those who may.
struct Keys: Sendable {
    static let path = "/api/v1/keys"

    let desk: KeyDesk
    let store: APIKeyStore
    let ring: KeyRing
    let repeats: Repeats
    let time: any TimeSource
    let bodyLimit: Int

    /// - Parameter isOpenToAnyone: whether who sends no credential may make keys, as on loopback in open mode. A key outlives that mode.
    func add(to routes: Routes, isOpenToAnyone: Bool) {
        let access = isOpenToAnyone ? Access.role(.orgAdmin, .globalAdmin) : .always(.orgAdmin, .globalAdmin)
        routes.on(.post, Self.path, access: access, use: create)
        routes.on(.get, Self.path, access: access, use: list)
        routes.on(.delete, Self.path + "/:id", access: access, use: revoke)
    }

    private func create(_ request: Request, _ context: CallContext) async throws -> Answer {
        let body = try await Body(request, limit: bodyLimit)
        var post = try Post(request, context, body: body.bytes)
        let caller = post.caller
        let now = time.now
        var reader = FieldReader(body.object)
        let wish = KeyRequest(&reader, defaultOrg: caller.orgID, now: now).wish
        try reader.check()
        post.unknown = reader.unknown
        guard caller.scope.contains(wish.orgID) else { throw Problem.notFound("organisation") }
        if let role = wish.roles.max(), role > caller.rank {
            throw Problem.forbidden("A key with the role \(role.rawValue) is above the caller's own.")
        }
        let id = KeyDesk.id(now)
        return try await repeats.once(post) { key in
            let mark = key.map { (mark: IdempotencyMark(key: $0, reference: id), lease: repeats.lease()) }
            return try await desk.issue(wish, id: id, now: now, idempotency: mark)
        } answer: { issued in
            var answer = Answer(.created, KeyShape.issued(issued.key, issued.text, now: now))
            // What is kept for a repeat must not hold the secret: it would stand in the database in the clear for a day.
            answer.keep(KeyShape.reissued(issued.key, now: now))
            return answer
        } resume: { id in
            guard let key = try await store.get(id, scope: caller.scope) else { throw Problem.notFound("key") }
            return Answer(.created, KeyShape.reissued(key, now: time.now))
        }
    }

    private func list(_ request: Request, _ context: CallContext) async throws -> Answer {
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query)
        let org = query.text("org_id")
        try query.check()
        let own = try context.caller.scope
        let now = time.now
        let listing = try await store.list(page: page.bounded, scope: org.map(own.narrowed) ?? own)
        return page.answer(listing, at: Self.path, query: query, id: \.id) { .object(KeyShape.item($0, now: now)) }
    }

    private func revoke(_ request: Request, _ context: CallContext) async throws -> Answer {
        let caller = try context.caller
        let id = try context.segment("id")
        guard let key = try await store.get(id, scope: caller.scope) else { throw Problem.notFound("key") }
        if let role = key.roles.max(), role > caller.rank {
            throw Problem.forbidden("The key has the role \(role.rawValue), above the caller's own.")
        }
        let now = time.now
        guard let revoked = try await store.revoke(id, scope: caller.scope, now: now) else { throw Problem.notFound("key") }
        ring.forget(revoked)
        return Answer(.object(KeyShape.item(revoked, now: now)))
    }
}

extension Caller {
    /// The highest role that the caller may hand out or take away: its own. Whoever an open gateway lets in counts as an admin of the default org.
    fileprivate var rank: Role {
        switch standing {
        case .open: .orgAdmin
        case .roles(let roles): roles.max() ?? .coordinator
        }
    }
}
