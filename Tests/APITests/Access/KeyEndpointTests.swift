import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// `/api/v1/keys`.
struct KeyEndpointTests {
    private static let path = "/api/v1/keys"

    @Test func `a key is shown once, works, and is listed without its text`() async throws {
        try await withWorld(isOpen: false, credentials: .tree) { world in
            let admin = try await world.key([.orgAdmin])
            let made = try await world.call(
                .post, Self.path,
                ["name": "reports", "org_id": "org_below", "roles": ["coordinator", "coordinator"], "contract": "push-service", "odd": 1],
                headers: admin)
            #expect(made.status == 201)
            let text = try #require(made.json["key"]?.string)
            let id = try #require(made.json["id"]?.string)
            #expect(APIKeyText(text)?.prefix == made.json["prefix"]?.string)
            #expect(id.hasPrefix("key_") && made.json["state"] == "active" && made.json["name"] == "reports" && made.json["org_id"] == "org_below")
            #expect(made.json["roles"] == ["coordinator"] && made.json["contract"] == "push-service" && made.json["expires_at"] == .null)
            #expect(made.headers[.warning]?.contains("/odd") == true)

            #expect(try await world.call(.get, "/api/v1/push-notifications", headers: .bearer(text)).status == 200)
            let list = try await world.call(.get, Self.path, headers: admin)
            #expect(list.status == 200 && list.json["pagination"]?["total"] == 2)
            #expect(list.json["data"]?[0]?["id"]?.string == id && list.json["data"]?[0]?["key"] == nil)
            #expect(!list.json.text.contains(text))
            #expect(!world.log.all.contains { $0.contains(text) })
            #expect(try await world.stored(text) == false)
        }
    }

    @Test func `a list has pages, and can be narrowed to an org`() async throws {
        try await withWorld(isOpen: false, credentials: .tree) { world in
            let admin = try await world.key([.orgAdmin])
            for org in ["org_below", "org_below", "org_default"] { _ = try await world.key(of: org) }
            let first = try await world.call(.get, Self.path + "?limit=3", headers: admin)
            let link = try #require(first.headers[.link]?.split(separator: ">").first?.dropFirst())
            let second = try await world.call(.get, String(link), headers: admin)
            let ids = [first, second].flatMap { $0.json["data"]?.array ?? [] }.compactMap { $0["id"]?.string }
            #expect(ids.count == 4 && ids == ids.sorted(by: >))
            #expect(second.headers[.link] == nil)
            #expect(try await world.call(.get, Self.path + "?org_id=org_below", headers: admin).json["pagination"]?["total"] == 2)
            #expect(try await world.call(.get, Self.path + "?org_id=org_else", headers: admin).json["data"] == [])
        }
    }

    @Test func `revoking is at once, for good, and can be repeated`() async throws {
        try await withWorld(isOpen: false) { world in
            let admin = try await world.key([.orgAdmin])
            let made = try await world.call(.post, Self.path, ["roles": []], headers: admin)
            let text = try #require(made.json["key"]?.string)
            let id = try #require(made.json["id"]?.string)
            #expect(try await world.call(.get, "/api/v1/notifications", headers: .bearer(text)).status == 200)
            let gone = try await world.call(.delete, "\(Self.path)/\(id)", headers: admin)
            #expect(gone.status == 200 && gone.json["state"] == "revoked" && gone.json["revoked_at"]?.string != nil)
            let refused = try await world.call(.get, "/api/v1/notifications", headers: .bearer(text))
            #expect(refused.status == 401 && refused.json["detail"] == "The API key has been revoked.")
            let again = try await world.call(.delete, "\(Self.path)/\(id)", headers: admin)
            #expect(again.status == 200 && again.json["revoked_at"] == gone.json["revoked_at"])
            #expect(try await world.call(.get, Self.path, headers: admin).json["data"]?.array?.contains { $0["id"]?.string == id } == true)
        }
    }

