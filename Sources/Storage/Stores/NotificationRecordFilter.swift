public import Domain

/// What a list of notification records may be narrowed by.
public struct NotificationRecordFilter: Sendable, Hashable {
    public var mentorID: String?
    public var coordinatorID: String?
    public var eventType: String?
    /// `sentAt >= from`.
    public var from: Timestamp?
    /// `sentAt < to`.
    public var to: Timestamp?

    public init() {}
}
