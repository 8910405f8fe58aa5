import Domain
import HTTPTypes
import Hummingbird

/// The two calls that count recipients. They never fail as a whole for one of them.
extension CoordinatorNotifications {
    func push(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await send(request, context) {
            CoordinatorMessage(push: &$0)
        } counts: { outcome in
            [
                "sent_count": .integer(outcome.reached.count), "failed_count": .integer(outcome.failed),
                "sent_to": .array(outcome.reached.map(JSON.string)),
            ]
        }
    }

    /// The payload is stored for each recipient, and so delivered.
    func inApp(_ request: Request, _ context: CallContext) async throws -> Answer {
        try await send(request, context) {
            CoordinatorMessage(inApp: &$0)
        } counts: { outcome in
            ["sent_count": .integer(outcome.reached.count), "failed_count": .integer(outcome.failed)]
        }
    }

    private func send(
        _ request: Request, _ context: CallContext, read: (inout FieldReader) -> CoordinatorMessage,
        counts: @Sendable (RecipientOutcome) -> JSONObject
    ) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let named = RecipientList(&reader, "recipient_ids", limit: Self.recipientLimit).folded
        // One bad id fails that recipient; only bad ones fail the call.
        if named.userIDs.isEmpty { reader.absorb(named.faults) }
        let message = read(&reader)
        message.checkSize(&reader, recipients: named.userIDs.count)
        try reader.check()
        post.unknown = reader.unknown
        let orgs = try await dispatch.orgs(of: named.userIDs, for: post.caller)
        var refusals = named.refusals
        let recipients = named.reachable(orgs) { _, userID in
            refusals.append(.init(userID: userID, reason: RecipientOrgs.unreachable))
        }
        let ids = dispatch.ids(recipients.userIDs.count, prefix: "notif_")
        let drafts = message.drafts(to: recipients.userIDs, in: orgs, ids: ids)
        // A call that reaches nobody stores nothing; it still has an id, under which a repeat finds that out.
        let id = ids.first ?? dispatch.id(prefix: "notif_")
        return try await dispatch.send(drafts, batchID: id, for: post) { [time, refusals] _, notifications in
            let outcome = RecipientOutcome(notifications, id: \.callID, refusals: refusals)
            var answer = counts(outcome)
            outcome.addRest(to: &answer)
            answer["dispatched_at"] = JSON(notifications.first?.createdAt ?? time.now)
            outcome.addFailures(to: &answer, as: "recipient_id")
            return Answer(.ok, .object(answer))
        }
    }
}
