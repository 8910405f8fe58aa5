import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing
import Vault

@testable import API

/// `/api/v1/orgs/:org/credentials`.
struct CredentialEndpointTests {
    private static let org = "/api/v1/orgs/org_default/credentials"
    private static let pem = "-----BEGIN PRIVATE KEY-----\nhunter2-key\n-----END PRIVATE KEY-----\n"

    private static func account(_ project: String = "demo", key: String = pem) -> JSON {
        [
            "service_account": [
                "type": "service_account", "project_id": .string(project), "private_key_id": "k", "private_key": .string(key),
                "client_email": "push@demo.example", "token_uri": "https://oauth2.googleapis.com/token",
            ]
        ]
    }

    private static func token(_ text: String) -> JSON { ["access_token": .string(text)] }

    // MARK: Setting and listing

    @Test func `a credential is set, replaced and listed, and its secret is seen nowhere`() async throws {
        try await withWorld(orgFiles: [:]) { world in
            let key: JSONObject = [
                "team_id": "TEAM123456", "key_id": "KEY1234567", "private_key": .string(Self.pem), "topic": "com.example.app",
                "environment": "production",
            ]
            let first = try await world.call(.put, Self.org + "/apns/main", .object(key))
            #expect(first.status == 201)
            #expect(first.json["version"] == 1 && first.json["source"] == "sealed" && first.json["file"] == .null && first.json["state"] == "ok")
            #expect(first.json["facts"]?["team_id"] == "TEAM123456" && first.json["previous"] == .null && first.json["days_left"] == .null)
            let second = try await world.call(.put, Self.org + "/apns/main", .object(key))
            #expect(second.status == 200 && second.json["version"] == 2)
            let third = try await world.call(
                .put, Self.org + "/smtp/main",
                ["url": "smtp://mail.example.org", "from": "a@example.org", "username": "u", "password": "hunter2-password"])
            #expect(third.status == 201)
            let list = try await world.call(.get, Self.org)
            #expect(list.json["data"]?.array?.compactMap { $0["provider"]?.string } == ["apns", "smtp"])
            #expect(list.json["data"]?[0] == second.json)
            let all = try await world.call(.get, Credentials.everywhere + "?org_id=org_default&limit=1")
            #expect(all.json["pagination"]?["total"] == 2 && all.json["data"]?.array?.count == 1 && all.headers[.link]?.contains("page=2") == true)
            #expect(try await world.call(.get, Credentials.everywhere + "?org_id=org_default&limit=1&page=2").json["data"]?[0] == third.json)
            for text in [first, second, third, list, all].map(\.json.text) + world.log.all { #expect(!text.contains("hunter2"), "\(text)") }
            #expect(try await world.isStored("hunter2") == false)
            #expect(world.book.versions(of: LaneKey(orgID: "org_default", provider: .smtp, credential: "main")) != nil)
        }
    }

    @Test func `every fault is named with its member and its remedy, and nothing is stored`() async throws {
        try await withWorld(orgFiles: [:]) { world in
            let reply = try await world.call(
                .put, Self.org + "/apns/main",
                ["team_id": "hunter2", "private_key": .string(Self.pem), "environment": "hunter2", "topik": "t", "apps": ["hunter 2"]])
            #expect(reply.status == 422)
            #expect(Set(reply.errors) == ["/team_id", "/key_id", "/environment", "/topic", "/topik", "/apps/0"])
            #expect(reply.json.text.contains("did you mean topic?") && reply.json.text.contains("the developer account shows it"))
            #expect(!reply.json.text.contains("hunter"))
            let inspected = try await world.call(.put, Self.org + "/fcm/main", Self.account(key: "faulty hunter2"))
            #expect(inspected.status == 422 && inspected.errors == ["/service_account", "/apps"])
            #expect(
                inspected.json["errors"]?[0]?["detail"] == "is no key of the right kind. Take the file as the provider gave it.")
            let named = try await world.call(.put, Self.org + "/expo/two%20words", [:])
            #expect(named.status == 422 && named.errors == ["/name"])
            #expect(try await world.call(.put, Self.org + "/pigeon/main", [:]).status == 404)
            #expect(try await world.call(.put, Self.org + "/in_app/main", [:]).status == 404)
            #expect(try await world.call(.put, "/api/v1/orgs/a%20b/credentials/expo/main", [:]).status == 404)
            #expect(try await world.call(.put, Self.org + "/expo/main?verify=perhaps", [:]).errors == ["/verify"])
            #expect(try await world.call(.put, Self.org + "/expo/main", text: "{\"access_token\": \"hunter2").json.text.contains("hunter2") == false)
            let large = JSON.string(String(repeating: "x", count: Credentials.bodyLimit))
            #expect(try await world.call(.put, Self.org + "/expo/main", ["access_token": large]).status == 413)
            #expect(try await world.call(.get, Self.org).json["data"] == [])
            #expect(!world.log.all.contains { $0.contains("hunter2") })
        }
    }

