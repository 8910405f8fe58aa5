import Domain

/// An order as the gateway reads it.
struct OrderRequest: Sendable {
    let path: String
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    /// - Parameter now: by the gateway's clock, since deadlines are its to keep.
    init(_ order: Order, seed: UInt64, now: Timestamp) {
        var headers = [(name: "content-type", value: "application/json")]
        // Nobody here waits as long as the gateway would let them: a stopped lane must not stop the load.
        headers.append(("prefer", order.waits ? "wait=1" : "respond-async"))
        if order.temper == .insists { headers.append(("idempotency-key", "proof-\(seed)-\(order.first)")) }
        self.headers = headers
        switch order.kind {
        case .direct(let provider, _):
            path = "/api/v1/deliveries"
            body = Self.direct(order, provider, now: now).bytes
        case .batch:
            path = "/api/v1/notifications/batch"
            let targets = order.numbers.map { number -> JSON in
                var target = Self.content(number)
                target["user_id"] = .string(order.user(of: number)?.id ?? "")
                return .object(target)
            }
            var batch: JSONObject = ["targets": .array(targets)]
            Self.addDeadline(of: order, now: now, to: &batch)
            body = JSON.object(batch).bytes
        case .service:
            path = "/api/v1/push-notifications"
            var message = Self.content(order.first)
            message["user_id"] = .string(order.user(of: order.first)?.id ?? "")
            Self.addDeadline(of: order, now: now, to: &message)
            body = JSON.object(message).bytes
        }
    }

    /// The number stands in `data` too: by it the mock tells that FCM or Expo got the same message twice.
    private static func content(_ number: Int) -> JSONObject {
        ["title": .string(Cast.title(number)), "body": "Are you still there?", "data": ["id": .string("\(number)")]]
    }

    private static func direct(_ order: Order, _ provider: ProviderName, now: Timestamp) -> JSON {
        var message = content(order.first)
        let address = order.target(of: order.first)
        message["to"] =
            provider == .smtp ? ["email": .string(address)] : ["token": .string(address), "platform": provider == .apns ? "ios" : "android"]
        message["provider"] = .string(provider.rawValue)
        addDeadline(of: order, now: now, to: &message)
        return .object(message)
    }

    private static func addDeadline(of order: Order, now: Timestamp, to members: inout JSONObject) {
        if let lifetime = order.lifetime { members["expires_at"] = .string((now + lifetime).rfc3339Milliseconds) }
    }
}
