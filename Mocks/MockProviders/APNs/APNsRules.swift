import NIOHPACK

/// What APNs demands of a request. The real order is undocumented; this one is that of the mock server of jchambers/pushy, but for the sender, who is
/// judged before the device: senders of all kinds try their keys with a push to a device that does not exist.
struct APNsRules: Sendable {
    var bundle: String
    /// What the client has shown at the handshake; then its topics count, not the bundle's.
    var certificate: ClientCertificate?

    /// Those headers that APNs reads; each may come once.
    static let headers = ["apns-id", "apns-topic", "apns-collapse-id", "apns-priority", "apns-push-type", "apns-expiration", "authorization"]

    /// The reason to refuse before the token's owner is looked at; nil when all is well.
    func faultOfHeaders(_ request: Request) -> String? {
        for name in Self.headers where request.headers[name].count > 1 { return "DuplicateHeaders" }
        if let id = request.header("apns-id"), !Self.isUUID(id) { return "BadMessageId" }
        if request.method != "POST" { return "MethodNotAllowed" }
        guard let topic = topic(of: request) else { return "MissingTopic" }
        if topic.contains(where: { !($0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0))) }) { return "BadTopic" }
        if let collapse = request.header("apns-collapse-id"), collapse.utf8.count > 64 { return "BadCollapseId" }
        if let expiration = request.header("apns-expiration"), Int64(expiration) == nil { return "BadExpirationDate" }
        let pushType = request.header("apns-push-type")
        if let priority = request.header("apns-priority"), !Self.isPriority(priority, pushType: pushType) { return "BadPriority" }
        if let pushType, !APNsTopics.isPushType(pushType) { return "InvalidPushType" }
        return nil
    }

    func faultOfPath(_ request: Request) -> String? {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[1] == "3", parts[2] == "device", parts.count <= 4 else { return "BadPath" }
        return parts.count == 4 && !parts[3].isEmpty ? nil : "MissingDeviceToken"
    }

    /// Hex of a length that Apple gives out, and not all zeros, which no device has.
    func faultOfToken(_ token: String) -> String? {
        guard let bytes = Hex.bytes(of: token), (32...200).contains(bytes.count), bytes.contains(where: { $0 != 0 }) else { return "BadDeviceToken" }
        return nil
    }

    /// The topic asked for; with a certificate for one topic it need not be said.
    func topic(of request: Request) -> String? {
        if let topic = request.header("apns-topic") { return topic.isEmpty ? nil : topic }
        guard let certificate, certificate.topics.count == 1 else { return nil }
        return certificate.topics.first
    }

    func faultOfTopic(_ request: Request) -> String? {
        guard let topic = topic(of: request) else { return "MissingTopic" }
        let pushType = request.header("apns-push-type")
        if pushType == "mdm" { return nil }
        if let certificate {
            // Location pushes are for token authentication only (Apple, "Sending notification requests to APNs").
            if pushType == "location" { return "InvalidPushType" }
            guard certificate.topics.contains(topic) else { return "TopicDisallowed" }
            return nil
        }
        guard APNsTopics.knows(topic, bundle: bundle) else { return "TopicDisallowed" }
        if let pushType, !APNsTopics.fits(topic, pushType: pushType, bundle: bundle) { return "InvalidPushType" }
        return nil
    }

    func faultOfPayload(_ request: Request) -> String? {
        if request.body.isEmpty { return "PayloadEmpty" }
        let limit = request.header("apns-push-type") == "voip" ? 5120 : 4096
        return request.body.count > limit ? "PayloadTooLarge" : nil
    }

    /// 1, 5 or 10. A background push may not be immediate; push-to-talk must be; locations and live activities are never the device's own choice.
    private static func isPriority(_ text: String, pushType: String?) -> Bool {
        switch (text, pushType) {
        case ("10", "background"): false
        case ("1", "pushtotalk"), ("5", "pushtotalk"): false
        case ("1", "location"), ("1", "liveactivity"): false
        case ("1", _), ("5", _), ("10", _): true
        default: false
        }
    }

    /// 8-4-4-4-12 hex digits; Apple asks for lower case but answers either.
    static func isUUID(_ text: String) -> Bool {
        guard text.utf8.count == 36 else { return false }
        for (index, byte) in text.utf8.enumerated() {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? byte == UInt8(ascii: "-") : Character(Unicode.Scalar(byte)).isHexDigit else { return false }
        }
        return true
    }
}
