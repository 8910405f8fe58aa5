import Domain
import HTTPTypes
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// A notification belongs to its recipient's org, where the directory knows it.
struct RecipientOrgTests {
    /// u_below is in an org below the caller's, u_else in another one; nobody knows u_free.
    private func withOrgs(_ test: @Sendable (World) async throws -> Void) async throws {
        try await withWorld { world in
            _ = try await world.call(.put, "/api/v1/directory/organisations/org_below", ["parent_id": "org_default"])
            _ = try await world.call(.put, "/api/v1/directory/users/u_below", ["org_id": "org_below"])
            _ = try await world.stores.directory.put(
                [.organisation(Organisation(id: "org_else", name: "E")), .user(User(id: "u_else", orgID: "org_else"))], scope: .all)
            for user in ["u_below", "u_free"] {
                let registered = try await world.call(
                    .post, "/api/v1/push-notifications/device-tokens",
                    ["user_id": .string(user), "token": .string("t_\(user)"), "platform": "android"])
                #expect(registered.status == 201)
            }
            try await test(world)
        }
    }

    @Test(arguments: ["/api/v1/notifications", "/api/v1/push-notifications"])
    func `a single call sends with the recipient's org, and knows nobody beyond reach`(path: String) async throws {
        try await withOrgs { world in
            for (user, org) in [("u_below", "org_below"), ("u_free", "org_default")] {
                let sent = try await world.call(.post, path, ["user_id": .string(user), "title": "t", "body": "b"])
                #expect(sent.status == 201)
                let id = try #require(sent.json["id"]?.string)
                let stored = try #require(try await world.stores.notifications.get(id, scope: .all))
                #expect(stored.orgID == org)
                let deliveries = try await world.stores.deliveries.deliveries(of: [id], scope: .all)
                #expect(deliveries.map(\.lane.orgID) == [org])
                #expect(deliveries.map(\.state) == [.delivered])
            }
            let refused = try await world.call(.post, path, ["user_id": "u_else", "title": "t", "body": "b"])
            #expect(refused.status == 404)
            let stored = try await world.stores.notifications.list(NotificationFilter(), page: Page(), scope: .all)
            #expect(stored.total == 2)
        }
    }

    @Test func `in a batch whoever is beyond reach fails alone`() async throws {
        try await withOrgs { world in
            let users = ["u_else", "u_below", "u_free"]
            let targets = users.map { JSON.object(["user_id": .string($0), "title": "t", "body": "b"]) }
            let b = try await world.call(.post, "/api/v1/notifications/batch", ["targets": .array(targets)])
            #expect(b.status == 200)
            #expect(b.json["results"]?.array?.map { $0["status"]?.string } == ["failed", "sent", "sent"])
            #expect(b.json["results"]?[0]?["error"]?.string == "There is no such user.")
            let e = try await world.call(
                .post, "/api/v1/push-notifications/batch",
                ["user_ids": .array(users.map(JSON.string)), "payload": ["title": "t", "body": "b"]])
            #expect(e.json["total"]?.integer == 3)
            #expect(e.json["delivered"]?.integer == 2)
            #expect(e.json["failures"]?.array?.map { $0["user_id"]?.string } == ["u_else"])
            let alone = try await world.call(
                .post, "/api/v1/push-notifications/batch", ["user_ids": ["u_else"], "payload": ["title": "t", "body": "b"]],
                headers: [.idempotencyKey: "k"])
            #expect(alone.status == 200)
            #expect(alone.json["failed"]?.integer == 1)
            let stored = try await world.stores.notifications.list(NotificationFilter(), page: Page(), scope: .all)
            #expect(stored.elements.map(\.orgID).sorted() == ["org_below", "org_below", "org_default", "org_default"])
        }
    }

    @Test func `direct dispatch and registration go by the user's org too`() async throws {
        try await withOrgs { world in
            let sent = try await world.call(.post, "/api/v1/deliveries", ["to": ["user_id": "u_below"], "title": "t"])
            #expect(sent.json["deliveries"]?[0]?["org_id"]?.string == "org_below")
            #expect(try await world.call(.post, "/api/v1/deliveries", ["to": ["user_id": "u_else"], "title": "t"]).status == 404)
            let registration: JSON = ["user_id": "u_else", "token": "t", "platform": "ios"]
            #expect(try await world.call(.post, "/api/v1/push-notifications/device-tokens", registration).status == 404)
        }
    }
}
