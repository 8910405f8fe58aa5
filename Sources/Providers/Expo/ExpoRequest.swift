import Domain
import Transport

/// Turns messages of one lane into a batch for Expo's push service, and tickets into a question for receipts. Pure.
struct ExpoRequest: Sendable {
    /// Expo's limit for one notification: what is said and what is handed to the app.
    static let payloadLimit = 4_096
    static let tokenLimit = 4_096
    /// Expo's own client compresses what is longer.
    private static let gzipFrom = 1_024
    private static let longestStorage = Duration.seconds(2_419_200)

    private let sendURL: String
    private let receiptsURL: String
    private let headers: [(name: String, value: String)]

    /// - Parameter base: scheme and host, without a path.
    init(base: String, accessToken: String?) {
        sendURL = base + "/--/api/v2/push/send"
        receiptsURL = base + "/--/api/v2/push/getReceipts"
        var headers: [(name: String, value: String)] = [("content-type", "application/json"), ("accept", "application/json")]
        if let accessToken { headers.append(("authorization", "Bearer \(accessToken)")) }
        self.headers = headers
    }

    /// One message's JSON, or why Expo would refuse it: one malformed message would have the whole batch refused.
    func element(_ message: OutboundMessage, now: Timestamp) throws(RequestFault) -> [UInt8] {
        let content = message.content
        let token = message.delivery.target.address
        guard !token.isEmpty, token.utf8.count <= Self.tokenLimit else {
            throw RequestFault(.badDeviceToken, "a push token has 1 to \(Self.tokenLimit) characters; this one has \(token.utf8.count)")
        }
        var fields = JSONObject()
        fields.members.reserveCapacity(9)
        fields.add("to", .string(token))
        var size = 0
        if let title = content.title, !title.isEmpty {
            fields.add("title", .string(title))
            size += title.utf8.count
        }
        if let body = content.body, !body.isEmpty {
            fields.add("body", .string(body))
            size += body.utf8.count
        }
        if content.hasAlert {
            fields.add("priority", content.priority == .high ? "high" : "normal")
            if content.priority == .high { fields.add("sound", "default") }
        } else {
            // Nothing to show: wakes the app, and Apple wants that at normal priority.
            fields.add("priority", "normal")
            fields.add("_contentAvailable", true)
        }
        if let expiresAt = message.delivery.expiresAt {
            fields.add("ttl", .integer(Lifetime(expiresAt: expiresAt, now: now, longest: Self.longestStorage).seconds))
        }
        if let collapseID = try CollapseID.checked(content.collapseID) {
            fields.add("collapseId", .string(collapseID))
            fields.add("tag", .string(collapseID))
        }
        var out: [UInt8] = []
        out.reserveCapacity(512)
        fields.write(to: &out)
        if let data = content.data, !data.isEmpty {
            out.removeLast()
            out.append(contentsOf: #","data":"#.utf8)
            let start = out.count
            JSONObject(members: data.distinctMembers).write(to: &out)
            size += out.count - start
            out.append(UInt8(ascii: "}"))
        }
        guard size <= Self.payloadLimit else {
            throw RequestFault(.payloadTooLarge, "title, body and data have \(size) bytes; Expo takes \(Self.payloadLimit)")
        }
        return out
    }

    /// Always an array, of one element too, so that the answer always is one.
    func batch(_ elements: [[UInt8]]) -> HTTPRequest {
        var body: [UInt8] = []
        body.reserveCapacity(elements.reduce(2) { $0 + $1.count + 1 })
        body.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: element)
        }
        body.append(UInt8(ascii: "]"))
        return HTTPRequest(url: sendURL, headers: headers, body: body, gzip: body.count > Self.gzipFrom)
    }

    func receipts(for tickets: [String]) -> HTTPRequest {
        let body = JSON.object(["ids": .array(tickets.map { .string($0) })]).bytes
        return HTTPRequest(url: receiptsURL, headers: headers, body: body, gzip: body.count > Self.gzipFrom)
    }
}
