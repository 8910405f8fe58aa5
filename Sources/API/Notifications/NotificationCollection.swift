import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The notifications below one path: listed and shown, each in the shape of the contract that created it. What else can be done to one is
/// the contract's own affair; those that let a record be amended and deleted share `AmendableCollection`.
struct NotificationCollection: Sendable {
    let path: String
    /// The contracts that own the path. More than one: `?contract=` tells them apart.
    let owners: [Contract]
    /// Those of them that are served.
    let faces: [any NotificationFace]
    let stores: Stores

    func add(to routes: Routes) {
        routes.on(.get, path, use: list)
        routes.on(.get, path + "/:id", use: get)
    }

    private func list(_ request: Request, _ context: CallContext) async throws -> Answer {
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query)
        guard let filter = filter(&query) else {
            try query.check()
            return page.answer(Listing<Notification>(elements: [], total: 0, hasMore: false), at: path, query: query, id: \.id) { _ in .null }
        }
        try query.check()
        let listing = try await stores.notifications.list(filter, page: page.bounded, scope: try context.caller.scope)
        return page.answer(listing, at: path, query: query, id: \.id) { notification in
            face(of: notification)?.entry(notification) ?? .null
        }
    }

    /// Nil when the parameters leave no contract over, and so no entry.
    private func filter(_ query: inout QueryReader) -> NotificationFilter? {
        var filter = NotificationFilter()
        filter.contracts = owners
        if owners.count > 1, let contract = query.word("contract", of: owners) { filter.contracts = [contract] }
        filter.from = query.time("from")
        filter.to = query.time("to")
        for face in faces where face.narrow(&filter, by: &query) { filter.contracts.removeAll { $0 != face.contract } }
        return filter.contracts.isEmpty ? nil : filter
    }

    private func get(_ request: Request, _ context: CallContext) async throws -> Answer {
        let query = QueryReader(request.uri.query)
        try query.check()
        let (notification, face) = try await find(context)
        let deliveries = try await stores.deliveries.deliveries(of: [notification.id], scope: try context.caller.scope)
        var answer = Answer(face.record(notification, deliveries: deliveries))
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    /// A notification of another contract's path is not here.
    func find(_ context: CallContext) async throws -> (Notification, any NotificationFace) {
        let id = try context.segment("id")
        guard let notification = try await stores.notifications.get(id, scope: try context.caller.scope), let face = face(of: notification) else {
            throw Problem.notFound("notification")
        }
        return (notification, face)
    }

    private func face(of notification: Notification) -> (any NotificationFace)? { faces.first { $0.contract == notification.contract } }
}
