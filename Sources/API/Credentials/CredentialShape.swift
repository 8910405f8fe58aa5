import DeliveryEngine
import Domain
import Vault

/// How a credential reads over REST: all that may be told of it.
struct CredentialShape {
    let now: Timestamp
    let alarms: [CredentialAlarm]
    let state: (LaneKey) -> LaneState?

    func item(_ entry: CredentialEntry) -> JSONObject {
        var item: JSONObject = [
            "org_id": .string(entry.lane.orgID),
            "provider": .string(entry.lane.provider.rawValue),
            "name": .string(entry.lane.credential),
        ]
        switch entry.source {
        case .file(let name):
            item["source"] = "file"
            item["file"] = .string(name)
        case .sealed:
            item["source"] = "sealed"
            item["file"] = .null
        }
        item["version"] = .integer(entry.version)
        item["set_at"] = JSON(entry.setAt)
        item["set_by"] = JSON(entry.setBy)
        item["facts"] = .object(entry.facts?.members ?? [:])
        item["fingerprint"] = JSON(entry.facts?.fingerprint)
        item["expires_at"] = JSON(entry.facts?.notAfter)
        item["days_left"] = entry.facts?.notAfter.map { .integer(daysLeft($0)) } ?? .null
        item["warnings"] = .array(entry.warnings.map(JSON.string))
        let condition = condition(entry)
        item["state"] = .string(condition.state)
        item["reason"] = JSON(condition.reason)
        item["next_probe_at"] = JSON(condition.until)
        item["shadowed"] = .bool(entry.isShadowed)
        item["previous"] = entry.previous.map(previous) ?? .null
        return item
    }

    private func previous(_ previous: CredentialEntry.Previous) -> JSON {
        [
            "version": .integer(previous.version), "set_at": JSON(previous.setAt), "until": JSON(previous.until),
            "fingerprint": JSON(previous.facts?.fingerprint), "expires_at": JSON(previous.facts?.notAfter),
        ]
    }

    /// Whole days that are left, rounded down; negative when it has ended.
    private func daysLeft(_ end: Timestamp) -> Int64 {
        let (days, rest) = (end - now).microseconds.quotientAndRemainder(dividingBy: 86_400_000_000)
        return rest < 0 ? days - 1 : days
    }

    private func condition(_ entry: CredentialEntry) -> (state: String, reason: String?, until: Timestamp?) {
        if let fault = entry.fault { return ("unusable", fault, nil) }
        if entry.isShadowed { return ("shadowed", "An org file declares a credential of this name, and the file goes first.", nil) }
        switch state(entry.lane)?.condition {
        case .credentialRefused(let reason, let probeAt): return ("refused", reason, probeAt)
        case .broken(let reason, let probeAt): return ("broken", reason, probeAt)
        case .throttled(let until): return ("throttled", "The provider asked for a pause.", until)
        case .open, nil: break
        }
        // The lane itself is well: what the newer version is refused goes out with the one before.
        if let alarm = alarms.first(where: { $0.lane == entry.lane && $0.kind == .fallback }) { return ("fallback", alarm.message, nil) }
        return ("ok", nil, nil)
    }

    func verification(
        _ entry: CredentialEntry, _ current: (version: Int, CredentialVerification), previous: (version: Int, CredentialVerification)?
    ) -> JSON {
        var answer: JSONObject = [
            "org_id": .string(entry.lane.orgID), "provider": .string(entry.lane.provider.rawValue), "name": .string(entry.lane.credential),
            "verified_at": JSON(now),
        ]
        answer.members += Self.verification(current.version, current.1).members
        answer["previous"] = previous.map { .object(Self.verification($0.version, $0.1)) } ?? .null
        return .object(answer)
    }

    private static func verification(_ version: Int, _ verification: CredentialVerification) -> JSONObject {
        [
            "version": .integer(version),
            "verdict": .string(verification.verdict.rawValue),
            "summary": .string(verification.summary),
            "steps": .array(
                verification.steps.map { ["name": .string($0.name), "verdict": .string($0.verdict.rawValue), "detail": .string($0.detail)] }),
        ]
    }
}
