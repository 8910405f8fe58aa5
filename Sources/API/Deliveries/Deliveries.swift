import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The gateway's own endpoints: dispatch to a target that the caller knows, and the log of all deliveries.
struct Deliveries: Sendable {
    static let path = "/api/v1/deliveries"

    let dispatch: Dispatch
    let stores: Stores

    func add(to routes: Routes) {
        routes.on(.post, Self.path, use: send)
        let readers = Access.role(.coordinator, .orgAdmin, .globalAdmin)
        let actors = Access.role(.orgAdmin, .globalAdmin)
        routes.on(.get, Self.path, access: readers, use: list)
        routes.on(.get, Self.path + "/:id", access: readers, use: get)
        routes.on(.post, Self.path + "/:id/retry", access: actors, use: retry)
        routes.on(.post, Self.path + "/:id/cancel", access: actors, use: cancel)
    }

    private func send(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let message = DirectMessage(&reader)
        try reader.check()
        post.unknown = reader.unknown
        let id = dispatch.id(prefix: "msg_")
        let scope = post.caller.scope
        let caller = post.caller
        return try await dispatch.send(as: id, for: post) {
            guard case .user(let userID) = message.recipient else { return message.draft(id: id, orgID: caller.orgID) }
            return message.draft(id: id, orgID: try await dispatch.org(of: userID, for: caller))
        } answer: { notification in
            // The message is on its way; that its deliveries can't be read at this moment must not make the caller send it again.
            let deliveries = try? await stores.deliveries.deliveries(of: [notification.id], scope: scope)
            return Answer(notification.creationStatus, Self.dispatched(notification, deliveries))
        }
    }

    private static func dispatched(_ notification: Notification, _ deliveries: [Delivery]?) -> JSON {
        var members = notification.head
        members += [
            .init(key: "targeted", value: .integer(notification.tally.targeted)),
            .init(key: "delivered_count", value: .integer(notification.tally.reached)),
            .init(key: "failed_count", value: .integer(notification.tally.failed)),
            .init(key: "sent_at", value: notification.sentAt),
            .init(key: "status", value: .string(PushDispatcherFace.words.word(for: notification))),
        ]
        if let failure = notification.failure { members.append(.init(key: "error", value: .string(failure))) }
        let items = deliveries.map { JSON.array($0.map { .object(DeliveryShape.item($0)) }) }
        members.append(.init(key: "deliveries", value: items ?? .null))
        return .object(JSONObject(members: members))
    }

    private func list(_ request: Request, _ context: CallContext) async throws -> Answer {
        let caller = try context.caller
        var query = QueryReader(request.uri.query)
        let page = PageReader(&query)
        var filter = DeliveryFilter()
        filter.notificationID = query.text("notification_id")
        filter.userID = query.text("user_id")
        filter.orgID = query.text("org_id")
        filter.provider = query.word("provider", of: ProviderName.allCases)
        filter.state = query.word("state", of: DeliveryState.allCases)
        filter.from = query.time("from")
        filter.to = query.time("to")
        try query.check()
        let listing = try await stores.deliveries.list(filter, page: page.bounded, scope: caller.scope)
        return page.answer(listing, at: Self.path, query: query, id: \.idText) { .object(DeliveryShape.item($0)) }
    }

    private func get(_ request: Request, _ context: CallContext) async throws -> Answer {
        let delivery = try await find(context)
        let attempts = try await stores.deliveries.attempts(of: delivery.id)
        return Answer(DeliveryShape.story(delivery, attempts: attempts, lane: dispatch.engine.state(of: delivery.lane)))
    }

    private func retry(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await act(request, context, verb: "retried", on: .failed) { try await dispatch.engine.retry($0, scope: $1) }
    }

    private func cancel(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await act(request, context, verb: "cancelled", on: .queued) { try await dispatch.engine.cancel($0, scope: $1) }
    }

    /// - Parameter state: the only state in which the engine does it.
    private func act(
        _ request: Request, _ context: CallContext, verb: String, on state: DeliveryState,
        _ action: @Sendable (Identifier, OrgScope) async throws -> Bool
    ) async throws -> Answer {
        let caller = try context.caller
        let post = try Post(request, context, body: try await Body.bytes(of: request, limit: dispatch.bodyLimit))
        let delivery = try await find(context)
        return try await dispatch.repeats.once(post) { _ in
            guard try await action(delivery.id, caller.scope) else {
                let newest = try await find(context)
                throw Problem.conflict("Only a delivery that is \(state.rawValue) can be \(verb); this one is \(newest.state.rawValue).")
            }
            return try await find(context)
        } answer: { changed in
            Answer(.object(DeliveryShape.item(changed)))
        } resume: { _ in
            // Nothing is enqueued here, so there is no reference to resume from.
            throw Problem.internalError
        }
    }

    private func find(_ context: CallContext) async throws -> Delivery {
        guard let id = Identifier(text: try context.segment("id"), prefix: Delivery.idPrefix),
            let delivery = try await stores.deliveries.get(id, scope: try context.caller.scope)
        else { throw Problem.notFound("delivery") }
        return delivery
    }
}
