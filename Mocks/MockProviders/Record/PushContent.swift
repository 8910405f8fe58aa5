/// What a person would read of a push: title and body, wherever the provider keeps them.
struct PushContent: Sendable, Hashable {
    var title: String?
    var body: String?

    init(apns payload: JSON) {
        let alert = payload["aps"]?["alert"]
        title = alert?["title"]?.text
        body = alert?["body"]?.text ?? alert?.text
    }

    init(fcm payload: JSON) {
        let message = payload["message"]
        title = message?["notification"]?["title"]?.text ?? message?["android"]?["notification"]?["title"]?.text
        body = message?["notification"]?["body"]?.text ?? message?["android"]?["notification"]?["body"]?.text
    }

    init(expo payload: JSON) {
        title = payload["title"]?.text
        body = payload["body"]?.text
    }

    /// Members of a push's data by which senders recognise their own message: FCM and Expo have no message id that the sender chooses.
    static let identityKeys = ["delivery_id", "message_id", "notification_id", "id"]

    static func identity(data: JSON?) -> String? {
        identityKeys.lazy.compactMap { data?[$0]?.text }.first
    }
}
