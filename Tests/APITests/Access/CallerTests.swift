import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Storage
import Testing

@testable import API

/// Who is let in as whom, at the door of the whole gateway.
struct CallerTests {
    private static let list = "/api/v1/notifications"
    private static let forge = TokenForge.shared

    private static func verifier() async throws -> TokenVerifier {
        try await TokenVerifier(.init(secret: forge.secret), time: SystemTime(), logger: Logger(label: "test"))
    }

    private static func token(_ changes: JSONObject) async throws -> HTTPFields {
        var claims: JSONObject = ["sub": "s", "iss": "i", "org_id": "org_default", "exp": .integer(SystemTime().now.seconds + 60)]
        for change in changes.members { claims[change.key] = change.value }
        return .bearer(try await forge.token(["alg": "HS256"], claims, signedWith: .secret))
    }

    @Test(arguments: [true, false])
    func `a bad credential is refused in every mode, with a reason that gives nothing away`(isOpen: Bool) async throws {
        try await withWorld(isOpen: isOpen) { world in
            let strange = APIKeyText.make().text
            let known = try await world.key()[.authorization]?.dropFirst(7) ?? ""
            // The prefix of a key that exists, and another secret with a checksum that fits.
            let forged = try #require(Self.samePrefix(as: String(known)))
            let now = SystemTime().now
            let expired = try await world.key(expiresAt: now - .seconds(1))[.authorization]?.dropFirst(7) ?? ""
            for (value, reason) in [
                ("Bearer \(strange)", "not known here"), ("Bearer \(forged)", "not known here"), ("Bearer \(expired)", "has expired"),
                ("Bearer \(known.dropLast())\(known.last == "x" ? "y" : "x")", "checksum does not fit"), ("Bearer hk_", "checksum does not fit"),
                ("Bearer a.b.c", "checks no JWTs"), ("Basic dTpw", "the word Bearer"), ("Bearer", "the word Bearer"),
                ("Bearer a b", "the word Bearer"),
                ("", "the word Bearer"),
            ] {
                let reply = try await world.call(.get, Self.list, headers: [.authorization: value])
                #expect(reply.status == 401, "\(value)")
                #expect(reply.json["detail"]?.string?.contains(reason) == true, "\(reply.json.text)")
                #expect(reply.headers[.wwwAuthenticate]?.hasPrefix("Bearer realm=\"hermod\", error=\"invalid_token\", error_description=\"") == true)
                if value.utf8.count > 20 { #expect(!reply.json.text.contains(value.dropFirst(7))) }
            }
            var twice = HTTPFields()
            twice[values: .authorization] = ["Bearer \(known)", "Bearer \(known)"]
            #expect(try await world.call(.get, Self.list, headers: twice).status == 401)
            let secrets = [strange, forged, String(known), String(expired)]
            #expect(!world.log.all.contains { line in secrets.contains { line.contains($0) } })
            #expect(try await world.call(.get, Self.list, headers: [.authorization: "bearer  \(known)"]).status == 200)
        }
    }

    private static func samePrefix(as text: String) -> String? {
        let other = APIKeyText.make().text
        let body = text.prefix(11) + other.dropFirst(11).dropLast(6)
        var rest = CRC32.of(Array(body.utf8))
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        var checksum = ""
        for _ in 0..<6 {
            checksum = String(digits[Int(rest % 62)]) + checksum
            rest /= 62
        }
        return APIKeyText(body + checksum)?.text
    }

    @Test func `who sends nothing is let in when the gateway is open, and asked for a credential when it is not`() async throws {
        try await withWorld { world in
            let reply = try await world.call(.get, Self.list)
            #expect(reply.status == 200)
        }
        try await withWorld(isOpen: false) { world in
            let reply = try await world.call(.get, Self.list)
            #expect(reply.status == 401)
            #expect(reply.headers[.wwwAuthenticate] == "Bearer realm=\"hermod\"")
            #expect(try await world.call(.get, "/healthz").status == 200)
            let roleless = try await world.key()
            #expect(try await world.call(.get, Self.list, headers: roleless).status == 200)
        }
    }

    @Test func `a key sees its org and those below, a global admin's sees all`() async throws {
        try await withWorld(isOpen: false, credentials: .tree) { world in
            for org in ["org_top", "org_default", "org_below", "org_else"] {
                let fields = try await world.key(of: org)
                let sent = try await world.call(.post, Self.list, ["user_id": .string(org), "title": "t", "body": "b"], headers: fields)
                #expect(sent.status == 201)
            }
            func seen(_ fields: HTTPFields) async throws -> Set<String> {
                let reply = try await world.call(.get, Self.list, headers: fields)
                return Set(reply.json["data"]?.array?.compactMap { $0["user_id"]?.string } ?? [])
            }
            let own = try await world.key([.orgAdmin])
            let all = try await world.key([.globalAdmin])
            #expect(try await seen(own) == ["org_default", "org_below"])
            #expect(try await seen(all) == ["org_top", "org_default", "org_below", "org_else"])
        }
    }

    @Test func `a JWT speaks for its subject, within the roles and the org that it names`() async throws {
        let verifier = try await Self.verifier()
        try await withWorld(isOpen: false, credentials: .tree, tokens: verifier) { world in
            let coordinator = try await Self.token(["roles": "coordinator"])
            #expect(try await world.call(.get, "/api/v1/deliveries", headers: coordinator).status == 200)
            #expect(try await world.call(.get, "/api/v1/keys", headers: coordinator).status == 403)
            let admin = try await Self.token(["roles": ["org_admin"]])
            #expect(try await world.call(.get, "/api/v1/keys", headers: admin).status == 200)
            let homeless: JSONObject = ["sub": "s", "roles": "org_admin", "exp": .integer(SystemTime().now.seconds + 60)]
            let nowhere = try await world.call(
                .get, Self.list, headers: .bearer(Self.forge.token(["alg": "HS256"], homeless, signedWith: .secret)))
            #expect(nowhere.status == 401 && nowhere.json["detail"] == "The token lacks the claim org_id.")
            let bad = try await world.call(.get, Self.list, headers: Self.token(["exp": 1]))
            #expect(bad.status == 401 && bad.json["detail"] == "The token has expired (exp).")
            #expect(bad.headers[.wwwAuthenticate]?.contains("error=\"invalid_token\"") == true)
        }
    }

    @Test func `a global admin's token may leave the org out and then sends for the default org`() async throws {
        let verifier = try await Self.verifier()
        try await withWorld(isOpen: false, credentials: .tree, tokens: verifier) { world in
            let claims: JSONObject = ["sub": "root", "roles": "global_admin", "exp": .integer(SystemTime().now.seconds + 60)]
            let global = HTTPFields.bearer(try await Self.forge.token(["alg": "HS256"], claims, signedWith: .secret))
            let sent = try await world.call(.post, Self.list, ["user_id": "u", "title": "t", "body": "b"], headers: global)
            let id = try #require(sent.json["id"]?.string)
            #expect(try await world.stores.notifications.get(id, scope: .all)?.orgID == "org_default")
        }
    }

    @Test func `an idempotency key is each caller's own`() async throws {
        let verifier = try await Self.verifier()
        try await withWorld(isOpen: false, credentials: .tree, tokens: verifier) { world in
            let callers = [
                try await world.key(), try await world.key(), try await Self.token([:]), try await Self.token(["sub": "t"]),
                try await Self.token(["iss": "j"]), try await Self.token(["org_id": "org_below"]),
                try await Self.token(["iss": "i\",\"s", "sub": "x"]),
            ]
            var ids: Set<String> = []
            for caller in callers {
                let body: JSON = ["user_id": "u", "title": "t", "body": "b"]
                let first = try await world.call(.post, Self.list, body, headers: caller.and([.idempotencyKey: "k"]))
                #expect(first.status == 201 && first.headers[.idempotencyReplayed] == nil)
                ids.insert(first.json["id"]?.string ?? "")
                let again = try await world.call(.post, Self.list, body, headers: caller.and([.idempotencyKey: "k"]))
                #expect(again.headers[.idempotencyReplayed] == "true")
            }
            #expect(ids.count == callers.count)
        }
    }

    @Test func `a key that is bound to a contract opens that one's endpoints only`() async throws {
        try await withWorld { world in
            let key = try await world.key([.orgAdmin, .globalAdmin], contract: .pushService)
            #expect(try await world.call(.get, "/api/v1/push-notifications", headers: key).status == 200)
            for path in [Self.list, "/api/v1/deliveries", "/api/v1/keys", Self.list + "/device-tokens?user_id=u", "/api/v1/notification-records"] {
                #expect(try await world.call(.get, path, headers: key).status == 403, "\(path)")
            }
        }
    }

    @Test func `the use of a key is noted, about once a minute`() async throws {
        let time = MovableTime(SystemTime().now)
        try await withWorld(isOpen: false, time: time) { world in
            let (key, text) = try await KeyDesk(world.stores.keys).issue(.init(orgID: "org_default", roles: []), now: time.now)
            func used() async throws -> Timestamp? { try await world.stores.keys.get(key.id, scope: .all)?.lastUsedAt }
            let first = time.now
            for _ in 0..<5 { #expect(try await world.call(.get, Self.list, headers: .bearer(text.text)).status == 200) }
            try await until("the first use is noted") { try await used() == first }
            time.advance(by: .seconds(59))
            _ = try await world.call(.get, Self.list, headers: .bearer(text.text))
            // A write that comes after any note in the same queue: had there been one, it would stand by now.
            _ = try await world.stores.keys.revoke("key_none", scope: .all, now: time.now)
            #expect(try await used() == first)
            time.advance(by: .seconds(1))
            _ = try await world.call(.get, Self.list, headers: .bearer(text.text))
            try await until("the second use is noted") { try await used() == time.now }
        }
    }

    @Test func `another process's revocation is noticed within a second`() async throws {
        let time = MovableTime(SystemTime().now)
        try await withWorld(isOpen: false, time: time) { world in
            let (key, text) = try await KeyDesk(world.stores.keys).issue(.init(orgID: "org_default", roles: []), now: time.now)
            #expect(try await world.call(.get, Self.list, headers: .bearer(text.text)).status == 200)
            _ = try await world.stores.keys.revoke(key.id, scope: .all, now: time.now)
            time.advance(by: .seconds(1))
            #expect(try await world.call(.get, Self.list, headers: .bearer(text.text)).status == 401)
        }
    }

    @Test func `readyz tells what is wrong with the keys for tokens, and stays ready`() async throws {
        let memory = MemoryKeySet("{}")
        let verifier = try await TokenVerifier(.init(source: memory.source(.test)), time: SystemTime(), logger: Logger(label: "test"))
        _ = await verifier.check()
        try await withWorld(tokens: verifier) { world in
            let ready = try await world.call(.get, "/readyz")
            #expect(ready.status == 200)
            #expect(ready.json["checks"]?["tokens"]?[0]?.string?.hasPrefix("keys.json: it is no JWKS") == true, "\(ready.json.text)")
        }
        try await withWorld { world in
            let ready = try await world.call(.get, "/readyz")
            #expect(ready.json["checks"]?["tokens"] == nil)
        }
    }
}
