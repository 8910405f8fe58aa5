import DeliveryEngine
import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Storage
import Testing

@testable import API

/// The contract notification-records: who may do what, to whose records, and what they show.
struct NotificationRecordTests {
    private static let path = "/api/v1/notification-records"

    private static let orgs = TestCredentials(organisations: [
        Organisation(id: "org_default", name: "Default"), Organisation(id: "org_nhf", name: "NHF"),
        Organisation(id: "org_oslo", parentID: "org_nhf", name: "NHF Oslo"), Organisation(id: "org_bergen", parentID: "org_nhf", name: "NHF Bergen"),
    ])

    private static let kari = Mentor(
        id: "pm_kari", orgID: "org_oslo", fullName: "Kari Nordmann", email: "kari@example.org", phone: "+47 900 12 345", currentStatus: "paused",
        pauseStartDate: Timestamp(rfc3339: "2026-03-20T00:00:00.000Z"), coordinatorIDs: ["coord_ingrid", "coord_other"])

    private func body(_ mentor: String = "pm_kari", _ more: JSONObject = [:]) -> JSON {
        var object: JSONObject = [
            "peer_mentor_id": .string(mentor), "event_type": "pause_activated", "coordinator_id": "coord_ingrid", "channels_notified": ["push"],
        ]
        for member in more.members { object[member.key] = member.value }
        return .object(object)
    }

    /// A gateway that knows Kari and Ingrid of Oslo, and callers of three orgs.
    private func withDesk(
        _ setup: TestingSetup = .router, _ test: @Sendable (World, _ oslo: HTTPFields, _ bergen: HTTPFields, _ root: HTTPFields) async throws -> Void
    ) async throws {
        try await withWorld(setup, credentials: Self.orgs, isServing: false) { world in
            try await world.know(
                .organisation(Organisation(id: "org_nhf", name: "NHF")),
                .organisation(Organisation(id: "org_oslo", parentID: "org_nhf", name: "NHF Oslo")),
                .organisation(Organisation(id: "org_bergen", parentID: "org_nhf", name: "NHF Bergen")),
                .user(User(id: "coord_ingrid", orgID: "org_oslo", fullName: "Ingrid Bakke")), .mentor(Self.kari))
            try await test(
                world, try await world.key([.orgAdmin], of: "org_oslo"), try await world.key([.orgAdmin], of: "org_bergen"),
                try await world.key([.globalAdmin], of: "org_nhf"))
        }
    }

    private func make(_ world: World, _ body: JSON, _ caller: HTTPFields) async throws -> String {
        let reply = try await world.call(.post, Self.path, body, headers: caller)
        #expect(reply.status == 201)
        return try #require(reply.json["id"]?.string)
    }

    private func ids(_ world: World, _ query: String, _ caller: HTTPFields) async throws -> [String] {
        let reply = try await world.call(.get, Self.path + query, headers: caller)
        #expect(reply.status == 200)
        return reply.json["data"]?.array?.compactMap { $0["id"]?.string } ?? []
    }

    @Test(arguments: ContractEndpoint.all.filter { $0.contract == .notificationRecords })
    func `each endpoint lets in the roles that the contract names, and nobody else, in open mode too`(endpoint: ContractEndpoint) async throws {
        try await withDesk { world, oslo, _, _ in
            let path: String
            if endpoint.path.hasSuffix("/:id") {
                path = endpoint.path.replacing(":id", with: try await make(world, body(), oslo))
            } else {
                path = endpoint.path.replacing(":peerMentorId", with: "pm_kari")
            }
            let stranger = try await world.call(endpoint.method, path, endpoint.request)
            #expect(stranger.status == 401)
            #expect(stranger.headers[.wwwAuthenticate] != nil)
            for role in Role.allCases {
                let reply = try await world.call(endpoint.method, path, endpoint.request, headers: try await world.key([role], of: "org_oslo"))
                #expect(reply.status == (endpoint.roles.contains(role) ? endpoint.status : 403), "\(role)")
            }
        }
    }

