import DeliveryEngine
import Domain

/// What needs a person about credentials, from all who know a part of it.
struct Alarms: Sendable {
    let engine: DeliveryEngine
    /// What is known without the engine: unusable, expiring and expired credentials, and fallbacks.
    let others: @Sendable (Timestamp) -> [CredentialAlarm]

    /// Sorted by lane. A credential that can't be used is told as that, and not as refused as well.
    func all(now: Timestamp) -> [CredentialAlarm] {
        let others = others(now)
        let unusable = Set(others.lazy.filter { $0.kind == .unusable }.map(\.lane))
        let refused = engine.lanes.compactMap(\.alarm).filter { !unusable.contains($0.lane) }
        return (others + refused).sorted { ($0.lane, $0.kind.rawValue) < ($1.lane, $1.kind.rawValue) }
    }
}
