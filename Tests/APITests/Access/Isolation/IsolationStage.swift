import Domain
import HTTPTypes
import Storage

@testable import API

/// Four orgs with people and rows of every contract, on which each endpoint can be called for each org.
struct IsolationStage: Sendable {
    let world: World
    /// An org_admin's key of each org, which makes the rows that others then try to reach.
    private let makers: [Neighbourhood: HTTPFields]
    /// A global_admin's key.
    let global: HTTPFields

    init(_ world: World) async throws {
        self.world = world
        for organisation in TestCredentials.tree.organisations {
            _ = try await world.stores.directory.put(.organisation(organisation), scope: .all)
        }
        var makers: [Neighbourhood: HTTPFields] = [:]
        for place in Neighbourhood.allCases {
            try await world.know(place.user, org: place.orgID, days: 20)
            let mentor = Mentor(id: place.mentor, orgID: place.orgID, fullName: "Mentor", coordinatorIDs: [place.user])
            _ = try await world.stores.directory.put(.mentor(mentor), scope: .all)
            makers[place] = try await world.key([.orgAdmin], of: place.orgID)
        }
        self.makers = makers
        global = try await world.key([.globalAdmin])
    }

    func maker(_ place: Neighbourhood) throws -> HTTPFields {
        guard let fields = makers[place] else { throw GaveUp(what: "there is a maker for \(place)") }
        return fields
    }

    /// Makes a row of the contract in the org, as the endpoint needs it, and gives what stands in the path for it.
    func row(for endpoint: ContractEndpoint, in place: Neighbourhood) async throws -> String {
        if endpoint.path.contains("/device-tokens") {
            let token = "token-\(Identifier.make(at: SystemTime().now).text)"
            _ = try await make(
                "/api/v1/push-notifications/device-tokens", ["user_id": .string(place.user), "token": .string(token), "platform": "android"], place)
            return token
        }
        if endpoint.hasRow, endpoint.path.contains("entor") { return place.mentor }
        switch endpoint.contract {
        case .adminNotifications: return try await dispatch(failed: endpoint.method == .put, place)
        case .notificationRecords:
            return try await make(
                "/api/v1/notification-records",
                ["peer_mentor_id": .string(place.mentor), "event_type": "pause", "coordinator_id": "c", "channels_notified": ["push"]], place)
        case .coordinatorNotifications:
            return try await make("/api/v1/notifications", ["recipient_ids": [.string(place.user)], "type": "t", "title": "t", "body": "b"], place)
        case .pushDispatcher: return try await make("/api/v1/notifications", Self.message(to: place.user), place)
        case .pushService: return try await make("/api/v1/push-notifications", Self.message(to: place.user), place)
        case .direct: return try await make("/api/v1/deliveries", ["to": ["user_id": .string(place.user)], "title": "t"], place)
        }
    }

    private static func message(to user: String) -> JSON { ["user_id": .string(user), "title": "t", "body": "b"] }

    /// A reminder that is queued; or one that has failed for want of a verified address, which is then verified, so that a retry is possible.
    private func dispatch(failed: Bool, _ place: Neighbourhood) async throws -> String {
        let path = "/api/v1/admin/notifications/certification-reminder"
        guard failed else { return try await make(path, ["user_id": .string(place.user)], place) }
        let user = place.user + "_late"
        try await world.know(user, org: place.orgID, isVerified: false, days: 20)
        let id = try await make(path, ["user_id": .string(user)], place)
        try await world.know(user, org: place.orgID, isVerified: true, days: 20)
        return id
    }

    func make(_ path: String, _ body: JSON, _ place: Neighbourhood) async throws -> String {
        let reply = try await world.call(.post, path, body, headers: try maker(place))
        let id = reply.json["data"]?["dispatch_id"] ?? reply.json["notification_id"] ?? reply.json["id"]
        guard (200..<300).contains(reply.status), let id = id?.string else {
            throw GaveUp(what: "\(path) makes a row: \(reply.status) \(reply.json.text)")
        }
        return id
    }

