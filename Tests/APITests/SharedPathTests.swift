import Domain
import HTTPTypes
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// The path of two contracts, for keys that are good for one of them, and for callers of different orgs.
struct SharedPathTests {
    private static let path = CoordinatorTests.path
    private static let push: JSON = ["user_id": "ada", "title": "t", "body": "b"]

    private func total(_ world: World, _ query: String, _ headers: HTTPFields) async throws -> Int64? {
        try await world.call(.get, Self.path + query, headers: headers).json["pagination"]?["total"]?.integer
    }

    @Test(arguments: [Contract.pushDispatcher, .coordinatorNotifications])
    func `a key that is bound to one of the two contracts makes, sees and touches that one's only`(bound: Contract) async throws {
        try await withWorld(isServing: false) { world in
            let key = try await world.key(contract: bound)
            let letter = CoordinatorTests.letter(to: ["ada"])
            let (own, other) = bound == .pushDispatcher ? (Self.push, letter) : (letter, Self.push)
            #expect(try await world.call(.post, Self.path, own, headers: key.and([.prefer: "respond-async"])).status < 300)
            let refused = try await world.call(.post, Self.path, other, headers: key)
            #expect(refused.status == 403 && refused.json["detail"]?.string?.contains(bound.rawValue) ?? false)
            let foreign = try await world.call(.post, Self.path, other, headers: [.prefer: "respond-async"]).json
            let id = try #require((foreign["id"] ?? foreign["notification_id"])?.string)
            #expect(try await total(world, "", key) == 1)
            #expect(try await total(world, "", [:]) == 2)
            #expect(try await total(world, "?contract=push-dispatcher", key) == (bound == .pushDispatcher ? 1 : 0))
            #expect(try await total(world, "?contract=coordinator-notifications", key) == (bound == .pushDispatcher ? 0 : 1))
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: key).status == 404)
            let change: JSON = bound == .pushDispatcher ? ["read": true] : ["status": "resolved"]
            #expect(try await world.call(.put, "\(Self.path)/\(id)", change, headers: key).status == 404)
            #expect(try await world.call(.delete, "\(Self.path)/\(id)", headers: key).status == 404)
            #expect(try await world.call(.get, "\(Self.path)/\(id)").status == 200)
        }
    }

    @Test func `of a call to several orgs each caller sees and touches its own recipients`() async throws {
        try await withWorld(credentials: .tree, isServing: false) { world in
            let people: [DirectoryEntry] = [
                .user(User(id: "here", orgID: "org_default")), .user(User(id: "below", orgID: "org_below")), .user(User(id: "top", orgID: "org_top")),
            ]
            #expect(
                try await world.stores.directory.put(people, beside: TestCredentials.tree.organisations, scope: .all).allSatisfy { $0 == .created })
            let all = try await world.key([.globalAdmin], of: "org_top")
            let below = try await world.key([.coordinator], of: "org_below")
            let here = try await world.key([.coordinator])
            let sent = try await world.call(.post, Self.path, CoordinatorTests.letter(to: ["top", "here", "below"]), headers: all)
            #expect(sent.status == 201)
            let id = try #require(sent.json["notification_id"]?.string)
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: all).json["recipient_ids"] == ["top", "here", "below"])
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: here).json["recipient_ids"] == ["here", "below"])
            let seen = try await world.call(.get, "\(Self.path)/\(id)", headers: below)
            #expect(seen.json["recipient_id"] == "below" && seen.json["recipient_ids"] == nil)
            #expect(try await world.call(.get, "\(Self.path)/\(id)?recipient_id=top", headers: here).status == 404)
            #expect(try await world.call(.put, "\(Self.path)/\(id)", ["read": true], headers: below).status == 200)
            #expect(try await total(world, "?read=true", all) == 1)
            #expect(try await world.call(.delete, "\(Self.path)/\(id)", headers: here).status == 200)
            #expect(try await total(world, "", all) == 1)
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: below).status == 404)
            #expect(
                try await world.call(.post, Self.path, CoordinatorTests.letter(to: ["here", "top"]), headers: here).errors == ["/recipient_ids/1"])
        }
    }
}
