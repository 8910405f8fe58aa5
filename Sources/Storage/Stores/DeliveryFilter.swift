public import Domain

public struct DeliveryFilter: Sendable, Hashable {
    public var notificationID: String?
    public var userID: String?
    public var orgID: String?
    public var provider: ProviderName?
    /// The name of the credential, whichever org's it is.
    public var credential: String?
    public var state: DeliveryState?
    /// The last answer's reason, to the letter.
    public var reason: String?
    public var from: Timestamp?
    public var to: Timestamp?

    public init() {}
}
