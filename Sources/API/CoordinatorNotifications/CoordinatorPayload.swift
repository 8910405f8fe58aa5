import Domain

/// The caller's payload, and what the app is handed with a push: the payload, and behind it what leads to the in-app entry.
struct CoordinatorPayload: Sendable {
    /// As it is kept and sent.
    let data: JSONObject?
    /// What tells the caller's members from ours when the payload is shown again.
    let attributes: JSONObject

    private static let countName = "payload_members"

    /// A member that the payload has already is left as it is: it is the caller's to name its own.
    init(_ payload: JSONObject?, notificationID: String, category: String?, isPushed: Bool) {
        guard isPushed else {
            data = payload
            attributes = [:]
            return
        }
        let own: [(name: String, value: String?)] = [("notification_id", notificationID), ("type", category)]
        var data = payload ?? [:]
        for (name, value) in own where data[name] == nil { data[name] = value.map(JSON.string) }
        self.data = data
        attributes = [Self.countName: .integer(payload?.count ?? 0)]
    }

    /// The payload as the caller gave it.
    static func shown(_ notification: Notification) -> JSONObject {
        let data = notification.content.data ?? [:]
        guard let count = notification.attributes[countName]?.integer else { return data }
        return JSONObject(members: Array(data.members.prefix(Int(count))))
    }
}
