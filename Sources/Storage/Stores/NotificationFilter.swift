public import Domain

/// What a list of notifications may be narrowed by.
public struct NotificationFilter: Sendable, Hashable {
    /// Empty means every contract.
    public var contracts: [Contract] = []
    public var userID: String?
    /// Folded, or stated by PUT where one was.
    public var status: Status?
    public var scenarioID: String?
    public var promptID: String?
    /// `createdAt >= from`.
    public var from: Timestamp?
    /// `createdAt < to`.
    public var to: Timestamp?

    public enum Status: Sendable, Hashable {
        case folded(FoldedStatus)
        case stated(String)
    }

    public init() {}
}
