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

    static func lane(_ key: LaneKey, _ state: LaneState?) -> JSON {
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
        if let quota = state.quota { lane["quota"] = self.quota(quota) }
        if let rail = state.guardRail { lane["guard_rail"] = guardRail(rail) }
        return .object(lane)
    }

    /// Who else draws from it is not told: they may be other orgs.
    private static func quota(_ quota: QuotaState) -> JSON {
        [
            "name": .string(quota.name),
            "rate": .integer(Int(quota.rate.rounded())),
            "ceiling": .integer(Int(quota.ceiling.rounded())),
            "paused_until": JSON(quota.pausedUntil),
            "reason": JSON(quota.reason),
        ]
    }

    private static func guardRail(_ rail: GuardRailState) -> JSON {
        [
            "rule": .string(rail.rule),
            "reason": .string(rail.reason),
            "since": JSON(rail.trippedAt),
            "verdicts": .integer(rail.verdicts),
            "alike": .integer(rail.alike),
            "revived": .integer(rail.revived),
        ]
    }
}
