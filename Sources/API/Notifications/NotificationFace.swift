import Domain
import Storage

/// How one contract shows the notifications that it created. The routes that read are the same for all of them.
protocol NotificationFace: Sendable {
    var contract: Contract { get }

    /// True where one id stands for the entries of several recipients, of which `?recipient_id=` picks one.
    var hasManyRecipients: Bool { get }

    /// Reads the filters that this contract has. True when one was given, which leaves other contracts' notifications out.
    func narrow(_ filter: inout NotificationFilter, by query: inout QueryReader) -> Bool

    /// An entry of a list.
    func entry(_ notification: Notification) -> JSON

    /// The answer to GET of one.
    func record(_ notification: Notification, deliveries: [Delivery]) -> JSON
}

extension NotificationFace {
    var hasManyRecipients: Bool { false }

    /// The id under which the contract shows it.
    func id(of notification: Notification) -> String { hasManyRecipients ? notification.callID : notification.id }

    /// The record of the first of several, which names them all.
    func record(_ record: JSON, of recipients: [String]) -> JSON {
        guard recipients.count > 1, case .object(var object) = record else { return record }
        object["recipient_ids"] = .array(recipients.map(JSON.string))
        return .object(object)
    }
}

/// A contract whose PUT changes what a record says, and whose DELETE removes it.
protocol AmendableFace: NotificationFace {
    /// Reads the body of a PUT.
    func change(_ reader: inout FieldReader, now: Timestamp) -> NotificationChange

    /// The answer to PUT.
    func changed(_ notification: Notification) -> JSON

    /// The answer to DELETE.
    func deleted(_ id: String, at now: Timestamp) -> JSON
}

extension AmendableFace {
    func deleted(_ id: String, at now: Timestamp) -> JSON { ["deleted": true, "id": .string(id)] }
}

extension Notification {
    /// The id of the call that made it, which is the one that several recipients share.
    var callID: String { batchID ?? id }

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
