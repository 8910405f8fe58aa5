import Domain
import HTTPTypes
import Hummingbird
import Storage

/// Mail addresses that a relay has called dead, for operators to see and to take off.
struct Suppressions: Sendable {
    static let path = "/api/v1/suppressions"

    let store: SuppressionStore

    /// - Parameter isOpenToAnyone: whether who sends no credential may see and take off addresses, as on loopback in open mode.
    func add(to routes: Routes, isOpenToAnyone: Bool) {
        var readers = Access.role(.coordinator, .orgAdmin, .globalAdmin)
        var removers = Access.role(.orgAdmin, .globalAdmin)
        (readers.isOpenToAnyone, removers.isOpenToAnyone) = (isOpenToAnyone, isOpenToAnyone)
        routes.on(.get, Self.path, access: readers, use: list)
        routes.on(.delete, Self.path + "/:address", access: removers, use: remove)
    }

    private func list(_ request: Request, _ context: CallContext) async throws -> Answer {
        let caller = try context.caller
        var scope = caller.scope
        var query = QueryReader(request.uri.query)
        let seesAddresses = caller.mayRemoveSuppressions
        // A cursor holds the last address.
        let page = PageReader(&query, cursor: seesAddresses ? .text : .none)
        if let orgID = query.text("org_id") { scope = scope.narrowed(to: orgID) }
        let address = query.text("address", TextRule(limit: 254, lines: .one))
        try query.check()
        let listing = try await store.list(address: address, page: page.bounded, scope: scope)
        return page.answer(listing, at: Self.path, query: query) {
            OrgKey(orgID: $0.orgID, key: $0.address).text
        } entry: { suppression in
            [
                "org_id": .string(suppression.orgID),
                "address": .string(seesAddresses ? suppression.address : Masking.mask(suppression.address)),
                "reason": .string(suppression.reason),
                "since": JSON(suppression.since),
            ]
        }
    }

    private func remove(_ request: Request, _ context: CallContext) async throws -> Answer {
        let address = try context.segment("address")
        guard try await store.remove(address, scope: try context.caller.scope) else { throw Problem.notFound("suppressed address") }
        return Answer(["deleted": true, "address": .string(address)])
    }
}

extension Caller {
    /// Whoever takes addresses off has to see them; whoever only looks knows them by their outline.
    fileprivate var mayRemoveSuppressions: Bool {
        switch standing {
        case .open: true
        case .roles(let roles): !roles.isDisjoint(with: [.orgAdmin, .globalAdmin])
        }
    }
}
