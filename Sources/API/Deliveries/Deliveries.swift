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
    /// The plain words for a rule of the verdict tables.
    let ruleWords: @Sendable (String) -> String?

    func add(to routes: Routes) {
        routes.on(.post, Self.path, use: send)
        let readers = Access.role(.coordinator, .orgAdmin, .globalAdmin)
        let actors = Access.role(.orgAdmin, .globalAdmin)
        routes.on(.get, Self.path, access: readers, use: list)
        routes.on(.get, Self.path + "/export", access: readers, use: DeliveryExport(deliveries: stores.deliveries).export)
        let many = ManyDeliveries(dispatch: dispatch)
        routes.on(.post, Self.path + "/retry", access: actors, use: many.retry)
        routes.on(.post, Self.path + "/cancel", access: actors, use: many.cancel)
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
        let filter = DeliveryFilter(&query)
        try query.check()
        let listing = try await stores.deliveries.list(filter, page: page.bounded, scope: caller.scope)
        return page.answer(listing, at: Self.path, query: query, id: \.idText) { .object(DeliveryShape.item($0)) }
    }

    private func get(_ request: Request, _ context: CallContext) async throws -> Answer {
        let id = try Self.id(context)
        guard let history = try await stores.deliveries.history(of: id, scope: try context.caller.scope) else { throw Problem.notFound("delivery") }
        let lane = dispatch.engine.state(of: history.delivery.lane)
        return Answer(DeliveryStory(history: history, lane: lane, now: dispatch.time.now, ruleWords: ruleWords).json)
    }

    private func retry(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await act(request, context, verb: "retried", on: .failed) { id, caller in
            switch try await dispatch.engine.retry(id, scope: caller.scope, by: caller.actor) {
            case .queued: return true
            case .notFailed: return false
            case .impossible(let why): throw Problem.conflict("The delivery can't be retried. \(why).")
            }
        }
    }

    private func cancel(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await act(request, context, verb: "cancelled", on: .queued) { id, caller in
            try await dispatch.engine.cancel(id, scope: caller.scope, by: caller.actor)
        }
    }

    /// - Parameter state: the only state in which the engine does it.
    private func act(
        _ request: Request, _ context: CallContext, verb: String, on state: DeliveryState,
        _ action: @Sendable (Identifier, Caller) async throws -> Bool
    ) async throws -> Answer {
        let caller = try context.caller
        let post = try Post(request, context, body: try await Body.bytes(of: request, limit: dispatch.bodyLimit))
        let delivery = try await find(context)
        return try await dispatch.repeats.once(post) { _ in
            guard try await action(delivery.id, caller) else {
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
        guard let delivery = try await stores.deliveries.get(try Self.id(context), scope: try context.caller.scope) else {
            throw Problem.notFound("delivery")
        }
        return delivery
    }

    private static func id(_ context: CallContext) throws(Problem) -> Identifier {
        guard let id = Identifier(text: try context.segment("id"), prefix: Delivery.idPrefix) else { throw .notFound("delivery") }
        return id
    }
}