    /// Calls the endpoint for a row of the org.
    func call(_ endpoint: ContractEndpoint, _ place: Neighbourhood, row: String, as fields: HTTPFields) async throws -> Reply {
        var path = endpoint.path.split(separator: "/").map { $0.hasPrefix(":") ? PercentCoding.encode(row) : String($0) }.joined(separator: "/")
        if endpoint.method == .get, !endpoint.hasRow { path += endpoint.path.hasSuffix("device-tokens") ? "?user_id=\(place.user)" : "?limit=100" }
        return try await world.call(endpoint.method, "/" + path, endpoint.request.map { Self.place($0, in: place) }, headers: fields)
    }

    /// The contract's own example, with people and orgs of ours in the place of its own.
    private static func place(_ json: JSON, in place: Neighbourhood) -> JSON {
        switch json {
        case .null, .bool, .number, .string: return json
        case .array(let elements): return .array(elements.prefix(1).map { Self.place($0, in: place) })
        case .object(let object):
            return .object(
                JSONObject(
                    members: object.members.map { member in
                        let value: JSON =
                            switch member.key {
                            case "user_id": .string(place.user)
                            case "user_ids", "recipient_ids": [.string(place.user)]
                            case "org_id": .string(place.orgID)
                            case "peer_mentor_id": .string(place.mentor)
                            case "token": .string("token-\(Identifier.make(at: SystemTime().now).text)")
                            default: Self.place(member.value, in: place)
                            }
                        return .init(key: member.key, value: value)
                    }))
        }
    }

    /// Changes with everything that a call can do to an org's rows.
    func trace(of place: Neighbourhood) async throws -> [String] {
        try await world.database.read { connection in
            var trace: [String] = []
            for sql in [
                """
                SELECT id || ' ' || status || ' ' || coalesce(stated_status, '') || ' ' || coalesce(updated_at, 0) || ' ' || coalesce(deleted_at, 0)
                    || ' ' || cancelled || ' ' || failed FROM notifications WHERE org_id = ? ORDER BY id
                """,
                "SELECT id || ' ' || coalesce(updated_at, 0) FROM notification_records WHERE org_id = ? ORDER BY id",
                "SELECT id || ' ' || registered_at || ' ' || coalesce(invalidated_at, 0) FROM device_tokens WHERE org_id = ? ORDER BY id",
                "SELECT id || ' ' || coalesce(revoked_at, 0) FROM api_keys WHERE org_id = ? AND name IS NOT NULL ORDER BY id",
                "SELECT id || ' ' || coalesce(full_name, '') FROM users WHERE org_id = ? ORDER BY id",
                "SELECT id || ' ' || coalesce(full_name, '') FROM mentors WHERE org_id = ? ORDER BY id",
                "SELECT id || ' ' || name FROM organisations WHERE parent_id = ? ORDER BY id",
                "SELECT c.id || ' ' || c.name FROM certifications c JOIN users u ON u.id = c.user_id WHERE u.org_id = ? ORDER BY c.id",
                "SELECT address FROM suppressions WHERE org_id = ? ORDER BY address",
                "SELECT provider || ' ' || name || ' ' || version FROM credentials WHERE org_id = ? ORDER BY provider, name, version",
                "SELECT id || ' ' || state FROM deliveries WHERE org_id = ? ORDER BY id",
            ] {
                try connection.query(sql, [.text(place.orgID)]) { trace.append($0.text(0) ?? "") }
            }
            return trace
        }
    }
}

extension Neighbourhood {
    var user: String { "user_\(rawValue)" }
    var mentor: String { "mentor_\(rawValue)" }
}

extension ContractEndpoint {
    /// Whether the path names one row.
    var hasRow: Bool { path.contains(":") }

    /// Whether a recipient out of reach fails alone, and the call does not.
    var isBatch: Bool { method == .post && ["/batch", "/push", "/in-app"].contains { path.hasSuffix($0) } }
}
