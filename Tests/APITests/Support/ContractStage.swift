import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import API

/// What has to be there before an example request can be answered like its example. All of it is made through the API, as the contracts' own
/// clients and the directory's owners would; only keys are issued as on the command line.
struct ContractStage {
    struct Call: Sendable {
        var path: String
        var headers: HTTPFields = [:]
    }

    let world: World

    /// Prepares the endpoint's state, and says where its example request goes then.
    func call(for endpoint: ContractEndpoint) async throws -> Call {
        switch endpoint.contract {
        case .adminNotifications: try await admin(endpoint)
        case .pushDispatcher: try await pushDispatcher(endpoint)
        case .coordinatorNotifications: try await coordinator(endpoint)
        case .notificationRecords: try await records(endpoint)
        case .pushService: try await pushService(endpoint)
        case .direct: throw GaveUp(what: "a contract has the gateway's own endpoints")
        }
    }

    /// The endpoint's example of the contract's POST, which makes the thing that other endpoints are about.
    private func example(_ path: String, of contract: Contract) throws -> JSON? {
        try #require(ContractEndpoint.all.first { $0.contract == contract && $0.method == .post && $0.path == path }).request
    }

    @discardableResult
    private func make(_ method: HTTPRequest.Method, _ path: String, _ body: JSON?, headers: HTTPFields = [:]) async throws -> JSON {
        let reply = try await world.call(method, path, body, headers: headers)
        try #require((200..<300).contains(reply.status), "\(method) \(path): \(reply.status) \(reply.json.text)")
        return reply.json
    }
}

// MARK: - push-dispatcher and push-service

extension ContractStage {
    private func device(_ token: String, of user: String, _ platform: String = "android") async throws {
        try await make(
            .post, "/api/v1/push-notifications/device-tokens",
            ["user_id": .string(user), "token": .string(token), "platform": .string(platform)])
    }

