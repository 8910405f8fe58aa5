public import Domain

/// What PUT may change. Nil leaves a member as it is.
public struct NotificationChange: Sendable, Hashable {
    public var statedStatus: String?
    /// Members to set in `attributes`.
    public var attributes: JSONObject = [:]

    public init() {}
}
