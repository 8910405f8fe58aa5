import DeliveryEngine
import Domain
import Storage

/// How the delivery log shows a delivery. Targets are masked: the log is for people who have no business knowing them.
enum DeliveryShape {
    static func item(_ delivery: Delivery) -> JSONObject {
        [
            "id": .string(delivery.idText),
            "notification_id": .string(delivery.notificationID),
            "org_id": .string(delivery.orgID),
            "user_id": JSON(delivery.userID),
            "channel": .string(delivery.lane.provider.channel.rawValue),
            "provider": .string(delivery.lane.provider.rawValue),
            "credential": .string(delivery.lane.credential),
            "target": .string(Masking.mask(delivery.target.address)),
            "state": .string(delivery.state.rawValue),
            "attempts": .integer(delivery.attempts),
            "next_attempt_at": JSON(delivery.state == .queued ? delivery.nextAttemptAt : nil),
            "provider_message_id": JSON(delivery.providerMessageID),
            "reason": JSON(delivery.reason),
            "error": JSON(delivery.error),
            "created_at": JSON(delivery.createdAt),
            "expires_at": JSON(delivery.expiresAt),
            "settled_at": JSON(delivery.settledAt),
        ]
    }

    /// Why it did or did not arrive, in one answer: queued, each attempt with the rule that judged it, what comes next, how its lane is.
    static func story(_ delivery: Delivery, attempts: [Attempt], lane: LaneState?) -> JSON {
        var story = item(delivery)
        var timeline: [JSON] = [["at": JSON(delivery.createdAt), "event": "queued"]]
        timeline += attempts.map { event($0, of: delivery) }
        switch delivery.state {
        case .queued: timeline.append(["at": JSON(delivery.nextAttemptAt), "event": "next_attempt"])
        case .sending: timeline.append(["at": .null, "event": "sending"])
        case .sent: timeline.append(["at": .null, "event": "awaiting_receipt"])
        case .delivered, .failed, .cancelled:
            timeline.append(["at": JSON(delivery.settledAt), "event": .string(delivery.state.rawValue), "detail": JSON(delivery.error)])
        }
        story["timeline"] = .array(timeline)
        story["lane"] = self.lane(delivery.lane, lane)
        return .object(story)
    }

    private static func event(_ attempt: Attempt, of delivery: Delivery) -> JSON {
        [
            "at": JSON(attempt.startedAt),
            "event": "attempt",
            "number": .integer(attempt.number),
            "duration_ms": .integer((attempt.endedAt - attempt.startedAt).milliseconds),
            "outcome": .string(attempt.outcome),
            "rule": .string(attempt.rule),
            "status": attempt.status.map(JSON.integer) ?? .null,
            "reason": JSON(attempt.reason),
            // Providers redact; a relay that quotes the whole address in an unforeseen way must not undo the masking of this page.
            "detail": JSON(attempt.detail.map { Masking.redact($0, removing: [delivery.target.address]) }),
            "next_attempt_at": JSON(attempt.nextAttemptAt),
        ]
    }

    private static func lane(_ key: LaneKey, _ state: LaneState?) -> JSON {
        var lane: JSONObject = [
            "org_id": .string(key.orgID), "provider": .string(key.provider.rawValue), "credential": .string(key.credential),
        ]
        guard let state else {
            lane["state"] = "idle"
            return .object(lane)
        }
        switch state.condition {
        case .open: lane["state"] = "open"
        case .throttled(let until):
            lane["state"] = "throttled"
            lane["until"] = JSON(until)
        case .credentialRefused(let reason, let probeAt):
            lane["state"] = "credential_refused"
            lane["reason"] = .string(reason)
            lane["until"] = JSON(probeAt)
        case .broken(let reason, let probeAt):
            lane["state"] = "broken"
            lane["reason"] = .string(reason)
            lane["until"] = JSON(probeAt)
        }
        lane["in_flight"] = .integer(state.inFlight)
        lane["waiting"] = .integer(state.waiting)
        lane["has_backlog"] = .bool(state.hasBacklog)
        return .object(lane)
    }
}