    @Test func `a record shows what was given, names by the directory, and times in milliseconds`() async throws {
        try await withDesk { world, oslo, _, _ in
            let id = try await make(
                world, body("pm_kari", ["effective_date": "2026-03-20T01:00:00.1239+01:00", "reason": "Personal leave", "dispatch_ids": ["disp_1"]]),
                oslo)
            let record = try await world.call(.get, "\(Self.path)/\(id)", headers: oslo).json
            #expect(record["peer_mentor_name"]?.string == "Kari Nordmann")
            #expect(record["coordinator_name"]?.string == "Ingrid Bakke")
            #expect(record["effective_date"]?.string == "2026-03-20T00:00:00.123Z")
            #expect(record["dispatch_ids"] == ["disp_1"])
            #expect(record["sent_at"]?.string?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(record["notes"] == nil && record["updated_at"] == nil)
        }
    }

    @Test func `who is not in the directory has no name`() async throws {
        try await withDesk { world, oslo, _, _ in
            let id = try await make(world, body("pm_unknown", ["coordinator_id": "coord_unknown"]), oslo)
            let record = try await world.call(.get, "\(Self.path)/\(id)", headers: oslo).json
            #expect(record["peer_mentor_name"] == .null)
            #expect(record["coordinator_name"] == .null)
            #expect(record["effective_date"] == .null && record["reason"] == .null && record["dispatch_ids"] == [])
            let list = try await world.call(.get, Self.path, headers: oslo).json
            #expect(list["data"]?[0]?["peer_mentor_name"] == .null)
            #expect(try await world.call(.get, "\(Self.path)/peer-mentor-profile/pm_unknown", headers: oslo).status == 404)
        }
    }

