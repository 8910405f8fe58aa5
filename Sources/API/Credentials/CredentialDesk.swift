public import Domain
public import Vault

/// What the endpoints for credentials stand on: the book that keeps them, and who can tell a good one from a bad one.
public struct CredentialDesk: Sendable {
    let book: CredentialBook
    let inspector: any CredentialInspector
    let verifier: any CredentialVerifier
    let alarms: @Sendable () -> [CredentialAlarm]

    /// - Parameter alarms: what is wrong with credentials at the moment, for lists to show.
    public init(
        book: CredentialBook, inspector: any CredentialInspector, verifier: any CredentialVerifier,
        alarms: @Sendable @escaping () -> [CredentialAlarm] = { [] }
    ) {
        self.book = book
        self.inspector = inspector
        self.verifier = verifier
        self.alarms = alarms
    }
}
