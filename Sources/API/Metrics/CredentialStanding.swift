public import Domain
public import Vault

/// How credentials stand, as far as the engine does not know it: what `/metrics` and `/readyz` tell beside the lanes.
public struct CredentialStanding: Sendable {
    /// Unusable, expiring and expired credentials, and those that have fallen back to the version before.
    public var alarms: @Sendable (Timestamp) -> [CredentialAlarm]
    /// All credentials, without their secrets.
    public var entries: @Sendable () -> [CredentialEntry]

    public init(
        alarms: @Sendable @escaping (Timestamp) -> [CredentialAlarm] = { _ in [] }, entries: @Sendable @escaping () -> [CredentialEntry] = { [] }
    ) {
        self.alarms = alarms
        self.entries = entries
    }
}
