import DeliveryEngine
import Domain
import Vault

extension Metrics {
    func writeLanes(_ text: inout MetricsText, _ now: Timestamp) {
        let all = engine.lanes
        var byCondition: [String: Int] = [:]
        for lane in all { byCondition[lane.condition.word, default: 0] += 1 }
        text.family("hermod_lanes", .gauge, "Lanes in use since the start, by how they are.") { family in
            for word in LaneState.Condition.words { family.add(["condition": word], byCondition[word] ?? 0) }
        }
        let (told, untold) = Self.foremost(all, by: { !$0.isAtRest }, then: { $0.lane < $1.lane })
        text.single("hermod_lanes_untold", .gauge, "Lanes at rest that have no series of their own, for want of room.", Double(untold))
        func gauge(_ name: StaticString, _ help: StaticString, _ value: (LaneState) -> Int?) {
            text.family(name, .gauge, help) { family in
                for lane in told { if let value = value(lane) { family.add(Self.labels(lane.lane), value) } }
            }
        }
        gauge("hermod_lane_in_flight", "Requests under way.") { $0.inFlight }
        gauge("hermod_lane_waiting", "Deliveries claimed and waiting in memory.") { $0.waiting }
        gauge("hermod_lane_backlog", "1 while more of the lane waits on disk.") { $0.hasBacklog ? 1 : 0 }
        text.family("hermod_lane_overdue_seconds", .gauge, "For how long the next delivery on disk has been due.") { family in
            for lane in told { family.add(Self.labels(lane.lane), lane.dueSince.map { max((now - $0).inSeconds, 0) } ?? 0) }
        }
        text.family("hermod_lane_paused", .gauge, "1 for a lane that does not send now, and why.") { family in
            for lane in told {
                guard let reason = lane.condition.reason else { continue }
                family.add(
                    [
                        "org": lane.lane.orgID, "provider": lane.lane.provider.rawValue, "credential": lane.lane.credential,
                        "condition": lane.condition.word, "reason": Self.bounded(reason),
                    ], 1)
            }
        }
        text.family("hermod_lane_guard_rail", .gauge, "1 for a lane that kills no tokens because nearly all were called dead at once.") { family in
            for lane in told {
                guard let tripped = lane.guardRail else { continue }
                family.add(
                    [
                        "org": lane.lane.orgID, "provider": lane.lane.provider.rawValue, "credential": lane.lane.credential,
                        "reason": Self.bounded(tripped.reason),
                    ], 1)
            }
        }
    }

    /// What lanes share: a series for each project, relay account or key, and not for each lane that has one of its own.
    func writeQuotas(_ text: inout MetricsText, _ now: Timestamp) {
        let shared = engine.quotas.filter { !$0.isLanesOwn || $0.throttles > 0 }
        let (told, untold) = Self.foremost(shared, by: { $0.reason != nil }, then: { $0.name < $1.name })
        text.single("hermod_quotas_untold", .gauge, "Quotas at rest that have no series of their own, for want of room.", Double(untold))
        func family(_ name: StaticString, _ kind: MetricsText.Kind, _ help: StaticString, _ value: (QuotaState) -> Double) {
            text.family(name, kind, help) { family in for quota in told { family.add(["quota": quota.name], value(quota)) } }
        }
        family("hermod_quota_rate", .gauge, "Messages a second that may be drawn from it now.") { $0.rate }
        family("hermod_quota_ceiling", .gauge, "Messages a second while the provider does not complain.") { $0.ceiling }
        family("hermod_quota_lanes", .gauge, "Lanes that draw from it.") { Double($0.lanes) }
        family("hermod_quota_pause_seconds", .gauge, "For how long the provider's pause still lasts.") {
            $0.pausedUntil.map { max(($0 - now).inSeconds, 0) } ?? 0
        }
        family("hermod_quota_throttles_total", .counter, "How often the provider asked for fewer messages.") { Double($0.throttles) }
        family("hermod_quota_throttled_seconds_total", .counter, "Pauses that the provider asked for, in all.") { $0.throttled.inSeconds }
    }

    func writeCredentials(_ text: inout MetricsText, _ now: Timestamp) {
        let alarms = alarms.all(now: now)
        text.family("hermod_credential_alarms", .gauge, "Credentials that need a person, by what is wrong.") { family in
            for kind in CredentialAlarm.Kind.allCases { family.add(["kind": kind.rawValue], alarms.count { $0.kind == kind }) }
        }
        text.family("hermod_credential_alarm", .gauge, "1 for a credential that needs a person.") { family in
            for alarm in alarms.prefix(Self.seriesLimit) {
                family.add(
                    [
                        "org": alarm.lane.orgID, "provider": alarm.lane.provider.rawValue, "credential": alarm.lane.credential,
                        "kind": alarm.kind.rawValue,
                    ], 1)
            }
        }
        let entries = entries()
        let dated = entries.filter { !$0.isShadowed && $0.facts?.notAfter != nil }
            .sorted { ($0.facts?.notAfter ?? now, $0.lane) < ($1.facts?.notAfter ?? now, $1.lane) }
        text.family("hermod_credential_expiry_timestamp_seconds", .gauge, "When a credential with a date ends, since unix epoch; the soonest first.")
        {
            family in
            for entry in dated.prefix(Self.seriesLimit) {
                if let end = entry.facts?.notAfter { family.add(Self.labels(entry.lane), Double(end.seconds)) }
            }
        }
        let unopened = entries.count { $0.source == .sealed && $0.fault != nil }
        text.single("hermod_sealed_credentials_unopened", .gauge, "Credentials in the database that can't be opened.", Double(unopened))
    }

    private static func labels(_ lane: LaneKey) -> MetricsText.Labels {
        ["org": lane.orgID, "provider": lane.provider.rawValue, "credential": lane.credential]
    }

    /// As many as have room, those that matter before the others, and how many are left.
    private static func foremost<Element>(
        _ all: [Element], by matters: (Element) -> Bool, then precedes: (Element, Element) -> Bool
    ) -> (told: [Element], untold: Int) {
        guard all.count > seriesLimit else { return (all.sorted(by: precedes), 0) }
        let urgent = all.filter(matters).sorted(by: precedes)
        let rest = urgent.count < seriesLimit ? all.filter { !matters($0) }.sorted(by: precedes) : []
        return (Array((urgent + rest).prefix(seriesLimit)), all.count - seriesLimit)
    }

    /// Providers choose their words; a label takes only what looks like one.
    private static func bounded(_ reason: String) -> String {
        let isWord = reason.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (97...122).contains(byte | 0x20) || byte == 0x2E || byte == 0x5F || byte == 0x2D
        }
        return isWord && (1...64).contains(reason.utf8.count) ? reason : "other"
    }
}

extension QuotaState {
    /// Nobody else draws from it.
    fileprivate var isLanesOwn: Bool { name.hasPrefix("lane/") }
}

extension LaneState {
    fileprivate var isAtRest: Bool { condition == .open && inFlight == 0 && waiting == 0 && !hasBacklog }
}

extension LaneState.Condition {
    static let words = ["open", "throttled", "credential_refused", "broken"]

    /// As in delivery timelines.
    var word: String {
        switch self {
        case .open: "open"
        case .throttled: "throttled"
        case .credentialRefused: "credential_refused"
        case .broken: "broken"
        }
    }

    /// Nil for a lane that sends.
    var reason: String? {
        switch self {
        case .open: nil
        case .throttled: "throttled"
        case .credentialRefused(let reason, _), .broken(let reason, _): reason
        }
    }
}
