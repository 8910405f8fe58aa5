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

    func add(to routes: Routes) {
        routes.on(.post, Self.path + "/batch", use: sendBatch)
        routes.on(.get, Self.path + "/device-tokens", use: lookUpTokens)
        routes.on(.delete, Self.path + "/device-tokens/:token", use: invalidateToken)
    }

    /// POST on the shared path.
    func send(_ reader: FieldReader, for post: Post) async throws -> Answer {
        var (reader, post) = (reader, post)
        let message = PushDispatcherMessage(&reader)
        try reader.check()
        post.unknown = reader.unknown
        let id = dispatch.id(prefix: "notif_")
        let caller = post.caller
        return try await dispatch.send(as: id, for: post) {
            message.draft(id: id, batchID: nil, orgID: try await dispatch.org(of: message.userID, for: caller))
        } answer: {
            Answer($0.creationStatus, PushDispatcherFace().dispatched($0))
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