    @Test func `a record belongs to its mentor's org, and is seen from above and not from beside`() async throws {
        try await withDesk { world, oslo, bergen, root in
            let above = try await world.key([.coordinator], of: "org_nhf")
            let id = try await make(world, body(), above)
            #expect(try await world.stores.records.get(try #require(Identifier(text: id, prefix: "nr_")), scope: .all)?.orgID == "org_oslo")
            #expect(try await ids(world, "", oslo) == [id])
            #expect(try await ids(world, "", above) == [id])
            #expect(try await ids(world, "", root) == [id])
            #expect(try await ids(world, "?peer_mentor_id=pm_kari", bergen) == [])
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: bergen).status == 404)
            #expect(try await world.call(.put, "\(Self.path)/\(id)", ["notes": "x"], headers: bergen).status == 404)
            #expect(try await world.call(.get, "\(Self.path)/peer-mentor-profile/pm_kari", headers: bergen).status == 404)
            #expect(try await world.call(.get, "\(Self.path)/history/pm_kari", headers: bergen).status == 404)
            let foreign = try await world.call(.post, Self.path, body(), headers: bergen)
            #expect(foreign.status == 404)
            #expect(foreign.json["detail"]?.string == "There is no such peer mentor.")
            // An unknown mentor's record is the caller's.
            let own = try await make(world, body("pm_new"), bergen)
            #expect(try await ids(world, "", bergen) == [own])
            #expect(try await ids(world, "", oslo) == [id])
        }
    }

    @Test func `a coordinator of an org that the caller may not see has no name`() async throws {
        try await withDesk { world, _, bergen, root in
            let id = try await make(world, body("pm_new"), bergen)
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: bergen).json["coordinator_name"] == .null)
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: root).json["coordinator_name"]?.string == "Ingrid Bakke")
        }
    }

    @Test(arguments: [
        ("{}", ["/peer_mentor_id", "/event_type", "/coordinator_id", "/channels_notified"]),
        (
            #"{"peer_mentor_id": 1, "event_type": [], "effective_date": 5, "reason": {}, "coordinator_id": true, "channels_notified": "push", "dispatch_ids": "disp_1"}"#,
            ["/peer_mentor_id", "/event_type", "/effective_date", "/reason", "/coordinator_id", "/channels_notified", "/dispatch_ids"]
        ),
        (
            #"{"peer_mentor_id": "", "event_type": "Pause", "effective_date": "tomorrow", "coordinator_id": "", "channels_notified": []}"#,
            ["/peer_mentor_id", "/event_type", "/effective_date", "/coordinator_id", "/channels_notified"]
        ),
        (
            #"{"peer_mentor_id": "m", "event_type": "e", "coordinator_id": "c", "channels_notified": ["push", "fax", 5], "dispatch_ids": ["", 1, "\u0000", "disp_1"]}"#,
            ["/channels_notified/1", "/channels_notified/2", "/dispatch_ids/0", "/dispatch_ids/1", "/dispatch_ids/2"]
        ),
        (#"{"peer_mentor_id": "m", "event_type": "1st_pause", "coordinator_id": "c", "channels_notified": ["sms"]}"#, ["/event_type"]),
        (#"{"peer_mentor_id": "m", "event_type": "pause-activated", "coordinator_id": "c", "channels_notified": ["sms"]}"#, ["/event_type"]),
        (
            #"{"peer_mentor_id": "m", "event_type": "e", "coordinator_id": "c", "channels_notified": ["sms"], "effective_date": "9999-12-31T23:59:59-01:00"}"#,
            ["/effective_date"]
        ),
    ])
    func `a record that is not valid is refused with all its faults`(body: String, pointers: [String]) async throws {
        try await withDesk { world, oslo, _, _ in
            let reply = try await world.call(.post, Self.path, text: body, headers: oslo)
            #expect(reply.status == 422)
            #expect(reply.errors == pointers)
            #expect(try await ids(world, "", oslo) == [])
        }
    }

    @Test func `what is optional may be null, a channel counts once, and what is unknown is named`() async throws {
        try await withDesk { world, oslo, _, _ in
            let reply = try await world.call(
                .post, Self.path,
                body(
                    "pm_kari",
                    [
                        "effective_date": .null, "reason": .null, "dispatch_ids": .null, "channels_notified": ["sms", "push", "sms"], "colour": "red",
                    ]),
                headers: oslo)
            #expect(reply.status == 201)
            #expect(reply.json["channels_notified"] == ["sms", "push"])
            #expect(reply.headers[.warning] == #"299 - "unknown and ignored: /colour""#)
        }
    }

    @Test func `a change replaces channels and notes, adds dispatches, and leaves the rest`() async throws {
        try await withDesk { world, oslo, _, _ in
            let path = "\(Self.path)/\(try await make(world, body("pm_kari", ["dispatch_ids": ["disp_1"]]), oslo))"
            for bad: JSON in [[:], ["dispatch_ids": []], ["notes": .null]] {
                #expect(try await world.call(.put, path, bad, headers: oslo).errors == ["/channels_notified"])
            }
            let refused = try await world.call(.put, path, ["channels_notified": [], "notes": 5, "dispatch_ids": [5]], headers: oslo)
            #expect(refused.errors == ["/channels_notified", "/notes", "/dispatch_ids/0"])
            let noted = try await world.call(.put, path, ["notes": "called", "event_type": "other"], headers: oslo)
            #expect(noted.json["channels_notified"] == ["push"])
            #expect(noted.json["notes"]?.string == "called")
            #expect(noted.headers[.warning]?.contains("/event_type") == true)
            let added = try await world.call(.put, path, ["channels_notified": ["email"], "dispatch_ids": ["disp_1", "disp_2"]], headers: oslo)
            #expect(added.json["dispatch_ids"] == ["disp_1", "disp_2"])
            let full: [JSON] = (0..<100).map { .string("disp_more\($0)") }
            #expect(try await world.call(.put, path, ["dispatch_ids": .array(full)], headers: oslo).status == 409)
            let record = try await world.call(.get, path, headers: oslo).json
            #expect(record["event_type"]?.string == "pause_activated")
            #expect(record["channels_notified"] == ["email"])
            #expect(record["notes"]?.string == "called")
            #expect(record["dispatch_ids"] == ["disp_1", "disp_2"])
            #expect(record["updated_at"] == added.json["updated_at"])
        }
    }

    @Test(arguments: ["nr_x", "nr_0000000000000000000001", "notif_0000000000000000000001", "history"])
    func `what names no record is not found`(id: String) async throws {
        try await withDesk { world, oslo, _, root in
            let calls: [(HTTPRequest.Method, JSON?, HTTPFields)] = [(.get, nil, oslo), (.put, ["notes": "x"], oslo), (.delete, nil, root)]
            for (method, body, caller) in calls {
                let reply = try await world.call(method, "\(Self.path)/\(id)", body, headers: caller)
                #expect(reply.status == 404, "\(method)")
            }
        }
    }

    @Test func `a deleted record is gone from everywhere`() async throws {
        try await withDesk { world, oslo, _, root in
            let id = try await make(world, body(), oslo)
            #expect(try await world.call(.delete, "\(Self.path)/\(id)", headers: root).json["deleted_id"]?.string == id)
            #expect(try await world.call(.delete, "\(Self.path)/\(id)", headers: root).status == 404)
            #expect(try await world.call(.get, "\(Self.path)/\(id)", headers: oslo).status == 404)
            #expect(try await ids(world, "", oslo) == [])
            let history = try await world.call(.get, "\(Self.path)/history/pm_kari", headers: oslo).json
            #expect(history["history"] == [] && history["total_events"] == 0)
        }
    }

    @Test func `lists are newest first, and narrowed by what they show`() async throws {
        try await withDesk { world, oslo, _, _ in
            let a = try await make(world, body("pm_kari"), oslo)
            let b = try await make(world, body("pm_kari", ["event_type": "pause_deactivated", "coordinator_id": "coord_other"]), oslo)
            let c = try await make(world, body("pm_lars"), oslo)
            for (query, expected) in [
                ("", [c, b, a]), ("?peer_mentor_id=pm_kari", [b, a]), ("?coordinator_id=coord_ingrid", [c, a]),
                ("?event_type=pause_activated", [c, a]), ("?peer_mentor_id=pm_kari&event_type=pause_activated", [a]),
                ("?event_type=Nothing_Like_It", []), ("?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z", []),
                ("?from=2020-01-01T00:00:00Z", [c, b, a]), ("?page=2", []),
            ] {
                #expect(try await ids(world, query, oslo) == expected, Comment(rawValue: query))
            }
            let faulty = try await world.call(.get, Self.path + "?limit=0&page=x&from=now&cursor=%20", headers: oslo)
            #expect(faulty.status == 422)
            #expect(faulty.errors == ["/page", "/limit", "/cursor", "/from"])
        }
    }

    @Test func `the way to the next page keeps the filter`() async throws {
        try await withDesk { world, oslo, _, _ in
            var made: [String] = []
            for index in 0..<5 { made.append(try await make(world, body(index == 2 ? "pm_lars" : "pm_kari"), oslo)) }
            let first = try await world.call(.get, Self.path + "?peer_mentor_id=pm_kari&limit=3", headers: oslo)
            let link = try #require(first.headers[.link]?.firstMatch(of: /^<(.*)>; rel="next"$/)).output.1
            let second = try await world.call(.get, String(link), headers: oslo)
            let seen = [first, second].flatMap { $0.json["data"]?.array ?? [] }.compactMap { $0["id"]?.string }
            #expect(seen == [made[4], made[3], made[1], made[0]])
            #expect(second.json["pagination"] == ["page": 2, "limit": 3, "total": 4])
            #expect(second.headers[.link] == nil)
        }
    }

    /// More than a few pieces, and the numbers add up.
    @Test func `a history is all of it, however long`() async throws {
        try await withDesk(.live) { world, oslo, _, _ in
            let start = SystemTime().now
            let records = (0..<1_050).map { index in
                NotificationRecord(
                    id: .make(at: start + .milliseconds(index)), orgID: "org_oslo", mentorID: "pm_kari", coordinatorID: "c", eventType: "e",
                    channels: [.inApp])
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for record in records { group.addTask { try await world.stores.records.create(record, lease: Lease(holder: "test")) } }
                try await group.waitForAll()
            }
            let history = try await world.call(.get, "\(Self.path)/history/pm_kari?odd=1", headers: oslo)
            #expect(history.headers[.warning]?.contains("?odd") == true)
            #expect(history.json["peer_mentor_name"]?.string == "Kari Nordmann")
            #expect(history.json["total_events"] == 1_050)
            #expect(history.json["history"]?.array?.compactMap { $0["id"]?.string } == records.reversed().map(\.idText))
        }
    }

    @Test func `a mentor whom nobody knows has a history once there is a record`() async throws {
        try await withDesk { world, oslo, _, _ in
            #expect(try await world.call(.get, "\(Self.path)/history/pm_new", headers: oslo).status == 404)
            _ = try await make(world, body("pm_new"), oslo)
            let history = try await world.call(.get, "\(Self.path)/history/pm_new", headers: oslo).json
            #expect(history["peer_mentor_name"] == .null)
            #expect(history["total_events"] == 1)
            let empty = try await world.call(.get, "\(Self.path)/history/pm_kari", headers: oslo)
            #expect(empty.status == 200)
            #expect(empty.json["total_events"] == 0)
        }
    }

    @Test func `the same POST again makes no second record`() async throws {
        try await withDesk { world, oslo, _, _ in
            let caller = oslo.and([.idempotencyKey: "k"])
            let first = try await world.call(.post, Self.path, body(), headers: caller)
            let again = try await world.call(.post, Self.path, body(), headers: caller)
            #expect(again.status == 201 && again.json == first.json)
            #expect(again.headers[.idempotencyReplayed] == "true")
            #expect(try await world.call(.post, Self.path, body("pm_other"), headers: caller).errors == ["/Idempotency-Key"])
            #expect(try await ids(world, "", oslo).count == 1)
        }
    }

    /// A gateway died between the commit and the answer.
    @Test(arguments: [true, false])
    func `a repeat after a crash tells of the record that was made before it`(isThere: Bool) async throws {
        try await withDesk { world, oslo, _, _ in
            let caller = try #require(try await world.stores.keys.list(page: Page(), scope: .orgs(["org_oslo"])).elements.first).id
            let key = IdempotencyKey(caller: "key:\(caller)", operation: "POST \(Self.path)", key: "k")
            let now = SystemTime().now
            let dead = Lease(holder: "dead")
            _ = try await world.stores.idempotency.claim(key, bodyHash: Repeats.hash(ByteBuffer(bytes: body().bytes)), now: now, lease: dead)
            let lost = NotificationRecord(
                id: .make(at: now), orgID: "org_oslo", mentorID: "pm_kari", coordinatorID: "coord_ingrid", eventType: "pause_activated",
                channels: [.push])
            try await world.stores.records.create(lost, lease: dead, idempotency: IdempotencyMark(key: key, reference: lost.idText))
            if !isThere { _ = try await world.stores.records.delete(lost.id, scope: .all) }
            for _ in 0..<2 {
                let reply = try await world.call(.post, Self.path, body(), headers: oslo.and([.idempotencyKey: "k"]))
                #expect(reply.status == (isThere ? 201 : 404))
                #expect(reply.json["id"]?.string == (isThere ? lost.idText : nil))
            }
            #expect(try await ids(world, "", oslo) == (isThere ? [lost.idText] : []))
        }
    }
}