    @Test func `an org admin hands out nothing above its role and nothing outside its orgs`() async throws {
        try await withWorld(isOpen: false, credentials: .tree) { world in
            let admin = try await world.key([.orgAdmin])
            let global = try await world.key([.globalAdmin])
            let highest: JSON = ["roles": ["coordinator", "global_admin"]]
            #expect(try await world.call(.post, Self.path, highest, headers: admin).status == 403)
            let made = try await world.call(.post, Self.path, highest, headers: global)
            #expect(made.status == 201)
            // A global admin's key that stands in the admin's own org is above it too.
            let id = try #require(made.json["id"]?.string)
            #expect(try await world.call(.delete, "\(Self.path)/\(id)", headers: admin).status == 403)
            for org in ["org_top", "org_else", "org_nowhere"] {
                let reply = try await world.call(.post, Self.path, ["org_id": .string(org)], headers: admin)
                #expect(reply.status == 404)
                let theirs = try await KeyDesk(world.stores.keys).issue(.init(orgID: org, roles: []), now: SystemTime().now).key
                #expect(try await world.call(.delete, "\(Self.path)/\(theirs.id)", headers: admin).status == 404)
                #expect(try await world.call(.delete, "\(Self.path)/\(theirs.id)", headers: global).status == 200)
            }
            let coordinator = try await world.key([.coordinator])
            let roleless = try await world.key()
            for fields in [coordinator, roleless] {
                #expect(try await world.call(.post, Self.path, [:], headers: fields).status == 403)
                #expect(try await world.call(.get, Self.path, headers: fields).status == 403)
                #expect(try await world.call(.delete, "\(Self.path)/\(id)", headers: fields).status == 403)
            }
        }
    }

    @Test func `what is wrong with a wish is told at once`() async throws {
        try await withWorld { world in
            let reply = try await world.call(
                .post, Self.path,
                ["name": "a\nb", "org_id": "", "roles": ["admin", 1], "contract": "direct", "expires_at": "2020-01-01T00:00:00Z"])
            #expect(reply.status == 422)
            #expect(Set(reply.errors) == ["/name", "/org_id", "/roles/0", "/roles/1", "/contract", "/expires_at"])
        }
    }

    @Test func `a repeat makes no second key, and the database does not hold the first one's text`() async throws {
        try await withWorld { world in
            let first = try await world.call(.post, Self.path, ["name": "n"], headers: [.idempotencyKey: "k"])
            let text = try #require(first.json["key"]?.string)
            let again = try await world.call(.post, Self.path, ["name": "n"], headers: [.idempotencyKey: "k"])
            #expect(again.status == 201 && again.headers[.idempotencyReplayed] == "true")
            #expect(again.json["id"] == first.json["id"] && again.json["key"] == nil)
            #expect(again.json["notice"]?.string?.contains("can't be shown again") == true)
            #expect(try await world.stores.keys.list(page: Page(), scope: .all).total == 1)
            #expect(try await world.stored(text) == false)
        }
    }

    @Test func `a repeat after a crash finds the key that was made before it`() async throws {
        try await withWorld { world in
            let key = IdempotencyKey(caller: "open:org_default", operation: "POST \(Self.path)", key: "k")
            let dead = Lease(holder: "dead")
            let now = SystemTime().now
            let body: JSON = ["name": "n"]
            _ = try await world.stores.idempotency.claim(key, bodyHash: Repeats.hash(.init(string: body.text)), now: now, lease: dead)
            let id = KeyDesk.id(now)
            _ = try await KeyDesk(world.stores.keys).issue(
                .init(name: "n", orgID: "org_default", roles: []), id: id, now: now,
                idempotency: (IdempotencyMark(key: key, reference: id), dead))
            let reply = try await world.call(.post, Self.path, body, headers: [.idempotencyKey: "k"])
            #expect(reply.status == 201 && reply.json["id"]?.string == id && reply.json["key"] == nil)
            #expect(try await world.stores.keys.list(page: Page(), scope: .all).total == 1)
        }
    }

    @Test func `without a credential keys are made on loopback in open mode only, and never above the default org`() async throws {
        try await withWorld(credentials: .tree) { world in
            let made = try await world.call(.post, Self.path, ["roles": ["org_admin"], "org_id": "org_below"])
            #expect(made.status == 201)
            #expect(try await world.call(.post, Self.path, ["roles": ["global_admin"]]).status == 403)
            #expect(try await world.call(.post, Self.path, ["org_id": "org_top"]).status == 404)
        }
        try await withWorld(host: "0.0.0.0") { world in
            #expect(try await world.call(.post, Self.path, ["roles": []]).status == 401)
            #expect(try await world.call(.get, Self.path).status == 401)
            let admin = try await world.key([.orgAdmin])
            #expect(try await world.call(.post, Self.path, ["roles": []], headers: admin).status == 201)
        }
    }
}

extension World {
    /// Whether a text stands anywhere in the tables that keys pass through.
    fileprivate func stored(_ text: String) async throws -> Bool {
        try await database.read { connection in
            var found = false
            for sql in [
                "SELECT id || prefix || digest || coalesce(name, '') FROM api_keys", "SELECT coalesce(body, '') || body_hash FROM idempotency_keys",
            ] {
                try connection.query(sql, []) { if $0.text(0)?.contains(text.dropFirst(11)) == true { found = true } }
            }
            return found
        }
    }
}
