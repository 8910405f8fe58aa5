import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird

/// A user of a batch who can't be sent to, and why.
private struct Refusal: Sendable {
    var userID: String?
    var reason: String
}

extension PushService {
    /// Users of one call.
    static let batchLimit = 10_000

    func sendBatch(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var reader = FieldReader(object)
        let elements = reader.requiredArray("user_ids", limit: Self.batchLimit)
        let payload = Self.payload(&reader)
        let (users, refusals, faults) = Self.users(elements)
        // One bad id fails that user; only bad ones fail the call.
        if users.isEmpty { reader.absorb(faults) }
        try reader.check()
        post.unknown = reader.unknown
        let batchID = dispatch.id(prefix: "batch-")
        let ids = dispatch.ids(users.count, prefix: "notif-")
        let drafts = zip(users, ids).map { payload.draft(id: $1, userID: $0, batchID: batchID, orgID: post.caller.orgID) }
        return try await dispatch.send(drafts, batchID: batchID, for: post) { [time] batchID, notifications in
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

    private static func users(_ elements: [JSON]) -> (users: [String], refusals: [Refusal], faults: Faults) {
        var users: [String] = []
        var refusals: [Refusal] = []
        var faults = Faults()
        users.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            if let detail = fault(in: element) {
                let pointer = Pointer.element("user_ids", index).text
                faults.add(pointer, detail)
                refusals.append(Refusal(userID: element.string, reason: "\(pointer): \(detail)"))
            } else if let id = element.string {
                users.append(id)
            }
        }
        return (users, refusals, faults)
    }

    private static func fault(in element: JSON) -> String? {
        guard case .string(let id) = element else { return "must be a string, not \(element.kind)" }
        return id.isEmpty ? "must not be empty" : TextRule.id.fault(in: id)
    }

    private static func outcome(_ notifications: [Notification], _ refusals: [Refusal], batchID: String, now: Timestamp) -> JSON {
        var tally = BatchTally()
        var failures: [JSON] = []
        for notification in notifications {
            tally.count(notification)
            guard let failure = notification.failure else { continue }
            failures.append(["user_id": JSON(notification.userID), "notification_id": .string(notification.id), "error": .string(failure)])
        }
        for refusal in refusals {
            tally.refuse()
            failures.append(["user_id": JSON(refusal.userID), "notification_id": .null, "error": .string(refusal.reason)])
        }
        var answer: JSONObject = [
            "batch_id": .string(batchID), "total": .integer(notifications.count + refusals.count), "delivered": .integer(tally.reached),
            "failed": .integer(tally.failed),
        ]
        tally.addRest(to: &answer)
        answer["sent_at"] = JSON(now)
        // Beyond the contract: who was not reached, and why.
        if !failures.isEmpty { answer["failures"] = .array(failures) }
        return .object(answer)
    }
}
