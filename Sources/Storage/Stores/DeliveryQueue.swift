import Domain

/// The queue on disk: what the engine writes and claims.
///
/// Writes go through group commit: all that wait for the disk at a moment share one transaction.
/// Results are written only where the row is still in the state that we think, so that a late gateway can't overwrite a rescue or a cancel.
public struct DeliveryQueue: Sendable {
    let committer: GroupCommit
    let sortKeys = SortKeys()

    public init(_ committer: GroupCommit) {
        self.committer = committer
    }

    var dialect: SQLDialect { committer.database.dialect }
}
