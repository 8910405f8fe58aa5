public import Domain

public struct DeliveryFilter: Sendable, Hashable {
    public var notificationID: String?
    public var userID: String?
    public var orgID: String?
    public var provider: ProviderName?
    public var state: DeliveryState?
    public var from: Timestamp?
    public var to: Timestamp?

    public init() {}
}
