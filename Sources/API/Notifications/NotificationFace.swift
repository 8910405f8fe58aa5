import Domain
import Storage

/// How one contract shows the notifications that it created. The routes that read are the same for all of them.
protocol NotificationFace: Sendable {
    var contract: Contract { get }

    /// Reads the filters that this contract has. True when one was given, which leaves other contracts' notifications out.
    func narrow(_ filter: inout NotificationFilter, by query: inout QueryReader) -> Bool

    /// An entry of a list.
    func entry(_ notification: Notification) -> JSON

    /// The answer to GET of one.
    func record(_ notification: Notification, deliveries: [Delivery]) -> JSON
}

/// A contract whose PUT changes what a record says, and whose DELETE removes it.
protocol AmendableFace: NotificationFace {
    /// Reads the body of a PUT.
    func change(_ reader: inout FieldReader, now: Timestamp) -> NotificationChange

    /// The answer to PUT.
    func changed(_ notification: Notification) -> JSON
}

extension Notification {
    /// When it was sent; null while nothing was.
    var sentAt: JSON {
        switch tally.status {
        case .reached, .failed: .string(createdAt.rfc3339Seconds)
        case .queued, .cancelled: .null
        }
    }

    /// The members with which every contract begins.
    var head: [JSONObject.Member] {
        [
            .init(key: "id", value: .string(id)), .init(key: "user_id", value: JSON(userID)),
            .init(key: "title", value: JSON(content.title)), .init(key: "body", value: JSON(content.body)),
        ]
    }

    /// Why nobody was reached, where nobody was.
    var failure: String? { tally.status == .failed ? error ?? "No target was reached." : nil }
}

extension JSON {
    init(_ text: String?) { self = text.map(JSON.string) ?? .null }

    init(_ time: Timestamp?) { self.init(time?.rfc3339Seconds) }
}
