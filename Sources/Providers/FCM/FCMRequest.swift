import Domain
import Transport

/// Turns messages of one lane into requests of the HTTP v1 API. Pure.
struct FCMRequest: Sendable {
    /// FCM counts the content of `data` and `notification`.
    static let payloadLimit = 4_096
    /// Four weeks, for Android and for APNs behind FCM alike.
    private static let longestStorage = Duration.seconds(2_419_200)
    /// What FCM takes; longer ones can only be a mistake, and would be a longer header than any server reads.
    private static let tokenLimit = 4_096

    private let url: String

    /// - Parameter base: scheme and host, without a path.
    init(base: String, projectID: String) {
        url = "\(base)/v1/projects/\(projectID)/messages:send"
    }

    func build(body: [UInt8], authorization: String) -> HTTPRequest {
        HTTPRequest(url: url, headers: [("content-type", "application/json; charset=utf-8"), ("authorization", authorization)], body: body)
    }

    /// `{"message": …}`. Each platform gets its own block; a token of unknown platform gets Android's and APNs'.
    func body(_ message: OutboundMessage, now: Timestamp) throws(RequestFault) -> [UInt8] {
        let content = message.content
        let token = message.delivery.target.address
        guard !token.isEmpty, token.utf8.count <= Self.tokenLimit else {
            throw RequestFault(.badDeviceToken, "an FCM token has 1 to \(Self.tokenLimit) characters; this one has \(token.utf8.count)")
        }
        let collapseID = try CollapseID.checked(content.collapseID)
        let data = try Self.strings(content.data)
        try Self.checkSize(content, data)
        let lifetime = message.delivery.expiresAt.map { Lifetime(expiresAt: $0, now: now, longest: Self.longestStorage) }

        var out: [UInt8] = []
        out.reserveCapacity(512)
        var fields = JSONObject()
        fields.members.reserveCapacity(6)
        fields.add("token", .string(token))
        if content.hasAlert { fields.add("notification", .object(Self.notification(content))) }
        if !data.isEmpty { fields.add("data", .object(data)) }
        let platform = message.delivery.target.platform
        if platform == .android || platform == nil { fields.add("android", Self.android(content, collapseID, lifetime)) }
        if platform == .ios || platform == nil { fields.add("apns", Self.apns(content, collapseID, lifetime)) }
        if platform == .web { fields.add("webpush", Self.webpush(content, collapseID, lifetime)) }
        JSON.object(["message": .object(fields)]).write(to: &out)
        return out
    }

    /// `data` as FCM wants it: values that are no strings become their JSON text.
    private static func strings(_ data: JSONObject?) throws(RequestFault) -> JSONObject {
        guard let data, !data.isEmpty else { return JSONObject() }
        var strings = JSONObject()
        strings.members.reserveCapacity(data.count)
        for member in data.distinctMembers {
            if isReserved(member.key) {
                throw RequestFault(
                    .reservedDataKey, "FCM reserves the data key \(member.key): from, message_type and all that begins with google. or gcm.")
            }
            if case .string = member.value { strings.members.append(member) } else { strings.add(member.key, .string(member.value.text)) }
        }
        return strings
    }

    private static func isReserved(_ key: String) -> Bool {
        key == "from" || key == "message_type" || key.hasPrefix("google.") || key.hasPrefix("gcm.")
    }

    /// Counts names and values without JSON's own signs: what lies at the edge is for FCM to judge.
    private static func checkSize(_ content: Content, _ data: JSONObject) throws(RequestFault) {
        var size = (content.title?.utf8.count ?? 0) + (content.body?.utf8.count ?? 0)
        for member in data.members { size += member.key.utf8.count + (member.value.string?.utf8.count ?? 0) }
        guard size <= payloadLimit else {
            throw RequestFault(.payloadTooLarge, "data and notification have \(size) bytes; FCM takes \(payloadLimit)")
        }
    }

    private static func notification(_ content: Content) -> JSONObject {
        var notification = JSONObject()
        if let title = content.title, !title.isEmpty { notification.add("title", .string(title)) }
        if let body = content.body, !body.isEmpty { notification.add("body", .string(body)) }
        return notification
    }

    private static func android(_ content: Content, _ collapseID: String?, _ lifetime: Lifetime?) -> JSON {
        var android: JSONObject = ["priority": content.priority == .high ? "HIGH" : "NORMAL"]
        if let lifetime { android.add("ttl", .string("\(lifetime.seconds)s")) }
        if let collapseID {
            android.add("collapse_key", .string(collapseID))
            // The key replaces what still waits at FCM, the tag what is already on the screen.
            if content.hasAlert { android.add("notification", ["tag": .string(collapseID)]) }
        }
        return .object(android)
    }

    private static func apns(_ content: Content, _ collapseID: String?, _ lifetime: Lifetime?) -> JSON {
        let isBackground = !content.hasAlert
        var headers: JSONObject = ["apns-priority": content.priority == .high && !isBackground ? "10" : "5"]
        if isBackground { headers.add("apns-push-type", "background") }
        if let lifetime { headers.add("apns-expiration", .string(String(lifetime.end.seconds))) }
        if let collapseID { headers.add("apns-collapse-id", .string(collapseID)) }
        var apns: JSONObject = ["headers": .object(headers)]
        if isBackground {
            apns.add("payload", ["aps": ["content-available": 1]])
        } else if content.priority == .high {
            apns.add("payload", ["aps": ["sound": "default"]])
        }
        return .object(apns)
    }

    private static func webpush(_ content: Content, _ collapseID: String?, _ lifetime: Lifetime?) -> JSON {
        var headers: JSONObject = ["Urgency": content.priority == .high ? "high" : "normal"]
        if let lifetime { headers.add("TTL", .string(String(lifetime.seconds))) }
        if let collapseID, isTopic(collapseID) { headers.add("Topic", .string(collapseID)) }
        return ["headers": .object(headers)]
    }

    /// RFC 8030 section 5.4; an id that is no topic replaces nothing on the web, and is no reason not to send.
    private static func isTopic(_ id: String) -> Bool {
        id.utf8.count <= 32 && id.utf8.allSatisfy { (48...57).contains($0) || (97...122).contains($0 | 0x20) || $0 == 45 || $0 == 95 }
    }
}