    @Test func `who has set it, and how long it lasts, is told`() async throws {
        let time = MovableTime()
        try await withWorld(isOpen: false, orgFiles: [:], time: time) { world in
            let admin = try await world.key([.orgAdmin], now: time.now)
            let body: JSON = ["certificate": "Ynl0ZXM=", "topic": "t", "environment": "sandbox"]
            let set = try await world.call(.put, Self.org + "/apns/main", body, headers: admin)
            #expect(set.json["set_by"]?.string?.hasPrefix("key_") == true && set.json["set_at"] == "2026-03-24T08:00:00Z")
            #expect(set.json["expires_at"] == "2026-04-23T08:00:00Z" && set.json["days_left"] == 30)
            #expect(set.json["warnings"] == ["It ends soon."])
            time.advance(by: .seconds(1))
            #expect(try await world.call(.get, Self.org, headers: admin).json["data"]?[0]?["days_left"] == 29)
            time.advance(by: .seconds(30 * 86_400))
            #expect(try await world.call(.get, Self.org, headers: admin).json["data"]?[0]?["days_left"] == -1)
        }
    }

    @Test func `an org that nobody knows is taken from whoever acts for all orgs, with a warning`() async throws {
        try await withWorld(isOpen: false, orgFiles: [:]) { world in
            let global = try await world.key([.globalAdmin])
            let admin = try await world.key([.orgAdmin])
            let path = "/api/v1/orgs/org_dfault/credentials"
            let unknown = try await world.call(.get, path, headers: global)
            #expect(unknown.status == 404 && unknown.json["detail"] == "There is no organisation org_dfault; did you mean org_default?")
            #expect(try await world.call(.put, path + "/expo/main", Self.token("a"), headers: admin).status == 404)
            let set = try await world.call(.put, path + "/expo/main", Self.token("a"), headers: global)
            #expect(set.status == 201 && set.json["warnings"]?[0]?.string?.contains("org_dfault") == true)
            #expect(try await world.call(.get, path, headers: global).json["pagination"]?["total"] == 1)
            // Whose own org it is need not be in the directory.
            let own = try await world.key([.orgAdmin], of: "org_by_token")
            #expect(try await world.call(.get, "/api/v1/orgs/org_by_token/credentials", headers: own).json["data"] == [])
        }
    }

    @Test func `without a master key nothing is set, and the remedy is told`() async throws {
        try await withWorld(orgFiles: [:], masterKey: nil) { world in
            let reply = try await world.call(.put, Self.org + "/expo/main", Self.token("hunter2"))
            #expect(reply.status == 409)
            #expect(reply.json["detail"]?.string?.contains("vault.master_key") == true, "\(reply.json.text)")
            #expect(try await world.call(.get, Self.org).json["data"] == [])
        }
    }

    @Test func `a lane that the provider refuses is shown with the reason and the next probe`() async throws {
        try await withWorld(syncWait: .zero, orgFiles: [:]) { world in
            _ = try await world.call(.put, Self.org + "/fcm/main", Self.account())
            world.provider.answer("device", .credentialRefused, reason: "SENDER_ID_MISMATCH")
            _ = try await world.call(.post, "/api/v1/deliveries", ["to": ["token": "device", "platform": "android"], "title": "t"])
            var item: JSON?
            try await until("the lane is refused") {
                item = try await world.call(.get, Self.org).json["data"]?[0]
                return item?["state"] == "refused"
            }
            #expect(item?["reason"]?.string?.isEmpty == false && item?["next_probe_at"]?.string != nil)
        }
    }

    // MARK: Asking the provider

    @Test func `with verify a credential is stored only if it works`() async throws {
        try await withWorld(orgFiles: [:]) { world in
            world.verifier.answer("bad", .refused)
            world.verifier.answer("odd", .inconclusive)
            for (secret, words) in [("bad", "says refused. Nothing was stored."), ("odd", "Without verify=true it is stored unasked.")] {
                let reply = try await world.call(.put, Self.org + "/expo/main?verify=true", Self.token(secret))
                #expect(reply.status == 422 && reply.json["detail"]?.string?.contains(words) == true, "\(reply.json.text)")
            }
            #expect(try await world.call(.get, Self.org).json["data"] == [])
            #expect(try await world.call(.put, Self.org + "/expo/main?verify=true", Self.token("good")).status == 201)
            #expect(try await world.call(.post, Self.org + "/expo/main/rotate?verify=true", Self.token("bad")).status == 422)
            #expect(try await world.call(.get, Self.org).json["data"]?[0]?["version"] == 1)
            #expect(world.verifier.asked.map(\.secret) == ["bad", "odd", "good", "bad"])
        }
    }

