import Domain
import Foundation
import MockProviders
import Testing

/// Credentials that change while deliveries are under way.
@Suite(.serialized) struct RotationTests {
    private var mocks: MockConfiguration {
        var configuration = MockConfiguration.ephemeral
        configuration.retention = 50_000
        return configuration
    }

    /// A little time at the provider keeps messages under way when something changes.
    private let thoughtful = Script(answer: ScriptedAnswer(delay: .milliseconds(10)))

    private static let lane = "org_demo/apns/main"

    /// The account's newest APNs key, in a file of the site.
    private func keep(_ account: MockAccount, in site: Site) throws -> String {
        try site.write("orgs/\(account.apnsKeyID).p8", account.apnsPrivateKey)
        return account.apnsKeyID
    }

    private func declare(_ key: String, previous: String? = nil, _ account: MockAccount, in site: Site, _ mocks: MockProviders) throws {
        func members(_ key: String) -> String {
            "team_id: \(account.apnsTeamID), key_id: \(key), private_key: \"file:\(key).p8\", topic: \(account.apnsTopic), environment: production"
        }
        try site.write(
            "orgs/demo.yaml",
            """
            org: org_demo
            credentials:
              - { provider: apns, \(members(key))\(previous.map { ", previous: { \(members($0)) }" } ?? "") }
              - { provider: smtp, url: "smtp://localhost:\(mocks.smtpPort)", username: mock, password: "file:\(mocks.keysDirectory ?? "")/smtp-password",
                  from: "Demo <no-reply@example.org>" }
            """)
    }

    private func credentials(_ gateway: GatewayUnderTest, are wanted: @escaping (JSON) -> Bool) async throws {
        try await poll(within: .seconds(20)) { () -> Poll<Void> in
            let ready = try await gateway.get("/readyz")
            guard ready.status == 200 else { throw Unexpected(description: "not ready: \(ready.json.text)") }
            let told = ready.json["checks"]?["credentials"] ?? .null
            return wanted(told) ? .found(()) : .notYet(told.text)
        }
    }

    private func isFallback(_ told: JSON) -> Bool { told[0]?.string?.hasPrefix("\(Self.lane): fallback: ") ?? false }

