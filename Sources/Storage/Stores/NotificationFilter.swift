public import Domain

/// What a list of notifications may be narrowed by.
public struct NotificationFilter: Sendable, Hashable {
    /// Empty means every contract.
    public var contracts: [Contract] = []
    public var userID: String?
    /// The notification's own org, which has to be within the scope all the same.
    public var orgID: String?
    /// Any of these: folded, or stated by PUT where one was. Empty means every status.
    public var statuses: [Status] = []
    public var category: String?
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
