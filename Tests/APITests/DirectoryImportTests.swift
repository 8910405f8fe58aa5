import Domain
import Foundation
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Storage
import Testing

@testable import API

struct DirectoryImportTests {
    private static let path = "/api/v1/directory/import"

    private func send(_ text: String, as format: ImportFormat, to world: World) async throws -> Reply {
        try await world.call(.post, Self.path, text: text, headers: [.contentType: format.mediaType])
    }

    private func errors(_ reply: Reply) -> [String] {
        (reply.json["errors"]?.array ?? []).map { "\($0["line"]?.integer ?? 0) \($0["detail"]?.string ?? "")" }
    }

    @Test func `NDJSON comes in, faulty lines are named and skipped, the rest is kept`() async throws {
        try await withWorld(isServing: false) { world in
            _ = try await world.stores.directory.put(
                [.organisation(Organisation(id: "org_x", name: "X")), .user(User(id: "theirs", orgID: "org_x"))], scope: .all)
            let text = """
                {"kind": "organisation", "id": "org_a", "parent_id": "org_default", "name": "A"}
                {"kind": "user", "id": "u1", "org_id": "org_a", "email": "u1@example.org", "email_verified": true, "shoe": 44}

                {"kind": "user", "id": "u2", "org_id": "org_b"}
                {"kind": "user", "id": "u3", "org_id": "org_x"}
                {"kind": "user", "id": "theirs", "org_id": "org_a"}
                not json
                [1]
                {"kind": "robot", "id": "r"}
                {"id": "u4"}
                {"kind": "user", "email": "nobody", "locale": "?"}
                {"kind": "certification", "id": "c1", "user_id": "u1", "name": "First aid", "expires_at": "2026-04-01"}
                {"kind": "certification", "id": "c2", "user_id": "u9", "name": "First aid", "expires_at": "2026-04-01"}
                {"kind": "organisation", "id": "org_a", "parent_id": "org_a"}
                {"kind": "mentor", "id": "pm_1", "org_id": "org_a", "coordinator_ids": ["u1"]}
                """
            let reply = try await send(text, as: .ndjson, to: world)
            #expect(reply.status == 200)
            #expect(reply.headers[.warning] == #"299 - "unknown and ignored: /shoe""#)
            #expect(reply.json["imported"]?.integer == 4)
            #expect(reply.json["failed"]?.integer == 10)
            #expect(
                errors(reply) == [
                    #"4 /org_id: names "org_b", no organisation that the caller may reach; put or import it first"#,
                    #"5 /org_id: names "org_x", no organisation that the caller may reach; put or import it first"#,
                    "6 /id: is taken by a user out of the caller's reach", "7 is not JSON: unexpected word at byte 0",
                    "8 must be a JSON object, not an array",
                    "9 /kind: must be one of organisation, user, certification, mentor",
                    "10 /kind: is required: one of organisation, user, certification, mentor",
                    "11 /id: is required; /org_id: is required; /email: must be an e-mail address with one @; "
                        + "/locale: must be a BCP 47 tag such as nb or en-GB",
                    #"13 /user_id: names "u9", no user that the caller may reach; put or import the user first"#,
                    "14 /parent_id: would make the organisation its own ancestor: org_a below org_a",
                ])
            #expect(try await world.stores.directory.user("u1", scope: .all)?.emailVerified == true)
            #expect(try await world.stores.directory.mentor("pm_1", scope: .all)?.coordinatorIDs == ["u1"])
            #expect(try await world.call(.get, "/api/v1/directory/users/u1").status == 200)
        }
    }

    @Test func `CSV comes in with quotes, empty cells, lists and every kind in one table`() async throws {
        try await withWorld(isServing: false) { world in
            let lines = [
                "kind,id,org_id,parent_id,name,full_name,email,email_verified,user_id,expires_at,pause_start_date,coordinator_ids,note",
                #"organisation,org_a,,org_default,"A, or ""Aa""",,,,,,,,"#, #"user,u1,org_a,,,Ola,u1@example.org,TRUE,,,,,"two"#, #"lines""#,
                "user,u2,org_a,,,,,maybe,,,,,", "user,u3,org_a", #""user,u4,org_a"#,
                "certification,c1,,,First aid,,,,u1,2026-04-01T08:00:00Z,,,", #"mentor,pm_1,org_a,,,Kari,,,,,2026-03-20, u1 ; u2;,"#,
            ]
            for end in ["\n", "\r\n"] {
                let reply = try await send("\u{FEFF}" + lines.joined(separator: end) + end, as: .csv, to: world)
                #expect(reply.status == 200)
                #expect(reply.headers[.warning] == #"299 - "unknown and ignored: /note""#)
                #expect(reply.json["imported"]?.integer == 4)
                #expect(
                    errors(reply) == [
                        "5 /email_verified: must be true or false, not a string", "6 has 3 fields, but the header line has 13",
                        "7 a quoted field is opened and never closed",
                    ])
                let organisation = try await world.stores.directory.organisation("org_a", scope: .all)
                #expect(organisation?.name == #"A, or "Aa""#)
                let user = try await world.stores.directory.user("u1", scope: .all)
                #expect(user == User(id: "u1", orgID: "org_a", fullName: "Ola", email: "u1@example.org", emailVerified: true))
                let mentor = try await world.stores.directory.mentor("pm_1", scope: .all)
                #expect(mentor?.coordinatorIDs == ["u1", "u2"])
                #expect(mentor?.pauseStartDate == Timestamp(rfc3339: "2026-03-20T00:00:00Z"))
                let soonest = try await world.stores.directory.soonestCertification(of: "u1", notBefore: .start)
                #expect(soonest?.expiresAt == Timestamp(rfc3339: "2026-04-01T08:00:00Z"))
            }
        }
    }

    @Test func `what is no import is refused as a whole`() async throws {
        try await withWorld(isServing: false) { world in
            for (type, body, status) in [
                ("application/json", "{}", 415), ("text/csv; charset=latin1", "kind\n", 415), ("text/csv", "id,org_id\nu1,org_default\n", 422),
                ("text/csv", "kind,id,id\n", 422), ("text/csv", "\"kind,id\nuser,u1\n", 422),
            ] {
                let reply = try await world.call(.post, Self.path, text: body, headers: [.contentType: type])
                #expect(reply.status == status)
                #expect(reply.headers[.contentType] == "application/problem+json")
            }
            let untyped = try await world.client.executeRequest(uri: Self.path, method: .post, headers: [:], body: .init(string: "{}"))
            #expect(untyped.status == .unsupportedMediaType)
            for format in ImportFormat.allCases {
                let empty = try await send("", as: format, to: world)
                #expect(empty.json == ["imported": 0, "failed": 0, "errors": []])
            }
            let charset = try await world.call(.post, Self.path, text: "", headers: [.contentType: "text/csv; charset=UTF-8"])
            #expect(charset.status == 200)
        }
    }

    @Test func `an organisation made in one chunk is filled from the next ones, and faults keep the order of their lines`() async throws {
        try await withWorld(isServing: false) { world in
            var lines = [#"{"kind": "organisation", "id": "org_a", "parent_id": "org_default"}"#]
            lines += (0..<1_600).map { index in
                index.isMultiple(of: 400)
                    ? #"{"kind": "user", "id": "f\#(index)", "org_id": "org_none"}"# : #"{"kind": "user", "id": "u\#(index)", "org_id": "org_a"}"#
            }
            lines[777] = "{"
            let reply = try await send(lines.joined(separator: "\n"), as: .ndjson, to: world)
            #expect(reply.json["imported"]?.integer == 1_596)
            #expect(reply.json["errors"]?.array?.compactMap { $0["line"]?.integer } == [2, 402, 778, 802, 1_202])
            #expect(try await world.stores.directory.users(page: Page(), scope: .orgs(["org_a"])).total == 1_595)
        }
    }

    @Test func `of very many faults the first thousand are told, and how many more there are`() async throws {
        try await withWorld(isServing: false) { world in
            let reply = try await send(String(repeating: "?\n", count: 1_203), as: .ndjson, to: world)
            #expect(reply.json["failed"]?.integer == 1_203)
            #expect(reply.json["errors"]?.array?.count == 1_000)
            #expect(reply.json["errors_omitted"]?.integer == 203)
        }
    }

    @Test func `a database that fails in the middle is told, with what was kept`() async throws {
        try await withWorld(isServing: false) { world in
            let lines = (0..<500).map { #"{"kind": "user", "id": "u\#($0)", "org_id": "org_default"}"# }
            #expect(try await send(lines.joined(separator: "\n"), as: .ndjson, to: world).status == 200)
            world.database.refuseWrites(with: .diskFull("no space left on /srv"))
            let refused = try await send(lines.joined(separator: "\n"), as: .ndjson, to: world)
            #expect(refused.status == 503)
            #expect(refused.headers[.retryAfter] == "30")
            #expect(refused.json["detail"]?.string?.contains("0 entries were imported before that") == true)
        }
    }

    @Test func `twenty thousand users stream in over a socket, and some of them again`() async throws {
        try await withWorld(.live, isServing: false) { world in
            let lines = (0..<20_000).map {
                #"{"kind": "user", "id": "user_\#($0)", "org_id": "org_default", "full_name": "User \#($0)", "email": "u\#($0)@example.org"}"#
            }
            let reply = try await send(lines.joined(separator: "\n") + "\n", as: .ndjson, to: world)
            #expect(reply.json == ["imported": 20_000, "failed": 0, "errors": []])
            let again = try await send(lines.suffix(700).joined(separator: "\n"), as: .ndjson, to: world)
            #expect(again.json == ["imported": 700, "failed": 0, "errors": []])
            #expect(try await world.stores.directory.users(page: Page(), scope: .orgs(["org_default"])).total == 20_000)
        }
    }
}

extension Timestamp {
    fileprivate static let start = Timestamp(seconds: 1_774_339_200)
}