    private func sent(with key: String, at mocks: MockProviders) async throws {
        try await poll(within: .seconds(20)) { () -> Poll<Void> in
            let keys = mocks.messages(MessageFilter(provider: .apns)).suffix(50).map { $0.credential ?? "" }
            return keys.contains(key) ? .found(()) : .notYet("\(Set(keys))")
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `a new key that is refused falls back under load and recovers, and neither that nor a plain change of keys loses or doubles anything`()
        async throws
    {
        try await withMockProviders(mocks) { mocks in
            try await withSite { site in
                try site.configure(for: mocks, retry: "probe: 500ms")
                mocks.script(thoughtful)
                let account = try mocks.account()
                let old = try keep(account, in: site)
                try account.rotate(.apns)
                let new = try keep(account, in: site)
                account.revoke(.apns, id: new)
                try declare(old, account, in: site, mocks)
                let gateway = try await GatewayUnderTest.start(site)
                let crowd = Crowd()
                try await crowd.sending(to: gateway) {
                    try await sent(with: old, at: mocks)
                    try declare(new, previous: old, account, in: site, mocks)
                    try await credentials(gateway, are: isFallback)
                    let metrics = try await gateway.get("/metrics").text
                    #expect(metrics.contains(#"hermod_credential_alarm{org="org_demo",provider="apns",credential="main",kind="fallback"} 1"#))
                    #expect(metrics.contains(#"hermod_lanes{condition="credential_refused"} 0"#))
                    try await crowd.more(300)
                    try await credentials(gateway, are: isFallback)

                    account.restore(.apns, id: new)
                    try await credentials(gateway) { $0.string == "ok" }
                    try await sent(with: new, at: mocks)

                    // The end of the rotation, and another key without one.
                    try declare(new, account, in: site, mocks)
                    account.revoke(.apns, id: old)
                    try await crowd.more(100)
                    try account.rotate(.apns)
                    let third = try keep(account, in: site)
                    try declare(third, account, in: site, mocks)
                    try await sent(with: third, at: mocks)
                    try await crowd.more(100)
                }
                try await crowd.waitForAll(at: mocks, gateway)
                #expect(crowd.refusals.isEmpty)
                #expect(mocks.duplicates.isEmpty)
                #expect(Set(mocks.messages().map(\.target)) == crowd.acceptedTargets)
                print("rotation under load: \(crowd.acceptedTargets.count) accepted, \(mocks.count()) received, none twice")

                // What met the refusal says so, and went on at once.
                let story = try await storyOfARefused(gateway)
                let attempts = (story["timeline"]?.array ?? []).filter { $0["event"]?.string == "attempt" }
                #expect(attempts.map { $0["outcome"]?.string } == ["other_version", "accepted"])
                #expect(attempts.first?["rule"]?.string == "apns.403.InvalidProviderToken")
                #expect(story["state"]?.string == "delivered")
                let log = gateway.program.complaints
                #expect(log.count { $0.contains("credential has fallen back") } == 1)
                #expect(log.count { $0.contains("credential is no longer fallen back") } == 1)
                #expect(try await gateway.stop() == 0)
            }
        }
    }

    /// One of the deliveries that took two attempts.
    private func storyOfARefused(_ gateway: GatewayUnderTest) async throws -> JSON {
        var path = "/api/v1/deliveries?provider=apns&limit=100"
        while true {
            let page = try await gateway.get(path)
            for entry in page.json["data"]?.array ?? [] where entry["attempts"]?.integer == 2 {
                return try await gateway.get("/api/v1/deliveries/\(entry["id"]?.string ?? "")").json
            }
            guard let link = page.headers["link"], let end = link.firstIndex(of: ">"), link.hasPrefix("<") else {
                throw Unexpected(description: "no delivery took two attempts")
            }
            path = String(link[link.index(after: link.startIndex)..<end])
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a credential that is refused holds its own org's deliveries until it is believed again or their deadline passes`() async throws {
        try await withMockProviders(mocks) { mocks in
            try await withSite { site in
                try site.configure(for: mocks, dispatch: "sync_wait: 0s", retry: "probe: 500ms")
                let (main, shop) = (try mocks.account(), try mocks.account(org: "shop"))
                try declare(try keep(main, in: site), main, in: site, mocks)
                let key = try keep(shop, in: site)
                try site.write(
                    "orgs/shop.yaml",
                    """
                    org: org_shop
                    parent: org_demo
                    credentials:
                      - { provider: apns, team_id: \(shop.apnsTeamID), key_id: \(key), private_key: "file:\(key).p8", topic: \(shop.apnsTopic),
                          environment: production }
                    """)
                let gateway = try await GatewayUnderTest.start(site)
                try await gateway.importDirectory([["kind": "user", "id": "shopper", "org_id": "org_shop", "full_name": "S"]])
                try await gateway.register(Crowd.target(1), user: "shopper", platform: "ios")
                func send(_ title: String, expiresIn: Duration? = nil) async throws -> String {
                    var body: JSONObject = ["to": ["user_id": "shopper"], "title": .string(title)]
                    if let expiresIn { body["expires_at"] = .string((SystemTime().now + expiresIn).rfc3339Milliseconds) }
                    let answer = try await gateway.post("/api/v1/deliveries", .object(body))
                    return try #require(answer.json["deliveries"]?[0]?["id"]?.string, "\(answer.status) \(answer.json.text)")
                }
                shop.revoke(.apns)
                let held = try await send("patient")
                try await credentials(gateway) { $0[0]?.string?.hasPrefix("org_shop/apns/main: refused: ") ?? false }
                let short = try await send("hasty", expiresIn: .seconds(2))

                // The other org notices nothing.
                let crowd = Crowd()
                try await crowd.sending(to: gateway) { try await crowd.more(200) }
                try await crowd.waitForOpen(only: 2, gateway)
                #expect(Set(mocks.messages().map(\.target)) == crowd.acceptedTargets)

                let expired = try await gateway.delivery(short, in: ["failed"])
                #expect(expired["reason"]?.string == "expired")
                #expect(try await gateway.get("/api/v1/deliveries/\(held)").json["state"]?.string != "failed")
                // Nobody tells the gateway: a probe finds out.
                shop.restore(.apns)
                _ = try await gateway.delivery(held, in: ["delivered"])
                try await credentials(gateway) { $0.string == "ok" }

                // Removed while something waits for it, and declared again: it waits that long.
                shop.revoke(.apns)
                let orphan = try await send("orphan")
                try await credentials(gateway) { $0[0]?.string?.contains("refused") ?? false }
                let declaration = try String(contentsOfFile: "\(site.folder)/orgs/shop.yaml", encoding: .utf8)
                try site.write("orgs/shop.yaml", "org: org_shop\nparent: org_demo\n")
                try await credentials(gateway) { $0[0]?.string?.contains("no such credential any more") ?? false }
                shop.restore(.apns)
                try site.write("orgs/shop.yaml", declaration)
                _ = try await gateway.delivery(orphan, in: ["delivered"])
                #expect(mocks.duplicates.isEmpty)
                #expect(try await gateway.stop() == 0)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `two apps of one org have each their own credential, chosen by the token's app or by name`() async throws {
        try await withMockProviders(mocks) { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                let (main, shop) = (try mocks.account(), try mocks.account(org: "shop"))
                func entry(_ name: String, _ account: MockAccount) throws -> String {
                    let key = try keep(account, in: site)
                    return """
                          - { provider: apns, name: \(name), team_id: \(account.apnsTeamID), key_id: \(key), private_key: "file:\(key).p8",
                              topic: \(account.apnsTopic), environment: production }
                        """
                }
                try site.write("orgs/demo.yaml", "org: org_demo\ncredentials:\n\(try entry("main", main))\n\(try entry("shop", shop))\n")
                let gateway = try await GatewayUnderTest.start(site)
                func register(_ number: Int, app: String?) async throws -> JSON {
                    var body: JSONObject = ["user_id": "ada", "token": .string(Crowd.target(number)), "platform": "ios"]
                    if let app { body["app"] = .string(app) }
                    return try await gateway.post("/api/v1/push-notifications/device-tokens", .object(body)).json
                }
                let registered = try await register(1, app: main.apnsTopic)
                #expect(registered.object?.members.map(\.key) == ["id", "user_id", "token", "platform", "registered_at"])
                _ = try await register(2, app: shop.apnsTopic)
                // Registered again by an older app that says nothing of itself.
                _ = try await register(2, app: nil)
                let push = try await gateway.post("/api/v1/push-notifications", ["user_id": "ada", "title": "t", "body": "b"])
                #expect(push.json["status"]?.string == "delivered")
                func topics(_ number: Int) -> [String?] {
                    mocks.messages(MessageFilter(provider: .apns, target: Crowd.target(number))).map { $0.header("apns-topic") }
                }
                #expect(topics(1) == [main.apnsTopic] && topics(2) == [shop.apnsTopic])

                func direct(_ to: JSON, credential: String? = nil) async throws -> JSON {
                    var body: JSONObject = ["to": to, "title": "t"]
                    if let credential { body["credential"] = .string(credential) }
                    return try await gateway.post("/api/v1/deliveries", .object(body)).json
                }
                let token = Crowd.target(3)
                _ = try await direct(["token": .string(token), "platform": "ios", "app": .string(shop.apnsTopic)])
                _ = try await direct(["token": .string(token), "platform": "ios"], credential: "shop")
                #expect(topics(3) == [shop.apnsTopic, shop.apnsTopic])
                let lost = try await direct(["token": .string(token), "platform": "ios", "app": "com.example.lost"])
                #expect(lost["status"]?.string == "failed")
                #expect(lost["error"]?.string?.contains("is for the app com.example.lost") == true)
                #expect(try await gateway.stop() == 0)
            }
        }
    }
}