    private func pushDispatcher(_ endpoint: ContractEndpoint) async throws -> Call {
        let base = "/api/v1/notifications"
        let token = "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]"
        try await device(token, of: "usr_4bc8d2", "ios")
        try await device("a-token", of: "usr_9ea3c7")
        var path = endpoint.path.replacing(":token", with: "ExponentPushToken%5Bxxxxxxxxxxxxxxxxxxxxxx%5D")
        if endpoint.method != .post {
            let sent = try await make(.post, base, try example(base, of: .pushDispatcher))
            path = path.replacing(":id", with: try #require(sent["id"]?.string))
        }
        if endpoint.method == .get, path.hasSuffix("/device-tokens") { path += "?user_id=usr_4bc8d2" }
        return Call(path: path)
    }

    private func pushService(_ endpoint: ContractEndpoint) async throws -> Call {
        let base = "/api/v1/push-notifications"
        let registers = endpoint.method == .post && endpoint.path.hasSuffix("device-tokens")
        if !registers {
            for user in ["mentor-42", "mentor-19", "mentor-55", "mentor-78"] {
                try await device(user == "mentor-42" ? "ExponentPushToken[xxxxxx]" : "token of \(user)", of: user, "ios")
            }
        }
        var path = endpoint.path.replacing(":token", with: "ExponentPushToken%5Bxxxxxx%5D")
        if endpoint.method != .post {
            let id = try #require(try await make(.post, base, try example(base, of: .pushService))["id"]?.string)
            if endpoint.method == .get { try await make(.put, "\(base)/\(id)", ["status": "opened"]) }
            path = path.replacing(":id", with: id)
        }
        return Call(path: path)
    }
}

// MARK: - coordinator-notifications

extension ContractStage {
    private func coordinator(_ endpoint: ContractEndpoint) async throws -> Call {
        try await device("token-1", of: "user_coord_99XZ")
        try await device("token-2", of: "user_coord_11AB")
        if endpoint.path.hasPrefix("/api/v1/mentors/") {
            try await know(
                user: "user_coord_99XZ",
                ["full_name": "Lena Fischer", "email": "lena.fischer@example.org", "email_verified": true, "chapter_id": "chpt_03AZ"])
            try await know(mentor: "mntr_01HX4V2K8P", ["full_name": "Sarah Chen", "coordinator_ids": ["user_coord_99XZ"]])
            return Call(path: endpoint.path.replacing(":mentor_id", with: "mntr_01HX4V2K8P"))
        }
        guard endpoint.method != .post else { return Call(path: endpoint.path) }
        // One recipient: only then does a record look like the example, which knows of no others.
        var message = try #require(try example("/api/v1/notifications", of: .coordinatorNotifications)?.object)
        message["recipient_ids"] = ["user_coord_99XZ"]
        let sent = try await make(.post, "/api/v1/notifications", .object(message))
        return Call(path: endpoint.path.replacing(":id", with: try #require(sent["notification_id"]?.string)))
    }

    private func know(org: String, in parent: String = "org_default") async throws {
        try await make(.put, "/api/v1/directory/organisations/\(org)", ["name": .string(org), "parent_id": .string(parent)])
    }

    private func know(user: String, of org: String = "org_default", _ more: JSONObject) async throws {
        try await make(
            .put, "/api/v1/directory/users/\(user)", .object(JSONObject(members: [.init(key: "org_id", value: .string(org))] + more.members)))
    }

    private func know(mentor: String, of org: String = "org_default", _ more: JSONObject) async throws {
        try await make(
            .put, "/api/v1/directory/mentors/\(mentor)", .object(JSONObject(members: [.init(key: "org_id", value: .string(org))] + more.members)))
    }
}

// MARK: - admin-notifications

extension ContractStage {
    private func admin(_ endpoint: ContractEndpoint) async throws -> Call {
        let base = "/api/v1/admin/notifications"
        try await know(org: "org_kNr8aQ")
        try await holder("usr_hA3mXp", isVerified: true)
        switch (endpoint.method, endpoint.path) {
        case (.get, base):
            try await holder("usr_bQ9vTk", isVerified: false)
            try await remind("usr_bQ9vTk", until: "failed")
            try await remind("usr_hA3mXp", until: "delivered")
        case (.post, base + "/bulk-certification-reminders"):
            // Twelve in all, as in the example: ten more, some of them below the org.
            try await know(org: "org_below", in: "org_kNr8aQ")
            for index in 0..<11 { try await holder("usr_\(index)", of: index < 6 ? "org_kNr8aQ" : "org_below", isVerified: true) }
            // Beyond the threshold, and so not counted.
            try await holder("usr_later", isVerified: true, days: 31)
        case (.get, _): return Call(path: "\(base)/\(try await remind("usr_hA3mXp", until: "delivered"))")
        case (.put, _):
            world.provider.answer("usr_hA3mXp@example.org", .rejected)
            return Call(path: "\(base)/\(try await remind("usr_hA3mXp", until: "failed"))")
        case (.delete, _):
            world.provider.answer("usr_hA3mXp@example.org", .deferred(Wait(floor: .seconds(600))))
            return Call(path: "\(base)/\(try await remind("usr_hA3mXp", until: nil))")
        default: break
        }
        return Call(path: endpoint.path)
    }

    /// Somebody whose certification expires soon.
    private func holder(_ user: String, of org: String = "org_kNr8aQ", isVerified: Bool, days: Int64 = 30) async throws {
        try await know(
            user: user, of: org,
            ["full_name": .string(user), "email": .string("\(user)@example.org"), "email_verified": .bool(isVerified)])
        let expiry = SystemTime().now + .seconds(days * 86_400 - 60)
        try await make(
            .put, "/api/v1/directory/users/\(user)/certifications/cert_1",
            ["name": "Peer Mentor Level 2", "expires_at": .string(expiry.rfc3339Seconds)])
    }

    /// Sends a reminder, and returns when its dispatch has this status; with nil, when it has been tried once and is queued again.
    @discardableResult
    private func remind(_ user: String, until status: String?) async throws -> String {
        let base = "/api/v1/admin/notifications"
        let sent = try await make(.post, base + "/certification-reminder", ["user_id": .string(user)])
        let id = try #require(sent["data"]?["dispatch_id"]?.string)
        try await until("the dispatch is \(status ?? "queued again")") {
            if let status { return try await make(.get, "\(base)/\(id)", nil)["data"]?["status"]?.string == status }
            let delivery = try await make(.get, "/api/v1/deliveries?notification_id=\(id)", nil)["data"]?[0]
            return delivery?["attempts"] == 1 && delivery?["state"] == "queued"
        }
        return id
    }
}

// MARK: - notification-records

extension ContractStage {
    private func records(_ endpoint: ContractEndpoint) async throws -> Call {
        let base = "/api/v1/notification-records"
        try await know(org: "org_nhf_oslo")
        try await know(user: "coord_9f8e7d6c", of: "org_nhf_oslo", ["full_name": "Ingrid Bakke"])
        try await know(
            mentor: "pm_551e8400", of: "org_nhf_oslo",
            [
                "full_name": "Kari Nordmann", "email": "kari.nordmann@nhf-oslo.no", "phone": "+47 900 12 345",
                "coordinator_ids": ["coord_9f8e7d6c"], "current_status": "paused", "pause_start_date": "2026-03-20T00:00:00.000Z",
            ])
        let recorder = try await world.key([.orgAdmin], of: "org_nhf_oslo")
        // The highest of the roles that the contract names: for DELETE, the only one.
        let caller = try await world.key([try #require(endpoint.roles.max())], of: "org_nhf_oslo")
        var path = endpoint.path.replacing(":peerMentorId", with: "pm_551e8400")
        if endpoint.method != .post {
            let other: JSON = [
                "peer_mentor_id": .string(path.contains("/history/") ? "pm_551e8400" : "pm_662f9511"), "event_type": "pause_deactivated",
                "effective_date": "2026-01-15T00:00:00.000Z", "coordinator_id": "coord_2a3b4c5d", "channels_notified": ["push", "in_app"],
            ]
            try await know(mentor: "pm_662f9511", of: "org_nhf_oslo", ["full_name": "Lars Eriksen"])
            try await make(.post, base, other, headers: recorder)
            let record = try await make(.post, base, try example(base, of: .notificationRecords), headers: recorder)
            path = path.replacing(":id", with: try #require(record["id"]?.string))
        }
        return Call(path: path, headers: caller)
    }
}
