import Domain
import Transport

/// Turns messages of one lane into requests. Pure; what does not change from message to message is made once.
struct APNsRequest: Sendable {
    static let maxCollapseIDBytes = 64
    /// APNs stores a notification for 30 days at most.
    private static let longestStorage = Duration.seconds(30 * 86_400)

    private let urlPrefix: String
    private let pushType: APNsPushType
    private let urgent: [(name: String, value: String)]
    private let relaxed: [(name: String, value: String)]
    private let background: [(name: String, value: String)]

    /// - Parameter base: scheme and host, without a path.
    init(base: String, topic: String) {
        urlPrefix = base + "/3/device/"
        pushType = APNsPushType(topic: topic)
        func headers(_ type: APNsPushType, priority: String) -> [(name: String, value: String)] {
            [("content-type", "application/json"), ("apns-topic", topic), ("apns-push-type", type.rawValue), ("apns-priority", priority)]
        }
        urgent = headers(pushType, priority: "10")
        // A walkie-talkie's push is refused with any other priority.
        relaxed = headers(pushType, priority: pushType == .pushtotalk ? "10" : "5")
        background = headers(.background, priority: "5")
    }

    /// - Parameter authorization: value of the header; nil where a client certificate speaks for the lane.
    func build(_ message: OutboundMessage, authorization: String?, now: Timestamp) throws(RequestFault) -> HTTPRequest {
        let token = message.delivery.target.address
        guard TokenForm.isHex(token) else {
            throw RequestFault(.badDeviceToken, "an APNs device token has 64 to 400 hex digits; this one has \(token.utf8.count) characters")
        }
        let payload = try APNsPayload(message.content, for: pushType)
        let isBackground = payload.isBackground
        var headers = isBackground ? background : message.content.priority == .high ? urgent : relaxed
        headers.reserveCapacity(headers.count + 4)
        if let authorization { headers.append(("authorization", authorization)) }
        headers.append(("apns-id", message.delivery.id.uuidString))
        if let expiration = expiration(message.delivery.expiresAt, now) { headers.append(("apns-expiration", expiration)) }
        if let collapseID = try CollapseID.checked(message.content.collapseID) { headers.append(("apns-collapse-id", collapseID)) }
        return HTTPRequest(url: urlPrefix + token.lowercased(), headers: headers, body: payload.bytes)
    }

    /// Without an expiry the header is left out, and Apple's own storage policy holds. 0 means: try once, store nothing.
    private func expiration(_ expiresAt: Timestamp?, _ now: Timestamp) -> String? {
        if pushType == .pushtotalk { return "0" }
        guard let expiresAt else { return nil }
        guard expiresAt > now else { return "0" }
        return String(min(expiresAt, now + Self.longestStorage).seconds)
    }
}

/// The id by which a later notification replaces an earlier one, as far as it can stand in a header.
enum CollapseID {
    /// Nil when there is none. APNs' limit holds for all providers, because a message may reach an iPhone through each of them.
    static func checked(_ id: String?) throws(RequestFault) -> String? {
        guard let id, !id.isEmpty else { return nil }
        guard id.utf8.count <= APNsRequest.maxCollapseIDBytes else {
            throw RequestFault(.badCollapseID, "the collapse id has \(id.utf8.count) bytes; APNs takes \(APNsRequest.maxCollapseIDBytes)")
        }
        guard id.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw RequestFault(.badCollapseID, "the collapse id contains control characters")
        }
        return id
    }
}
