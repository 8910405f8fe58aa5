import Domain
import Transport

/// What the prover asks of the gateway besides sending: an account for each service, and in the end what it says of what it did not deliver.
struct GatewayControl: Sendable {
    let lives: GatewayLives
    let transport: HTTPTransport

    /// - Returns: an API key for each org.
    func makeKeys() async throws(StartFault) -> [String: String] {
        var keys: [String: String] = [:]
        for org in Cast.orgs {
            let answer = try await call(.post, "/api/v1/keys", ["name": "proof", "org_id": .string(org), "roles": []])
            guard let key = answer["key"]?.string else { throw StartFault("the gateway made no key: \(answer.text.prefix(300))") }
            keys[org] = key
        }
        return keys
    }

    /// - Parameter key: of the users' org, which makes them its users.
    func register(_ users: [Cast.User], key: String) async throws(StartFault) {
        for user in users {
            let device: JSON = ["user_id": .string(user.id), "token": .string(user.token), "platform": .string(user.platform.rawValue)]
            try await call(.post, "/api/v1/push-notifications/device-tokens", device, key: key)
        }
    }

    /// How many deliveries are in a state that is not the last one; the count stops at a hundred.
    func open() async throws(StartFault) -> Int {
        var count = 0
        for state in ["queued", "sending", "sent"] {
            count += try await call(.get, "/api/v1/deliveries?state=\(state)&limit=100")["data"]?.array?.count ?? 0
        }
        return count
    }

    /// All failed deliveries: whose, and why.
    ///
    /// - Parameter time: turns the gateway's time into the run's.
    func failures(time: (Timestamp) -> UInt32, _ each: (NotificationID, FailureRule.Claim) -> Void) async throws(StartFault) {
        var path: String? = "/api/v1/deliveries?state=failed&limit=100"
        while let next = path {
            let (page, link) = try await exchange(.get, next, nil, key: nil)
            for item in page["data"]?.array ?? [] {
                guard let id = item["notification_id"]?.string.flatMap({ NotificationID($0) }),
                    let at = item["settled_at"]?.string.flatMap({ Timestamp(rfc3339: $0) })
                else { continue }
                each(id, .init(reason: item["reason"]?.string ?? "", error: item["error"]?.string ?? "", at: time(at)))
            }
            path = link.flatMap(Self.next)
        }
    }

    /// In how many of the notification's attempts, as the gateway has written down, no answer came.
    func waitsInVain(of notification: NotificationID) async throws(StartFault) -> Int {
        let list = try await call(.get, "/api/v1/deliveries?notification_id=\(notification.text)")
        var count = 0
        for item in list["data"]?.array ?? [] {
            guard let id = item["id"]?.string else { continue }
            let story = try await call(.get, "/api/v1/deliveries/\(id)")
            count += story["timeline"]?.array?.count { $0["event"] == "attempt" && $0["outcome"] == "unknown" } ?? 0
        }
        return count
    }

    /// `<…?cursor=…>; rel="next"`
    private static func next(_ link: String) -> String? {
        guard link.contains("rel=\"next\""), let start = link.firstIndex(of: "<"), let end = link.firstIndex(of: ">") else { return nil }
        let target = link[link.index(after: start)..<end]
        return target.hasPrefix("/") ? String(target) : nil
    }

    @discardableResult
    private func call(_ method: HTTPRequest.Method, _ path: String, _ body: JSON? = nil, key: String? = nil) async throws(StartFault) -> JSON {
        try await exchange(method, path, body, key: key).json
    }

    private func exchange(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSON?, key: String?
    ) async throws(StartFault) -> (json: JSON, link: String?) {
        guard let address = lives.address else { throw StartFault("the gateway is down") }
        var headers = [(name: "content-type", value: "application/json")]
        if let key { headers.append(("authorization", "Bearer \(key)")) }
        let request = HTTPRequest(method: method, url: address + path, headers: headers, body: body?.bytes ?? [])
        switch await transport.send(request, in: ConnectionGroup(name: "control", maxConnections: 4), timeout: .seconds(60)) {
        case .answered(let response):
            guard (200..<300).contains(response.status), let json = try? JSON(parsing: response.body) else {
                throw StartFault("the gateway answered \(response.status) to \(path): \(String(decoding: response.body.prefix(300), as: UTF8.self))")
            }
            return (json, response[header: "link"])
        case .notSent(let failure), .unknown(let failure): throw StartFault("the gateway does not answer to \(path): \(failure.message)")
        }
    }
}
