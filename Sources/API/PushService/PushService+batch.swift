import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird

extension PushService {
    /// Users of one call.
    static let batchLimit = 10_000

    func sendBatch(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let users = RecipientList(&reader, "user_ids", limit: Self.batchLimit)
        let payload = Self.payload(&reader)
        // One bad id fails that user; only bad ones fail the call.
        if users.userIDs.isEmpty { reader.absorb(users.faults) }
        try reader.check()
        post.unknown = reader.unknown
        let orgs = try await dispatch.orgs(of: users.userIDs, for: post.caller)
        var refusals = users.refusals
        let reachable = users.reachable(orgs) { _, userID in
            refusals.append(.init(userID: userID, reason: RecipientOrgs.unreachable))
        }
        let batchID = dispatch.id(prefix: "batch-")
        let ids = dispatch.ids(reachable.userIDs.count, prefix: "notif-")
        let drafts = zip(reachable.userIDs, ids).map { userID, id in
            payload.draft(id: id, userID: userID, batchID: batchID, orgID: orgs.org(of: userID) ?? post.caller.orgID)
        }
        return try await dispatch.send(drafts, batchID: batchID, for: post) { [time, refusals] batchID, notifications in
            Answer(.ok, Self.outcome(notifications, refusals, batchID: batchID, now: time.now))
        }
    }

    /// Faults inside the payload concern every user and so the whole call.
    private static func payload(_ reader: inout FieldReader) -> PushServicePayload {
        let defaults = SendingOptions(&reader)
        let before = reader.faults.count
        let object = reader.object("payload")
        if object == nil, reader.faults.count == before { reader.fault("payload", "is required") }
        var inner = FieldReader(object ?? [:], at: .member("payload"))
        let payload = PushServicePayload(&inner, defaults: defaults)
        if object != nil { reader.absorb(inner) }
        return payload
    }

    private static func outcome(_ notifications: [Notification], _ refusals: [RecipientList.Refusal], batchID: String, now: Timestamp) -> JSON {
        let outcome = RecipientOutcome(notifications, id: \.id, refusals: refusals)
        var answer: JSONObject = [
            "batch_id": .string(batchID), "total": .integer(notifications.count + refusals.count), "delivered": .integer(outcome.reached.count),
            "failed": .integer(outcome.failed),
        ]
        outcome.addRest(to: &answer)
        answer["sent_at"] = JSON(now)
        outcome.addFailures(to: &answer, as: "user_id")
        return .object(answer)
    }
}
