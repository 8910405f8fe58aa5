import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import Storage

/// The contract coordinator-notifications: in-app and push to many recipients, and who coordinates a mentor.
struct CoordinatorNotifications: Sendable {
    static let path = "/api/v1/notifications"
    /// Recipients of one call.
    static let recipientLimit = 10_000

    let dispatch: Dispatch
    let stores: Stores
    let time: any TimeSource

    func add(to routes: Routes) {
        routes.on(.post, Self.path + "/push", use: push)
        routes.on(.post, Self.path + "/in-app", use: inApp)
        routes.on(.get, Self.mentorsPath + "/:mentor_id/coordinators", use: coordinators)
    }

    /// POST on the shared path: in-app and push. Answered at once, whatever `Prefer` says: there is no outcome in the answer to wait for.
    func send(_ reader: FieldReader, for post: Post) async throws -> Answer {
        var (reader, post) = (reader, post)
        let recipients = RecipientList(&reader, "recipient_ids", limit: Self.recipientLimit).folded
        reader.absorb(recipients.faults)
        let message = CoordinatorMessage(everywhere: &reader)
        message.checkSize(&reader, recipients: recipients.userIDs.count)
        try reader.check()
        post.unknown = reader.unknown
        post.preference = post.preference.withoutWaiting
        let ids = dispatch.ids(recipients.userIDs.count, prefix: "notif_")
        let (caller, path) = (post.caller, post.path)
        return try await dispatch.send(
            try await drafts(message, to: recipients, ids: ids, for: caller), batchID: ids.first ?? "", for: post
        ) { id, notifications in
            guard let first = notifications.first else { return Dispatch.gone(path) }
            var answer: JSONObject = [
                "notification_id": .string(id), "recipient_ids": .array(recipients.userIDs.map(JSON.string)), "type": JSON(message.category),
                "title": JSON(message.title), "dispatched_at": JSON(first.createdAt), "created_at": JSON(first.createdAt),
            ]
            RecipientOutcome(notifications, id: \.callID, refusals: []).addFailures(to: &answer, as: "recipient_id")
            return Answer(.created, .object(answer))
        }
    }

    /// Ends the call when a recipient is beyond the caller's orgs, as it would for that one alone; and names all of them.
    private func drafts(_ message: CoordinatorMessage, to recipients: RecipientList, ids: [String], for caller: Caller) async throws -> [Draft] {
        let orgs = try await dispatch.orgs(of: recipients.userIDs, for: caller)
        var strangers = Faults()
        _ = recipients.reachable(orgs) { pointer, userID in strangers.add(pointer, "there is no recipient \(Printable.quoted(userID))") }
        if strangers.isEmpty { return message.drafts(to: recipients.userIDs, in: orgs, ids: ids) }
        var problem = Problem.notFound(strangers.count == 1 ? "recipient: errors names it" : "recipients: errors names them")
        problem.faults = strangers
        throw problem
    }
}