    @Test func `a verification answers 200 whatever the verdict, and during a rotation for both versions`() async throws {
        try await withWorld(orgFiles: [:]) { world in
            #expect(try await world.call(.post, Self.org + "/expo/main/verify").status == 404)
            _ = try await world.call(.put, Self.org + "/expo/main", Self.token("old"))
            let one = try await world.call(.post, Self.org + "/expo/main/verify?dns=true")
            #expect(one.status == 200 && one.json["verdict"] == "works" && one.json["version"] == 1 && one.json["previous"] == .null)
            #expect(world.verifier.asked.last?.dns == true)
            world.verifier.answer("new", .refused)
            _ = try await world.call(.post, Self.org + "/expo/main/rotate", Self.token("new"))
            let both = try await world.call(.post, Self.org + "/expo/main/verify")
            #expect(both.status == 200 && both.json["verdict"] == "refused" && both.json["version"] == 2)
            #expect(both.json["steps"]?[1] == ["name": "send", "verdict": "refused", "detail": "said so"])
            #expect(both.json["previous"]?["verdict"] == "works" && both.json["previous"]?["version"] == 1)
        }
    }

    // MARK: Rotating

    @Test func `a rotation keeps the version before, and sent again it changes nothing`() async throws {
        let time = MovableTime()
        try await withWorld(orgFiles: [:], time: time) { world in
            let path = Self.org + "/fcm/main"
            #expect(try await world.call(.post, path + "/rotate", Self.account()).status == 404)
            _ = try await world.call(.put, path, Self.account(key: "-----BEGIN PRIVATE KEY-----old"))
            let same = try await world.call(.post, path + "/rotate", Self.account(key: "-----BEGIN PRIVATE KEY-----old"))
            #expect(same.status == 409 && same.json["detail"]?.string?.contains("nothing to rotate") == true)
            var body = try #require(Self.account(key: "-----BEGIN PRIVATE KEY-----new").object)
            body["overlap"] = "24h"
            // A key for repeats is no use here, and so nothing of the body is kept under it.
            let rotated = try await world.call(.post, path + "/rotate", .object(body), headers: [.idempotencyKey: "once"])
            #expect(rotated.status == 200 && rotated.json["version"] == 2)
            #expect(rotated.json["previous"]?["version"] == 1 && rotated.json["previous"]?["until"] == "2026-03-25T08:00:00Z")
            let again = try await world.call(.post, path + "/rotate", .object(body), headers: [.idempotencyKey: "once"])
            #expect(again.status == 200 && again.json == rotated.json && again.headers[.idempotencyReplayed] == nil)
            #expect(try await world.countOfRepeats() == 0)
            body["overlap"] = "a while"
            body["force"] = "yes"
            #expect(try await world.call(.post, path + "/rotate", .object(body)).errors == ["/overlap", "/force"])
            let ended = try await world.call(.delete, path + "/previous")
            #expect(ended.status == 200 && ended.json["previous"] == .null && ended.json["version"] == 2)
            #expect(try await world.call(.delete, path + "/previous").status == 404)
        }
    }

    @Test func `while the version before is what works, only one that is seen to work takes over`() async throws {
        try await withWorld(orgFiles: [:]) { world in
            let path = Self.org + "/expo/main"
            _ = try await world.call(.put, path, Self.token("old"))
            _ = try await world.call(.post, path + "/rotate", Self.token("bad"))
            let lane = LaneKey(orgID: "org_default", provider: .expo, credential: "main")
            world.alarms.raise(CredentialAlarm(lane: lane, kind: .fallback, message: "the new version is refused"))
            let item = try await world.call(.get, Self.org).json["data"]?[0]
            #expect(item?["state"] == "fallback" && item?["reason"] == "the new version is refused")
            let refused = try await world.call(.post, path + "/rotate", Self.token("newer"))
            #expect(refused.status == 409 && refused.json["detail"]?.string?.contains("verify=true") == true)
            #expect(try await world.call(.post, path + "/rotate?verify=true", Self.token("newer")).json["version"] == 3)
        }
    }

