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
        let caller = try context.caller
        guard let filter = filter(&query, for: caller) else {
            try query.check()
            return page.answer(Listing<Notification>(elements: [], total: 0, hasMore: false), at: path, query: query, id: \.id) { _ in .null }
        }
        try query.check()
        let listing = try await stores.notifications.list(filter, page: page.bounded, scope: caller.scope)
        return page.answer(listing, at: path, query: query, id: \.id) { notification in
            face(of: notification)?.entry(notification) ?? .null
        }
    }

    /// Nil when the parameters leave no contract over, and so no entry.
    private func filter(_ query: inout QueryReader, for caller: Caller) -> NotificationFilter? {
        var filter = NotificationFilter()
        filter.contracts = visible(to: caller)
        if owners.count > 1, let contract = query.word("contract", of: owners) { filter.contracts.removeAll { $0 != contract } }
        filter.from = query.time("from")
        filter.to = query.time("to")
        for face in faces where face.narrow(&filter, by: &query) { filter.contracts.removeAll { $0 != face.contract } }
        return filter.contracts.isEmpty ? nil : filter
    }

    private func get(_ request: Request, _ context: CallContext) async throws -> Answer {
        var query = QueryReader(request.uri.query)
        let found = try await find(context, &query)
        let scope = try context.caller.scope
        let deliveries = try await stores.deliveries.deliveries(of: [found.notification.id], scope: scope)
        var record = found.face.record(found.notification, deliveries: deliveries)
        if found.standsForMany {
            let recipients = try await stores.notifications.recipients(ofGroup: found.id, scope: scope)
            record = found.face.record(record, of: recipients)
        }
        var answer = Answer(record)
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    /// What the path's id stands for. Where that are several recipients' entries, the query may pick one, which is read here.
    func find(_ context: CallContext, _ query: inout QueryReader) async throws -> FoundNotification {
        let (first, face) = try await find(context)
        let id = face.id(of: first)
        // Read wherever the path's contracts have it, so that it is held to its rules whosever the record is.
        let isKnown = faces.contains { $0.hasManyRecipients }
        let recipientID = isKnown ? query.text("recipient_id") : nil
        try query.check()
        if !face.hasManyRecipients { query.disregard("recipient_id") }
        guard let recipientID, face.hasManyRecipients else { return FoundNotification(id: id, notification: first, face: face, recipientID: nil) }
        let picked = try await stores.notifications.group(id, userID: recipientID, limit: 1, scope: try context.caller.scope).first
        guard let picked else { throw Problem.notFound("recipient of this notification") }
        return FoundNotification(id: id, notification: picked, face: face, recipientID: recipientID)
    }

    /// The first of those that the path's id stands for. One of another contract's path is not here, nor is one that the contract shows under another id.
    func find(_ context: CallContext) async throws -> (Notification, any NotificationFace) {
        let id = try context.segment("id")
        let caller = try context.caller
        guard let notification = try await stores.notifications.group(id, limit: 1, scope: caller.scope).first,
            visible(to: caller).contains(notification.contract), let face = face(of: notification), face.id(of: notification) == id
        else { throw Problem.notFound("notification") }
        return (notification, face)
    }

    /// A key that is bound to a contract sees that one's only.
    private func visible(to caller: Caller) -> [Contract] {
        caller.contract.map { bound in owners.filter { $0 == bound } } ?? owners
    }

    private func face(of notification: Notification) -> (any NotificationFace)? { faces.first { $0.contract == notification.contract } }
}

/// What an id in a path has led to.
struct FoundNotification: Sendable {
    let id: String
    /// The recipient's who was asked for, else the first.
    let notification: Notification
    let face: any NotificationFace
    /// The only one of its recipients who is meant; nil: all.
    let recipientID: String?

    var standsForMany: Bool { face.hasManyRecipients && recipientID == nil }
}
