import Domain
import HTTPTypes
import HummingbirdTesting
import Storage
import Testing

@testable import API

struct SuppressionEndpointTests {
    private static let path = "/api/v1/suppressions"

    /// Suppresses addresses as a relay's verdict does.
    private func suppress(_ addresses: [(address: String, org: String)], _ world: World) async throws {
        try await world.stores.committer.write { connection in
            for (address, org) in addresses {
                try connection.run(
                    "INSERT INTO suppressions (org_id, address, reason, since) VALUES (?, ?, ?, ?)",
                    [.text(org), .text(address), .text("5.1.1"), .integer(1_774_339_200_000_000)])
            }
        }
    }

    @Test func `dead addresses are listed page by page, found, and taken off`() async throws {
        try await withWorld(isServing: false) { world in
            try await suppress([("b+x@example.org", "org_default"), ("a@example.org", "org_default"), ("a@example.org", "org_else")], world)
            let first = try await world.call(.get, Self.path + "?limit=1")
            #expect(
                first.json["data"]
                    == [["org_id": "org_default", "address": "a@example.org", "reason": "5.1.1", "since": "2026-03-24T08:00:00Z"]])
            #expect(first.json["pagination"]?["total"]?.integer == 2)
            let next = try #require(first.headers[.link]?.split(separator: ">").first?.dropFirst())
            let second = try await world.call(.get, String(next))
            #expect(second.json["data"]?.array?.map { $0["address"]?.string } == ["b+x@example.org"])
            #expect(second.headers[.link] == nil)
            let found = try await world.call(.get, Self.path + "?address=A@example.org&org_id=org_default")
            #expect(found.json["pagination"]?["total"]?.integer == 1)
            #expect(try await world.call(.get, Self.path + "?org_id=org_else").json["pagination"]?["total"]?.integer == 0)
            let deleted = try await world.call(.delete, Self.path + "/b%2Bx%40example.org")
            #expect(deleted.status == 200)
            #expect(deleted.json == ["deleted": true, "address": "b+x@example.org"])
            #expect(try await world.call(.delete, Self.path + "/b%2Bx%40example.org").status == 404)
            #expect(try await world.call(.delete, Self.path + "/a@example.org").status == 200)
            #expect(try await world.stores.suppressions.suppressed(["a@example.org"], orgID: "org_else") == ["a@example.org"])
        }
    }
}