    /// A provider, what is set, what it is to be rotated to, and the members that do not fit.
    static let strangers: [(ProviderName, JSONObject, JSONObject, [String])] = [
        (
            .apns,
            [
                "team_id": "TEAM123456", "key_id": "KEY1234567", "private_key": .string(pem), "topic": "com.example.app",
                "environment": "production",
            ],
            [
                "team_id": "TEAM654321", "key_id": "KEY7654321", "private_key": .string(pem), "topic": "com.example.other",
                "environment": "sandbox",
            ], ["/topic", "/environment", "/team_id"]
        ),
        (.fcm, account().object ?? [:], account("other").object ?? [:], ["/service_account"]),
        (
            .smtp, ["url": "smtp://one.example", "from": "a@example.org"], ["url": "smtp://two.example", "from": "b@example.org"],
            ["/url", "/from"]
        ),
    ]

    @Test(arguments: strangers)
    func `a credential does not take over from one of another identity, unless it is forced to`(
        provider: ProviderName, old: JSONObject, new: JSONObject, members: [String]
    ) async throws {
        try await withWorld(orgFiles: [:]) { world in
            let path = Self.org + "/\(provider.rawValue)/main"
            _ = try await world.call(.put, path, .object(old))
            let refused = try await world.call(.post, path + "/rotate", .object(new))
            #expect(refused.status == 422 && refused.errors == members, "\(refused.json.text)")
            #expect(refused.json.text.contains("Set it instead"))
            var forced = new
            forced["force"] = true
            #expect(try await world.call(.post, path + "/rotate", .object(forced)).status == 200)
        }
    }

    // MARK: Removing, and files

    @Test func `what is removed is gone, and what takes its place is told`() async throws {
        let files = ["default.yaml": "org: org_default\nparent: org_top\n", "top.yaml": "org: org_top\ncredentials:\n  - { provider: expo }\n"]
        try await withWorld(orgFiles: files) { world in
            for provider in ["expo", "fcm"] {
                let path = Self.org + "/\(provider)/main"
                #expect(try await world.call(.delete, path).status == 404)
                _ = try await world.call(.put, path, provider == "expo" ? Self.token("a") : Self.account())
                let removed = try await world.call(.delete, path)
                #expect(removed.status == 200 && removed.json["deleted"] == true)
                #expect(removed.json["now"] == (provider == "expo" ? ["org_id": "org_top", "name": "main"] : .null))
                #expect(try await world.call(.delete, path).status == 404)
            }
            #expect(try await world.call(.get, Self.org).json["data"] == [])
        }
    }

    @Test func `a file's credential is shown and goes first, and is changed in the file only`() async throws {
        let file = "org: org_default\ncredentials:\n  - { provider: expo }\n  - { provider: expo, name: broken, access_token: \"env:NOT_SET\" }\n"
        try await withWorld(orgFiles: ["default.yaml": file]) { world in
            let list = try await world.call(.get, Self.org)
            #expect(list.json["data"]?[1]?["source"] == "file" && list.json["data"]?[1]?["file"] == "default.yaml")
            #expect(list.json["data"]?[0]?["state"] == "unusable")
            #expect(list.json["data"]?[0]?["reason"]?.string?.contains("NOT_SET") == true)
            for (method, path) in [(HTTPRequest.Method.delete, "/expo/main"), (.post, "/expo/main/rotate"), (.delete, "/expo/main/previous")] {
                let reply = try await world.call(method, Self.org + path, method == .post ? Self.token("a") : nil)
                #expect(reply.status == 409 && reply.json["detail"]?.string?.contains("default.yaml") == true, "\(reply.json.text)")
            }
            let broken = try await world.call(.post, Self.org + "/expo/broken/verify")
            #expect(broken.status == 200 && broken.json["verdict"] == "refused")
            #expect(broken.json["summary"]?.string?.contains("NOT_SET") == true && world.verifier.asked.isEmpty)
            let shadowed = try await world.call(.put, Self.org + "/expo/main", Self.token("a"))
            #expect(shadowed.status == 201 && shadowed.json["shadowed"] == true && shadowed.json["state"] == "shadowed")
            #expect(shadowed.json["warnings"]?[0]?.string?.contains("default.yaml") == true, "\(shadowed.json.text)")
        }
    }
}

extension World {
    /// Whether the text stands anywhere in the database.
    fileprivate func isStored(_ text: String) async throws -> Bool {
        try await database.read { connection in
            var found = false
            for sql in [
                "SELECT apps || facts || wrapped_key || sealed || coalesce(set_by, '') FROM credentials",
                "SELECT coalesce(body, '') || body_hash FROM idempotency_keys",
            ] {
                try connection.query(sql, []) { if $0.text(0)?.contains(text) == true { found = true } }
            }
            return found
        }
    }

    fileprivate func countOfRepeats() async throws -> Int64 {
        try await database.read { connection in
            var count: Int64 = 0
            try connection.query("SELECT count(*) FROM idempotency_keys", []) { count = $0.integer(0) ?? 0 }
            return count
        }
    }
}
