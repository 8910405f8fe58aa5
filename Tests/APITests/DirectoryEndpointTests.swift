import Domain
import HTTPTypes
import HummingbirdTesting
import Storage
import Testing

@testable import API

/// The directory, entry by entry. Callers without a credential act for org_default and what stands below it.
struct DirectoryEndpointTests {
    private static let path = "/api/v1/directory"
    private static let user: JSON = [
        "id": "u1", "org_id": "org_default", "full_name": "Ola Nordmann", "email": "ola@example.org", "email_verified": true,
        "phone": "+47 900 12 345", "locale": "nb-NO", "chapter_id": "ch_1",
    ]
    private static let mentor: JSON = [
        "id": "pm_1", "org_id": "org_default", "full_name": "Kari", "email": "kari@example.org", "phone": "+47 9", "current_status": "paused",
        "pause_start_date": "2026-03-20T00:00:00Z", "coordinator_ids": ["u2", "u1"],
    ]

    /// Puts into the directory what the callers of these tests can't reach.
    private func others(_ world: World) async throws {
        _ = try await world.stores.directory.put(
            [
                .organisation(Organisation(id: "org_x", name: "X")), .user(User(id: "theirs", orgID: "org_x")),
                .certification(Certification(id: "c1", userID: "theirs", name: "n", expiresAt: SystemTime().now)),
                .mentor(Mentor(id: "pm_x", orgID: "org_x")),
            ], scope: .all)
    }

    @Test func `what is put is answered, read and deleted in the same words`() async throws {
        try await withWorld(isServing: false) { world in
            let certification: JSON = ["id": "c/1", "user_id": "u1", "name": "First aid", "expires_at": "2026-04-01T00:00:00Z"]
            for (path, body) in [
                ("/organisations/org_a", ["id": "org_a", "parent_id": "org_default", "name": "A"]), ("/users/u1", Self.user),
                ("/users/u1/certifications/c%2F1", certification), ("/mentors/pm_1", Self.mentor),
            ] as [(String, JSON)] {
                let created = try await world.call(.put, Self.path + path, body)
                #expect(created.status == 201)
                #expect(created.json == body)
                #expect(try await world.call(.put, Self.path + path, body).status == 200)
                #expect(try await world.call(.get, Self.path + path).json == body)
            }
            for path in ["/users/u1/certifications/c%2F1", "/mentors/pm_1", "/users/u1", "/organisations/org_a"] {
                let deleted = try await world.call(.delete, Self.path + path)
                #expect(deleted.status == 200)
                #expect(deleted.json["deleted"]?.bool == true)
                #expect(try await world.call(.delete, Self.path + path).status == 404)
                #expect(try await world.call(.get, Self.path + path).status == 404)
            }
        }
    }

