public import Domain

/// What PUT may change.
public struct NotificationChange: Sendable, Hashable {
    public enum Statement: Sendable, Hashable {
        case kept
        case set(String)
        /// What has happened shows again.
        case withdrawn
    }

    public var statedStatus: Statement = .kept
    /// Members to set in `attributes`.
    public var attributes: JSONObject = [:]

    public init() {}
}
