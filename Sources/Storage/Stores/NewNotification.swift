public import Domain

/// A notification with its deliveries, to be made durable together. Deliveries in state `sending` are inserted already leased to `lease`.
public struct NewNotification: Sendable {
    public var notification: Notification
    public var deliveries: [Delivery]

    public init(notification: Notification, deliveries: [Delivery]) {
        self.notification = notification
        self.deliveries = deliveries
    }
}
