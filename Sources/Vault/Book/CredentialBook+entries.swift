public import Domain
import Settings
public import Storage

extension CredentialBook {
    /// Everything of these orgs, sorted by lane; sealed ones that a file's stands in front of are listed too, behind it.
    public func entries(scope: OrgScope) -> [CredentialEntry] {
        let index = files.current
        let known = Set(index.organisations.keys)
        return index.allLanes.filter { scope.contains($0.orgID) }.sorted().flatMap { entries(of: $0, index, known) }
    }

    /// What there is of one lane: a file's, a sealed one, or both, in this order.
    public func entries(of lane: LaneKey) -> [CredentialEntry] {
        let index = files.current
        return entries(of: lane, index, Set(index.organisations.keys))
    }

    private func entries(of lane: LaneKey, _ index: OrgIndex, _ known: Set<String>) -> [CredentialEntry] {
        var entries: [CredentialEntry] = []
        if let file = index.origins[lane] { entries.append(entry(lane, file: file, index)) }
        if let held = index.sealed.held[lane] { entries.append(entry(held, index, known)) }
        return entries
    }

    /// What needs a person: unusable, expiring and expired credentials, of those that are in use.
    public func alarms(now: Timestamp) -> [CredentialAlarm] {
        let index = files.current
        return entries(scope: .all).filter { !$0.isShadowed }.compactMap { entry in
            if let fault = entry.fault { return CredentialAlarm(lane: entry.lane, kind: .unusable, message: fault) }
            if case .sealed = entry.source, let lapse = index.sealed.held[entry.lane].flatMap({ lapse($0.current) }) {
                return CredentialAlarm(lane: entry.lane, kind: .unusable, message: lapse)
            }
            guard let end = entry.facts?.notAfter else { return nil }
            if end <= now {
                return CredentialAlarm(
                    lane: entry.lane, kind: .expired, since: end, message: "\(entry.lane) has ended on \(end.rfc3339Seconds); set a new one")
            }
            guard end <= now + CredentialEntry.notice else { return nil }
            return CredentialAlarm(
                lane: entry.lane, kind: .expiring, since: end - CredentialEntry.notice,
                message: "\(entry.lane) ends on \(end.rfc3339Seconds), in \((end - now).microseconds / 86_400_000_000) days; rotate it before")
        }
    }

    /// How many versions are sealed in the database, opened or not.
    public var sealedCount: Int { files.withIndex { $0.sealed.held.values.reduce(0) { $0 + $1.versions.count } } }

    /// What of the database can't be opened, counted by reason, a sentence each; for the start and the log.
    public var unopened: [String] { files.withIndex { $0.sealed }.unopened }

    /// Why nothing can be set; nil: it can.
    public var sealingFault: String? {
        CredentialOpener(masterKeys.reading, files.withIndex { $0.sealed.records }, isReadAgain: masterKeys.isReadAgain).sealingFault
    }

    func entry(_ lane: LaneKey, _ version: HeldVersion) -> CredentialEntry {
        let index = files.current
        let held = index.sealed.held[lane].flatMap { $0.current.sealed.id == version.sealed.id ? $0 : nil }
        return entry(held ?? SealedIndex.Held(current: version, previous: nil), index, Set(index.organisations.keys))
    }

    private func entry(_ held: SealedIndex.Held, _ index: OrgIndex, _ known: Set<String>) -> CredentialEntry {
        let sealed = held.current.sealed
        let lane = sealed.lane
        let facts = held.current.facts
        var entry = CredentialEntry(
            lane: lane, source: .sealed, version: sealed.version, setAt: sealed.setAt, setBy: sealed.setBy, facts: facts,
            fault: held.current.opened == nil ? held.current.fault.map { "\(lane) \($0)" } : nil, isShadowed: index.origins[lane] != nil)
        entry.warnings = facts.warnings + (lapse(held.current).map { [$0] } ?? [])
        if let file = index.origins[lane] {
            entry.warnings.append("\(file) declares \(lane) too, and a file's credential is used; remove the entry there to use this one")
        }
        if !known.contains(lane.orgID) {
            entry.warnings.append("no org file and no directory entry knows \(lane.orgID): only calls that name this very id use the credential")
        }
        if let before = held.previous(at: time.now) {
            entry.previous = CredentialEntry.Previous(
                version: before.sealed.version, setAt: before.sealed.setAt, until: before.sealed.until, facts: before.facts)
        }
        return entry
    }

    /// A version that is still open and would not open again.
    private func lapse(_ version: HeldVersion) -> String? {
        guard version.opened != nil, let fault = version.fault else { return nil }
        return "\(version.sealed.lane) stays in use until the gateway stops, and not beyond: it \(fault)"
    }

    private func entry(_ lane: LaneKey, file: String, _ index: OrgIndex) -> CredentialEntry {
        var entry = CredentialEntry(lane: lane, source: .file(file), fault: index.unusable[lane]?.description)
        guard let credential = index.credentials[lane] else { return entry }
        switch inspect(credential) {
        case .success(let facts):
            entry.facts = facts
            entry.warnings = facts.warnings
        case .failure(let faults):
            entry.fault = "\(lane) in \(file): \(faults)"
        }
        if let before = index.previous[lane] {
            entry.previous = CredentialEntry.Previous(version: 0, setAt: nil, until: nil, facts: try? inspect(before).get())
        }
        return entry
    }
}
