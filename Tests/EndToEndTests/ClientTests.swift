import Domain
import Foundation
import MockProviders
import Testing

/// A client of each contract, as another team would write it: against a running gateway, with nothing but its base URL; for notification-records with
/// a key too. What a contract takes for granted, devices and the directory, others have brought in before.
@Suite(.serialized) struct ClientTests {
    private static let phone = "ExponentPushToken[a-client-of-ours]"

    /// Calls as the contracts' own examples do: JSON in, JSON out.
    private struct Client {
        let gateway: GatewayUnderTest
        var key: String?

        @discardableResult
        func call(_ method: String, _ path: String, _ body: JSON? = nil, expecting status: Int = 200) async throws -> JSON {
            var headers = key.map { ["authorization": "Bearer \($0)"] } ?? [:]
            if body != nil { headers["content-type"] = "application/json" }
            let answer = try await gateway.send(method, path, body: body?.bytes, headers: headers)
            guard answer.status == status else {
                throw Unexpected(description: "\(method) \(path) gave \(answer.status) and not \(status): \(answer.json.text)")
            }
            return answer.json
        }
    }

    /// The first line that the command writes.
    private func hermod(_ arguments: [String], on site: Site) async throws -> String {
        let program = try Program("hermod", arguments, environment: site.environment)
        let code = try await program.exit()
        guard code == 0, let line = program.lines.first else {
            throw Unexpected(description: "hermod \(arguments.joined(separator: " ")) ended with \(code): \(program.complaints)")
        }
        return line
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client of push-dispatcher`() async throws {
        try await withGateway { gateway, mocks, _ in
            try await gateway.register(Self.phone, user: "ada", platform: "ios")
            let client = Client(gateway: gateway)
            let base = "/api/v1/notifications"
            let message: JSON = [
                "user_id": "ada", "title": "Time to log your run!", "body": "Three days.", "scenario_id": "missed", "prompt_id": "ph_1",
                "data": ["deep_link": "app://wizard"],
            ]
            let sent = try await client.call("POST", base, message, expecting: 201)
            #expect(sent["status"]?.string == "sent" && sent["delivered_count"] == 1)
            let path = "\(base)/\(try #require(sent["id"]?.string))"
            #expect(try await client.call("GET", path)["device_tokens"]?[0]?.string == Self.phone)
            #expect(try await client.call("GET", "\(base)?user_id=ada&scenario_id=missed")["pagination"]?["total"] == 1)
            #expect(try await client.call("PUT", path, ["status": "resolved", "retry_note": "seen"])["status"]?.string == "resolved")
            let batch = try await client.call("POST", base + "/batch", ["targets": [message, ["user_id": "nobody", "title": "t", "body": "b"]]])
            #expect(batch["succeeded"] == 1 && batch["failed"] == 1)
            #expect(try await client.call("GET", base + "/device-tokens?user_id=ada")["tokens"]?[0]?["platform"]?.string == "ios")
            try await client.call("DELETE", base + "/device-tokens/ExponentPushToken%5Ba-client-of-ours%5D")
            let after = try await client.call("POST", base, message, expecting: 201)
            #expect(after["status"]?.string == "failed" && after["device_tokens_targeted"] == 0)
            try await client.call("DELETE", path)
            try await client.call("GET", path, expecting: 404)
            #expect(mocks.count(MessageFilter(provider: .expo)) == 2)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client of push-service`() async throws {
        try await withGateway { gateway, mocks, _ in
            let client = Client(gateway: gateway)
            let base = "/api/v1/push-notifications"
            let device: JSON = ["user_id": "ada", "token": .string(Self.phone), "platform": "ios"]
            try await client.call("POST", base + "/device-tokens", device, expecting: 201)
            let message: JSON = ["user_id": "ada", "title": "Expiring soon", "body": "In 14 days.", "data": ["screen": "certifications"]]
            let sent = try await client.call("POST", base, message, expecting: 201)
            #expect(sent["status"]?.string == "delivered")
            let path = "\(base)/\(try #require(sent["id"]?.string))"
            #expect(try await client.call("GET", path)["device_token"]?.string == Self.phone)
            #expect(try await client.call("PUT", path, ["status": "opened"])["status"]?.string == "opened")
            #expect(try await client.call("GET", base + "?status=opened")["pagination"]?["total"] == 1)
            let batch = try await client.call(
                "POST", base + "/batch", ["user_ids": ["ada", "nobody"], "payload": ["title": "Renew", "body": "Now."]])
            #expect(batch["total"] == 2 && batch["delivered"] == 1 && batch["failed"] == 1)
            try await client.call("DELETE", base + "/device-tokens/\(Self.phone)")
            try await client.call("DELETE", base + "/device-tokens/\(Self.phone)", expecting: 404)
            try await client.call("DELETE", path)
            #expect(mocks.count(MessageFilter(provider: .expo)) == 2)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client of coordinator-notifications`() async throws {
        try await withGateway { gateway, mocks, site in
            try await gateway.register(Self.phone, user: "lena", platform: "ios")
            try await gateway.importDirectory(
                [
                    ["kind": "user", "id": "lena", "org_id": "org_demo", "full_name": "Lena Fischer", "email": "lena@example.org"],
                    ["kind": "user", "id": "otto", "org_id": "org_demo", "full_name": "Otto"],
                    ["kind": "mentor", "id": "sarah", "org_id": "org_demo", "full_name": "Sarah Chen", "coordinator_ids": ["lena", "otto"]],
                ])
            let client = Client(gateway: gateway)
            let base = "/api/v1/notifications"
            let coordinators = try await client.call("GET", "/api/v1/mentors/sarah/coordinators")["data"]?.array ?? []
            #expect(coordinators.map { $0["full_name"]?.string } == ["Lena Fischer", "Otto"])
            let ids = JSON.array(coordinators.compactMap { $0["coordinator_id"] })
            let sent = try await client.call(
                "POST", base,
                [
                    "recipient_ids": ids, "type": "mentor_status_change", "title": "Mentor paused", "body": "Sarah Chen is paused.",
                    "payload": ["mentor_id": "sarah", "new_status": "paused"],
                ], expecting: 201)
            let id = try #require(sent["notification_id"]?.string)
            // Lena has a phone, Otto only his inbox.
            try await mocks.waitForMessages(MessageFilter(provider: .expo))
            #expect(try await client.call("GET", base + "?read=false&type=mentor_status_change")["pagination"]?["total"] == 2)
            #expect(try await client.call("GET", "\(base)/\(id)")["payload"]?["mentor_id"]?.string == "sarah")
            #expect(try await client.call("PUT", "\(base)/\(id)?recipient_id=lena", ["read": true])["read"] == true)
            let unread = try await client.call("GET", base + "?read=false")["data"]?.array ?? []
            #expect(unread.map { $0["recipient_id"]?.string } == ["otto"])
            let push = try await client.call("POST", base + "/push", ["recipient_ids": ids, "title": "Update", "body": "Active again."])
            #expect(push["sent_count"] == 1 && push["failed_count"] == 1 && push["sent_to"] == ["lena"])
            let inApp = try await client.call("POST", base + "/in-app", ["recipient_ids": ["otto"], "payload": ["type": "greeting"]])
            #expect(inApp["sent_count"] == 1)
            #expect(try await client.call("GET", base + "?recipient_id=otto&type=greeting")["pagination"]?["total"] == 1)
            try await client.call("DELETE", "\(base)/\(id)")
            try await client.call("GET", "\(base)/\(id)", expecting: 404)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client of admin-notifications`() async throws {
        try await withGateway { gateway, mocks, site in
            let soon = JSON.string((SystemTime().now + .seconds(20 * 86_400 - 60)).rfc3339Seconds)
            func people(_ id: String, _ org: String, isVerified: Bool = true) -> [JSON] {
                [
                    [
                        "kind": "user", "id": .string(id), "org_id": .string(org), "email": .string("\(id)@example.org"),
                        "email_verified": .bool(isVerified),
                    ],
                    ["kind": "certification", "id": "c", "user_id": .string(id), "name": "Level 2", "expires_at": soon],
                ]
            }
            try await gateway.importDirectory(
                [["kind": "organisation", "id": "org_below", "parent_id": "org_demo", "name": "Below"]] + people("ada", "org_demo")
                    + people("kari", "org_below") + people("linus", "org_below", isVerified: false))
            let client = Client(gateway: gateway)
            let base = "/api/v1/admin/notifications"
            let single = try await client.call("POST", base + "/certification-reminder", ["user_id": "ada"], expecting: 202)
            let path = "\(base)/\(try #require(single["data"]?["dispatch_id"]?.string))"
            let done = try await poll(within: .seconds(10)) {
                let dispatch = try await client.call("GET", path)
                return dispatch["data"]?["status"]?.string == "delivered" ? .found(dispatch) : .notYet(dispatch.text)
            }
            #expect(done["data"]?["subject"]?.string == "Your certification expires in 20 days")
            let bulk = try await client.call(
                "POST", base + "/bulk-certification-reminders", ["org_id": "org_demo", "days_threshold": 30, "include_sub_orgs": true])
            #expect(bulk["data"]?["total_eligible"] == 3 && bulk["data"]?["dispatched"] == 2 && bulk["data"]?["failed"] == 1)
            #expect(bulk["data"]?["dispatch_ids"]?.array?.count == 3)
            try await mocks.waitForMessages(MessageFilter(provider: .smtp), count: 3)
            let failed = try await client.call("GET", base + "?status=failed&org_id=org_below")
            #expect(failed["data"]?[0]?["error"]?.string == "Email address not verified")
            try await client.call("DELETE", path, expecting: 409)
            try await client.call("PUT", path, ["action": "retry"], expecting: 409)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client of notification-records`() async throws {
        try await withGateway { gateway, _, site in
            try await gateway.importDirectory(
                [
                    ["kind": "user", "id": "coord_1", "org_id": "org_demo", "full_name": "Ingrid Bakke"],
                    ["kind": "mentor", "id": "pm_1", "org_id": "org_demo", "full_name": "Kari Nordmann", "coordinator_ids": ["coord_1"]],
                ])
            func client(_ role: String) async throws -> Client {
                let key = try await hermod(["keys", "create", "--org", "org_demo", "--role", role, "--config", site.configuration], on: site)
                return Client(gateway: gateway, key: key)
            }
            let coordinator = try await client("coordinator")
            let base = "/api/v1/notification-records"
            let record: JSON = [
                "peer_mentor_id": "pm_1", "event_type": "pause_activated", "effective_date": "2026-03-20T00:00:00.000Z", "reason": "Personal leave",
                "coordinator_id": "coord_1", "channels_notified": ["push", "in_app"], "dispatch_ids": ["disp_1"],
            ]
            try await Client(gateway: gateway).call("POST", base, record, expecting: 401)
            let made = try await coordinator.call("POST", base, record, expecting: 201)
            let path = "\(base)/\(try #require(made["id"]?.string))"
            let seen = try await coordinator.call("GET", path)
            #expect(seen["peer_mentor_name"]?.string == "Kari Nordmann" && seen["coordinator_name"]?.string == "Ingrid Bakke")
            #expect(try await coordinator.call("GET", base + "?peer_mentor_id=pm_1")["pagination"]?["total"] == 1)
            #expect(try await coordinator.call("GET", base + "/peer-mentor-profile/pm_1")["coordinator_id"]?.string == "coord_1")
            try await coordinator.call("PUT", path, ["notes": "called"], expecting: 403)
            let admin = try await client("org_admin")
            #expect(try await admin.call("PUT", path, ["channels_notified": ["email"], "notes": "called"])["notes"]?.string == "called")
            #expect(try await coordinator.call("GET", base + "/history/pm_1")["total_events"] == 1)
            let global = try await client("global_admin")
            try await global.call("POST", base, record, expecting: 403)
            #expect(try await global.call("DELETE", path)["message"]?.string == "Notification record deleted")
            try await coordinator.call("GET", path, expecting: 404)
        }
    }
}
