import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// The way of every POST that sends, whatever its contract: once per key, durable, then waited for as long as the caller likes.
struct Dispatch: Sendable {
    let engine: DeliveryEngine
    let notifications: NotificationStore
    let directory: DirectoryStore
    let repeats: Repeats
    let time: any TimeSource
    let syncWait: Duration
    let bodyLimit: Int

    /// Reads what a sending POST brings along.
    func read(_ request: Request, _ context: CallContext) async throws -> (post: Post, object: JSONObject) {
        let body = try await Body(request, limit: bodyLimit)
        return (try Post(request, context, body: body.bytes, syncWait: syncWait), body.object)
    }

    /// Sends one notification; its id is what a repeat finds it by.
    ///
    /// - Parameter draft: made only when something is to be sent: a repeat is told what was sent before, whatever has changed since.
    func send(
        as id: String, for post: Post, draft: () async throws -> Draft, answer: @Sendable (Notification) async -> Answer
    ) async throws -> Answer {
        try await send({ [try await draft()] }, as: id, for: post) { _, notifications in
            if let notification = notifications.first { return await answer(notification) }
            return Self.gone(post.path)
        } recall: { id in
            try await notifications.get([id], scope: post.caller.scope)
        }
    }

    /// Sends a batch. `answer` is given the id of the batch that was sent, which after a crash is an earlier one, and its notifications in order.
    ///
    /// - Parameter drafts: made only when the call is not a repeat of one that is done, and so may refuse what has changed since.
    func send(
        _ drafts: @autoclosure () async throws -> [Draft], batchID: String, for post: Post, answer: @Sendable (String, [Notification]) async -> Answer
    ) async throws -> Answer {
        try await send(drafts, as: batchID, for: post, answer: answer) { id in
            try await notifications.inBatch(id, scope: post.caller.scope)
        }
    }

    /// The gateway died before it could answer, and the record was deleted before the caller asked again.
    static func gone(_ path: String) -> Answer {
        Problem.notFound("notification any more: it was sent, and its record deleted since").answer(instance: path)
    }

    /// - Parameter reference: what the work can be found by again after a crash.
    private func send(
        _ drafts: () async throws -> [Draft], as reference: String, for post: Post, answer: @Sendable (String, [Notification]) async -> Answer,
        recall: @Sendable (String) async throws -> [Notification]
    ) async throws -> Answer {
        var result = try await repeats.once(post) { key in
            try await engine.submit(try await drafts(), idempotency: key.map { IdempotencyMark(key: $0, reference: reference) })
        } answer: { stored in
            // A call that does not wait tells what stands now: a draft without any target has failed already.
            await answer(reference, post.preference.wait > .zero ? await engine.settled(stored, within: post.preference.wait) : stored)
        } resume: { reference in
            await answer(reference, try await recall(reference))
        }
        if let applied = post.preference.applied { result.headers[.preferenceApplied] = applied }
        return result
    }

    /// Ids for the members of a batch, in ascending order: what is read back by id comes in the order of the request.
    func ids(_ count: Int, prefix: String) -> [String] {
        let now = time.now
        return (0..<count).map { _ in Identifier.make(at: now) }.sorted().map { $0.text(prefix: prefix) }
    }

    func id(prefix: String) -> String { Identifier.make(at: time.now).text(prefix: prefix) }
}

extension Notification {
    /// 201 when something came of it, one way or the other; 202 when it is only queued.
    var creationStatus: HTTPResponse.Status { tally.status == .queued ? .accepted : .created }
}
