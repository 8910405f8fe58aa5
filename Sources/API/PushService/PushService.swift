import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The contract push-service: push to a user's devices, and their registration.
struct PushService: Sendable {
    static let path = "/api/v1/push-notifications"

    let dispatch: Dispatch
    let stores: Stores
    let time: any TimeSource

    func add(to routes: Routes) {
        routes.on(.post, Self.path, use: send)
        routes.on(.post, Self.path + "/batch", use: sendBatch)
        routes.on(.post, Self.path + "/device-tokens", use: registerToken)
        routes.on(.delete, Self.path + "/device-tokens/:token", use: removeToken)
    }

    private func send(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let userID = reader.requiredText("user_id", .id)
        let payload = PushServicePayload(&reader)
        try reader.check()
        post.unknown = reader.unknown
        let id = dispatch.id(prefix: "notif-")
        let caller = post.caller
        return try await dispatch.send(as: id, for: post) {
            payload.draft(id: id, userID: userID, batchID: nil, orgID: try await dispatch.org(of: userID, for: caller))
        } answer: {
            Answer($0.creationStatus, PushServiceFace().dispatched($0))
        }
    }

    private func registerToken(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let registration = TokenRegistration(&reader)
        try reader.check()
        post.unknown = reader.unknown
        let caller = post.caller
        return try await dispatch.repeats.once(post) { _ in
            // Where a message to this user will look for it.
            let orgID = try await dispatch.org(of: registration.userID, for: caller)
            return try await stores.tokens.register(
                registration.token(id: dispatch.id(prefix: DeviceToken.idPrefix), orgID: orgID, now: time.now))
        } answer: { stored in
            Answer(
                stored.isNew ? .created : .ok,
                [
                    "id": .string(stored.token.id), "user_id": .string(stored.token.userID), "token": .string(stored.token.token),
                    "platform": .string(stored.token.platform.rawValue), "registered_at": JSON(stored.token.registeredAt),
                ])
        } resume: { _ in
            // Nothing is enqueued here, so there is no reference to resume from.
            throw Problem.internalError
        }
    }

    private func removeToken(_ request: Request, _ context: CallContext) async throws -> Answer {
        let text = try context.segment("token")
        guard let token = try await stores.tokens.remove(token: text, scope: try context.caller.scope) else {
            throw Problem.notFound("device token")
        }
        return Answer(["deleted": true, "token": .string(token.token), "user_id": .string(token.userID)])
    }
}

/// The body of a registration.
private struct TokenRegistration {
    let userID: String
    private let text: String
    private let platform: Platform
    private let provider: ProviderName?
    private let app: String?

    init(_ reader: inout FieldReader) {
        userID = reader.requiredText("user_id", .id)
        text = reader.requiredText("token", .token)
        platform = reader.requiredWord("platform", of: Platform.allCases, otherwise: .web)
        provider = reader.word("provider", of: SendingOptions.pushProviders)
        app = SendingOptions.app(&reader)
    }

    func token(id: String, orgID: String, now: Timestamp) -> DeviceToken {
        DeviceToken(
            id: id, orgID: orgID, userID: userID, token: text, platform: platform,
            provider: TokenForm.provider(of: text, platform: platform, declared: provider), app: app, registeredAt: now)
    }
}
