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
        case .direct(let provider, let isDead):
            path = "/api/v1/deliveries"
            body = Self.direct(order, provider, isDead: isDead, now: now).bytes
        case .batch(let user):
            path = "/api/v1/notifications/batch"
            let users = Cast.users(of: order.org)
            let targets = order.numbers.map { number -> JSON in
                var target = Self.content(number)
                target["user_id"] = .string(users[(user + number - order.first) % users.count].id)
                return .object(target)
            }
            var batch: JSONObject = ["targets": .array(targets)]
            Self.addDeadline(of: order, now: now, to: &batch)
            body = JSON.object(batch).bytes
        case .service(let user):
            path = "/api/v1/push-notifications"
            var message = Self.content(order.first)
            message["user_id"] = .string(Cast.users(of: order.org)[user].id)
            Self.addDeadline(of: order, now: now, to: &message)
            body = JSON.object(message).bytes
        }
    }

    /// The number stands in `data` too: by it the mock tells that FCM or Expo got the same message twice.
    private static func content(_ number: Int) -> JSONObject {
        ["title": .string(Cast.title(number)), "body": "Are you still there?", "data": ["id": .string("\(number)")]]
    }

    private static func direct(_ order: Order, _ provider: ProviderName, isDead: Bool, now: Timestamp) -> JSON {
        var message = content(order.first)
        let address = Cast.target(of: order.first, provider, isDead: isDead)
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