    @Test func `little is enough: the rest is null`() async throws {
        try await withWorld(isServing: false) { world in
            let user = try await world.call(.put, Self.path + "/users/u", ["org_id": "org_default", "nickname": "x"])
            #expect(user.status == 201)
            #expect(user.headers[.warning] == #"299 - "unknown and ignored: /nickname""#)
            #expect(
                user.json == [
                    "id": "u", "org_id": "org_default", "full_name": .null, "email": .null, "email_verified": false, "phone": .null, "locale": .null,
                    "chapter_id": .null,
                ])
            let organisation = try await world.call(.put, Self.path + "/organisations/org_a", ["parent_id": "org_default"])
            #expect(organisation.json == ["id": "org_a", "parent_id": "org_default", "name": "org_a"])
            let day = try await world.call(.put, Self.path + "/users/u/certifications/c", ["name": "n", "expires_at": "2026-04-01"])
            #expect(day.json["expires_at"]?.string == "2026-04-01T00:00:00Z")
        }
    }

    @Test func `every fault is named at once`() async throws {
        try await withWorld(isServing: false) { world in
            for (path, body, pointers) in [
                (
                    "/users/u1",
                    [
                        "id": "u2", "full_name": 1, "email": "nobody", "email_verified": "yes", "phone": "a\u{7}", "locale": "nb_NO",
                        "chapter_id": [],
                    ], ["/id", "/org_id", "/full_name", "/email", "/email_verified", "/phone", "/locale", "/chapter_id"]
                ),
                ("/organisations/org_a", ["id": 1, "parent_id": 2, "name": 3], ["/id", "/parent_id", "/name"]),
                ("/users/u1/certifications/c1", ["id": "c2", "user_id": "u2", "expires_at": "soon"], ["/id", "/user_id", "/name", "/expires_at"]),
                (
                    "/mentors/pm", ["pause_start_date": "2026-02-30", "coordinator_ids": ["a", 1, "", "a"]],
                    ["/org_id", "/pause_start_date", "/coordinator_ids/1", "/coordinator_ids/2", "/coordinator_ids"]
                ),
                ("/users/\(String(repeating: "u", count: 256))", ["org_id": "org_default"], ["/id"]),
                ("/users/u1", ["org_id": "org_nowhere"], ["/org_id"]), ("/mentors/pm", ["org_id": "org_x"], ["/org_id"]),
                ("/organisations/org_a", ["name": "Top"], ["/parent_id"]), ("/organisations/org_a", ["parent_id": "org_x"], ["/parent_id"]),
                ("/organisations/org_a", ["parent_id": "org_a"], ["/parent_id"]),
            ] as [(String, JSON, [String])] {
                let reply = try await world.call(.put, Self.path + path, body)
                #expect(reply.status == 422)
                #expect(reply.errors == pointers)
            }
            #expect(try await world.call(.put, Self.path + "/users/u1/certifications/c", ["name": "n", "expires_at": "2026-04-01"]).status == 404)
        }
    }

    @Test func `another org's entries are not there, and can't be taken`() async throws {
        try await withWorld(isServing: false) { world in
            try await others(world)
            for path in ["/organisations/org_x", "/users/theirs", "/users/theirs/certifications/c1", "/mentors/pm_x", "/users/theirs/certifications"]
            {
                #expect(try await world.call(.get, Self.path + path).status == 404)
            }
            for (path, body) in [
                ("/organisations/org_x", ["parent_id": "org_default"]), ("/users/theirs", ["org_id": "org_default"]),
                ("/users/theirs/certifications/c1", ["name": "n", "expires_at": "2026-04-01"]), ("/mentors/pm_x", ["org_id": "org_default"]),
            ] as [(String, JSON)] {
                #expect(try await world.call(.put, Self.path + path, body).status == 404)
                #expect(try await world.call(.delete, Self.path + path).status == 404)
            }
            #expect(try await world.call(.get, Self.path + "/users?org_id=org_x").json["pagination"]?["total"]?.integer == 0)
            #expect(try await world.stores.directory.user("theirs", scope: .all)?.orgID == "org_x")
        }
    }

    @Test func `a new organisation is within reach at once, and out of it when it is gone`() async throws {
        try await withWorld(isServing: false) { world in
            func put(_ path: String, _ body: JSON) async throws -> Int { try await world.call(.put, Self.path + path, body).status }
            #expect(try await put("/users/u1", ["org_id": "org_b"]) == 422)
            #expect(try await put("/organisations/org_a", ["parent_id": "org_default"]) == 201)
            #expect(try await put("/organisations/org_b", ["parent_id": "org_a"]) == 201)
            #expect(try await put("/users/u1", ["org_id": "org_b"]) == 201)
            #expect(try await put("/organisations/org_a", ["parent_id": "org_b"]) == 422)
            let full = try await world.call(.delete, Self.path + "/organisations/org_b")
            #expect(full.status == 409)
            #expect(full.json["detail"]?.string?.contains("1 user(s)") == true)
            #expect(try await world.call(.delete, Self.path + "/organisations/org_a").status == 409)
            #expect(try await world.call(.delete, Self.path + "/users/u1").status == 200)
            #expect(try await world.call(.delete, Self.path + "/organisations/org_b").status == 200)
            #expect(try await put("/users/u1", ["org_id": "org_b"]) == 422)
            #expect(try await world.call(.delete, Self.path + "/organisations/org_default").status == 409)
            #expect(try await world.call(.get, Self.path + "/organisations/org_default").json["name"]?.string == "Default")
        }
    }

    @Test func `lists go on by their cursors, whatever the ids hold`() async throws {
        try await withWorld(isServing: false) { world in
            try await others(world)
            let ids = ["a b", "c/ø", "d&e", "u:1", "z?"]
            for id in ids {
                let path = Self.path + "/users/" + PercentCoding.encode(id)
                #expect(try await world.call(.put, path, ["org_id": "org_default"]).status == 201)
                #expect(try await world.call(.put, path + "/certifications/1", ["name": "n", "expires_at": "2026-04-01"]).status == 201)
            }
            _ = try await world.call(.put, Self.path + "/organisations/org_a", ["parent_id": "org_default"])
            _ = try await world.call(.put, Self.path + "/mentors/pm", ["org_id": "org_a", "coordinator_ids": ["x"]])
            for (list, expected) in [
                ("/users?limit=2", ids), ("/users?limit=2&org_id=org_default", ids), ("/users?org_id=org_a", []),
                ("/organisations?limit=1", ["org_a", "org_default"]), ("/mentors", ["pm"]), ("/users/c%2F%C3%B8/certifications?limit=1", ["1"]),
            ] {
                var next: String? = Self.path + list
                var seen: [String] = []
                while let path = next {
                    let page = try await world.call(.get, path)
                    #expect(page.status == 200)
                    #expect(page.json["pagination"]?["total"]?.integer == Int64(expected.count))
                    seen += page.json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                    next = page.headers[.link].flatMap { $0.split(separator: ">").first?.dropFirst() }.map(String.init)
                }
                #expect(seen == expected)
            }
            #expect(try await world.call(.get, Self.path + "/organisations?limit=1&page=2").json["data"]?[0]?["id"]?.string == "org_default")
            #expect(try await world.call(.get, Self.path + "/users?cursor=xyz").errors == ["/cursor"])
        }
    }
}
