public import Domain

/// A notification with its deliveries, to be made durable together. Deliveries in state `sending` are inserted already leased to `lease`.
public struct NewNotification: Sendable {
    public var notification: Notification
    public var deliveries: [Delivery]
    /// First attempts that the commit itself makes: those of deliveries to an inbox, which stand among `deliveries` as they are settled.
    public var madeByCommit: [Settlement]

    public init(notification: Notification, deliveries: [Delivery], madeByCommit: [Settlement] = []) {
        self.notification = notification
        self.deliveries = deliveries
        self.madeByCommit = madeByCommit
    }
}
