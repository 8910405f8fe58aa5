public import Domain
import Synchronization

/// Two versions of a lane's credential while a rotation lasts: new attempts go through the current one, and what it refuses through the one before it.
///
/// One attempt per call stays law: a refusal is answered with `refreshed(afterwards: .otherVersion)`, so that the engine writes it down and makes the next
/// attempt itself.
public final class VersionPair: Sendable {
    /// The current version has fallen out of use, or has come back into it.
    public enum Change: Sendable, Hashable {
        case began(CredentialAlarm)
        case ended(CredentialAlarm)
    }

    let lane: LaneKey
    let current: any Provider
    let previous: any Provider
    private let time: any TimeSource
    private let onChange: @Sendable (Change) -> Void
    private let overlap: Mutex<Overlap>

    /// - Parameter probe: how long the current version is left alone after a refusal; doubles up to ten times that.
    /// - Parameter onChange: told once when a fallback begins and once when it ends, outside any lock.
    public init(
        lane: LaneKey, current: any Provider, previous: any Provider, probe: Duration = .seconds(30), time: any TimeSource,
        onChange: @Sendable @escaping (Change) -> Void
    ) {
        self.lane = lane
        self.current = current
        self.previous = previous
        self.time = time
        self.onChange = onChange
        overlap = Mutex(Overlap(probe: probe))
    }

    /// Both as one; it can be asked for receipts where they can.
    public var provider: any Provider {
        if let current = current as? any ReceiptProvider, let previous = previous as? any ReceiptProvider {
            RotatingReceiptProvider(pair: self, current: current, previous: previous)
        } else {
            RotatingProvider(pair: self)
        }
    }

    /// The fallback that lasts now; nil while the current version is in use.
    public var fallback: CredentialAlarm? { overlap.withLock(\.trouble).map { alarm($0) } }

    func inUse() -> Overlap.Version { overlap.withLock(\.inUse) }

    func provider(_ version: Overlap.Version) -> any Provider {
        switch version {
        case .current: current
        case .previous: previous
        }
    }

    /// The rule goes by time as it passes: a clock that is set back must not put off the next probe.
    private var steady: Timestamp { Timestamp(microseconds: 0) + time.elapsed }

    func plan(_ deliveries: [Identifier]) -> [Overlap.Request] {
        let now = steady
        return overlap.withLock { $0.plan(deliveries, now: now) }
    }

    func judge(_ outcomes: [Outcome], of deliveries: [Identifier], by request: Overlap.Request) -> [Outcome] {
        change { $0.judge(outcomes, of: deliveries, by: request, now: $1) }
    }

    /// - Returns: whether the other version is worth being asked.
    func refused(_ version: Overlap.Version, by outcome: Outcome) -> Bool {
        change { $0.refused(version, by: outcome, now: $1) }
    }

    private func change<T: Sendable>(_ body: (inout Overlap, Timestamp) -> T) -> T {
        let now = steady
        let (answer, before, after) = overlap.withLock { overlap in
            let before = overlap.trouble
            return (body(&overlap, now), before, overlap.trouble)
        }
        switch (before, after) {
        case (nil, let trouble?): onChange(.began(alarm(trouble)))
        case (let trouble?, nil): onChange(.ended(alarm(trouble)))
        case (nil, nil), (_?, _?): break
        }
        return answer
    }

    private func alarm(_ trouble: Overlap.Trouble) -> CredentialAlarm {
        let fault =
            switch trouble.kind {
            case .refused: "is refused by the provider"
            case .contradicted: "is refused for targets that the version before it reaches, as by a key of another environment, project or app"
            }
        return CredentialAlarm(
            lane: lane, kind: .fallback, since: time.now - (steady - trouble.since),
            message: "the new version \(fault) (\(trouble.reason), \(trouble.rule)); deliveries go out with the version before it: "
                + "set a credential that works before that one ends")
    }
}
