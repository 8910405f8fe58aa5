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
    let repeats: Repeats
    let time: any TimeSource
    let syncWait: Duration
    let bodyLimit: Int

    /// Reads what a sending POST brings along.
    func read(_ request: Request, _ context: CallContext) async throws -> (post: Post, object: JSONObject) {
        let body = try await Body(request, limit: bodyLimit)
        return (try Post(request, context, body: body.bytes, syncWait: syncWait), body.object)
    }

    /// What a call's work can be found by again after a crash.
    enum Reference: Sendable, Hashable {
        case notification(String)
        case batch(String)

        var text: String {
            switch self {
            case .notification(let id), .batch(let id): id
            }
        }
    }

    /// - Parameter answer: shapes the notifications, which come in the order of the drafts.
    func send(
        _ drafts: [Draft], as reference: Reference, for post: Post, answer: @Sendable ([Notification], Reference) async -> Answer
    ) async throws -> Answer {
        var result = try await repeats.once(post) { key in
            try await engine.submit(drafts, idempotency: key.map { IdempotencyMark(key: $0, reference: reference.text) })
        } answer: { stored in
            // A call that does not wait tells what stands now: a draft without any target has failed already.
            let newest = post.preference.wait > .zero ? await engine.settled(stored, within: post.preference.wait) : stored
            return await answer(newest, reference)
        } resume: { text in
            switch reference {
            case .notification: await answer(try await notifications.get([text], scope: post.caller.scope), .notification(text))
            case .batch: await answer(try await notifications.inBatch(text, scope: post.caller.scope), .batch(text))
            }
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
