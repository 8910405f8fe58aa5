import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird

/// One target of a batch: a message, or the reason why it can't be sent. A batch never fails as a whole for one of its targets.
private enum BatchTarget: Sendable {
    case message(PushDispatcherMessage)
    case refused(userID: String?, reason: String)

    var message: PushDispatcherMessage? {
        if case .message(let message) = self { message } else { nil }
    }
}

extension PushDispatcher {
    /// Targets of one call.
    static let batchLimit = 1_000

    func sendBatch(_ request: Request, _ context: CallContext) async throws -> Answer {
        var (post, object) = try await dispatch.read(request, context)
        var targets = try targets(object, &post)
        let orgs = try await dispatch.orgs(of: targets.compactMap(\.message?.userID), for: post.caller)
        targets = targets.map { target in
            guard let message = target.message, orgs.org(of: message.userID) == nil else { return target }
            return .refused(userID: message.userID, reason: RecipientOrgs.unreachable)
        }
        let messages = targets.compactMap { target in
            target.message.flatMap { message in orgs.org(of: message.userID).map { (message, $0) } }
        }
        let batchID = dispatch.id(prefix: "batch_")
        let ids = dispatch.ids(messages.count, prefix: "notif_")
        let drafts = zip(messages, ids).map { $0.0.draft(id: $1, batchID: batchID, orgID: $0.1) }
        return try await dispatch.send(drafts, batchID: batchID, for: post) { [time, targets] batchID, notifications in
            Answer(.ok, Self.outcome(of: targets, notifications, batchID: batchID, now: time.now))
        }
    }

    /// Refuses a call in which not a single target can be sent, with the faults of all of them.
    private func targets(_ object: JSONObject, _ post: inout Post) throws(Problem) -> [BatchTarget] {
        var reader = FieldReader(object)
        let defaults = SendingOptions(&reader)
        let elements = reader.requiredArray("targets", limit: Self.batchLimit)
        try reader.check()
        post.unknown = reader.unknown
        var refusals = Faults()
        let targets = elements.enumerated().map { index, element in
            Self.target(element, at: .element("targets", index), defaults, &refusals, &post.unknown)
        }
        if refusals.isEmpty { return targets }
        let isHopeless = targets.allSatisfy { if case .refused = $0 { true } else { false } }
        if isHopeless { try refusals.check() }
        return targets
    }

    private static func target(
        _ element: JSON, at place: Pointer, _ defaults: SendingOptions, _ refusals: inout Faults, _ unknown: inout [String]
    ) -> BatchTarget {
        guard case .object(let object) = element else {
            let reason = "must be an object, not \(element.kind)"
            refusals.add(place.text, reason)
            return .refused(userID: nil, reason: "\(place.text): \(reason)")
        }
        var reader = FieldReader(object, at: place)
        let message = PushDispatcherMessage(&reader, defaults: defaults)
        unknown += reader.unknown
        guard !reader.faults.isEmpty else { return .message(message) }
        refusals.add(reader.faults)
        let reasons = reader.faults.list.map { "\($0.pointer): \($0.detail)" }.joined(separator: "; ")
        return .refused(userID: object["user_id"]?.string, reason: reasons)
    }

    /// - Parameter notifications: of the targets that could be sent, in their order.
    private static func outcome(of targets: [BatchTarget], _ notifications: [Notification], batchID: String, now: Timestamp) -> JSON {
        var tally = BatchTally()
        var rest = notifications[...]
        let results = targets.compactMap { target -> JSON? in
            switch target {
            case .refused(let userID, let reason):
                tally.refuse()
                return ["user_id": JSON(userID), "notification_id": .null, "status": "failed", "error": .string(reason)]
            case .message:
                guard let notification = rest.popFirst() else { return nil }
                tally.count(notification)
                return result(notification)
            }
        }
        var answer: JSONObject = [
            "batch_id": .string(batchID), "total": .integer(results.count), "succeeded": .integer(tally.reached),
            "failed": .integer(tally.failed),
        ]
        tally.addRest(to: &answer)
        answer["results"] = .array(results)
        answer["sent_at"] = JSON(now)
        return .object(answer)
    }

    private static func result(_ notification: Notification) -> JSON {
        var members: JSONObject = [
            "user_id": JSON(notification.userID), "notification_id": .string(notification.id),
            "status": .string(PushDispatcherFace.words.word(for: notification)),
        ]
        if let failure = notification.failure { members["error"] = .string(failure) }
        return .object(members)
    }
}
