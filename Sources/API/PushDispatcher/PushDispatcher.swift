import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The contract push-dispatcher: push to a user's devices, and the registry of these devices.
struct PushDispatcher: Sendable {
    static let path = "/api/v1/notifications"

    let dispatch: Dispatch
    let stores: Stores
    let time: any TimeSource

    func add(to routes: Routes, shared: Routes) {
        shared.on(.post, Self.path, use: send)
        routes.on(.post, Self.path + "/batch", use: sendBatch)
        routes.on(.get, Self.path + "/device-tokens", use: lookUpTokens)
        routes.on(.delete, Self.path + "/device-tokens/:token", use: invalidateToken)
    }

    private func send(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        try chooseContract(&reader)
        let id = dispatch.id(prefix: "notif_")
        let draft = PushDispatcherMessage(&reader).draft(id: id, batchID: nil, orgID: post.caller.orgID)
        try reader.check()
        post.unknown = reader.unknown
        return try await dispatch.send(draft, for: post) { Answer($0.creationStatus, PushDispatcherFace().dispatched($0)) }
    }

    /// The path is shared with coordinator-notifications: `recipient_ids` makes a call that one's, `user_id` ours.
    private func chooseContract(_ reader: inout FieldReader) throws(Problem) {
        switch (reader.value("user_id"), reader.value("recipient_ids")) {
        case (.some, nil): return
        case (nil, .some):
            throw .notImplemented("recipient_ids makes this a call of the contract coordinator-notifications, which is not served yet.")
        case (.some, .some):
            reader.fault("user_id", "user_id (push-dispatcher) and recipient_ids (coordinator-notifications) exclude each other")
            reader.fault("recipient_ids", "user_id (push-dispatcher) and recipient_ids (coordinator-notifications) exclude each other")
        case (nil, nil):
            reader.fault("recipient_ids", "either user_id (push-dispatcher) or recipient_ids (coordinator-notifications) is required")
        }
    }

    private func lookUpTokens(_ request: Request, _ context: CallContext) async throws -> Answer {
        var query = QueryReader(request.uri.query)
        let userID = query.requiredText("user_id")
        try query.check()
        let tokens = try await stores.tokens.active(userID: userID, scope: try context.caller.scope)
        var answer = Answer([
            "user_id": .string(userID),
            "tokens": .array(
                tokens.map { token in
                    [
                        "token": .string(token.token), "platform": .string(token.platform.rawValue),
                        "registered_at": JSON(token.registeredAt), "last_used_at": JSON(token.lastUsedAt),
                    ]
                }),
        ])
        answer.warn(ofUnknown: query.unknown)
        return answer
    }

    private func invalidateToken(_ request: Request, _ context: CallContext) async throws -> Answer {
        let text = try context.segment("token")
        let token = try await stores.tokens.invalidate(
            token: text, scope: try context.caller.scope, reason: "invalidated_by_caller", now: time.now)
        guard let token else { throw Problem.notFound("device token") }
        return Answer(["invalidated": true, "token": .string(token.token), "invalidated_at": JSON(token.invalidatedAt)])
    }
}
