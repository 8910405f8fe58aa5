import Foundation
import Testing

@testable import MockProviders

@Suite("Accounts") struct AccountTests {
    private static var withShop: MockConfiguration {
        var configuration = MockConfiguration.ephemeral
        configuration.accounts = ["shop"]
        return configuration
    }

    private static let nobody = String(repeating: "0", count: 64)

    private static func push(
        _ mocks: MockProviders, _ credentials: ClientCredentials, topic: String = "com.example.shop", to device: String = Device.apns
    ) async throws -> String {
        let answer = try await APNsTests.push(mocks, to: device, token: credentials.providerToken(), headers: ["apns-topic": topic])
        return answer.json["reason"] as? String ?? String(answer.status)
    }

    private static func grant(_ mocks: MockProviders, _ credentials: ClientCredentials) async throws -> String {
        let answer = try await FCMTests.grant(mocks, credentials.assertion())
        return answer.json["access_token"] as? String ?? answer.json["error"] as? String ?? String(answer.status)
    }

    private static func send(_ mocks: MockProviders, to project: String, token: String, _ body: String = FCMTests.message()) async throws -> Int {
        try await Curl.run(
            ca: nil,
            ["--json", body, "-H", "authorization: Bearer \(token)", "http://127.0.0.1:\(mocks.httpPort)/v1/projects/\(project)/messages:send"]
        ).status
    }

    private static func expo(_ mocks: MockProviders, bearer: String?, to token: String = "ExponentPushToken[project-shop-1]") async throws -> String {
        let answer = try await ExpoTests.send(
            mocks, #"{"to":"\#(token)","body":"x"}"#, extra: bearer.map { ["-H", "authorization: Bearer \($0)"] } ?? [])
        return ExpoTests.code(answer) ?? String(answer.status)
    }

    private static func mail(_ mocks: MockProviders, user: String, password: String, from: String = "a@shop.example") async throws -> Int32 {
        try await Curl.run(
            ca: mocks.caFile,
            [
                "-u", "\(user):\(password)", "--mail-from", from, "--mail-rcpt", "b@example.org", "-T", "-",
                "smtps://localhost:\(mocks.smtpsPort)/x.example",
            ],
            input: "Subject: x\r\n\r\nhello\r\n"
        ).exit
    }

    @Test func `a named account has files of its own, and the two refuse each other's credentials`() async throws {
        try await withMockProviders(Self.withShop) { mocks in
            let main = try ClientCredentials(of: mocks)
            let shop = try ClientCredentials(of: mocks, named: "shop")
            #expect(try await Self.push(mocks, shop) == "200")
            #expect(try await Self.push(mocks, main) == "TopicDisallowed")
            #expect(try await Self.push(mocks, shop, topic: "com.example.app") == "TopicDisallowed")
            let own = try await Self.grant(mocks, shop)
            let other = try await Self.grant(mocks, main)
            #expect(try await Self.send(mocks, to: "shop-project", token: own) == 200)
            #expect(try await Self.send(mocks, to: "shop-project", token: other) == 403)
            #expect(try await Self.send(mocks, to: "mock-project", token: own) == 403)
            #expect(try main.file("service-account.json")["private_key"] != shop.file("service-account.json")["private_key"])
            let bearer = try shop.text("expo-access-token")
            #expect(try await Self.expo(mocks, bearer: bearer) == "200")
            #expect(try await Self.expo(mocks, bearer: nil) == "UNAUTHORIZED")
            let password = try shop.text("smtp-password")
            #expect(try await Self.mail(mocks, user: "shop", password: password) == 0)
            #expect(try await Self.mail(mocks, user: "mock", password: password) == 67)
            #expect(mocks.messages().map(\.org) == ["shop", "shop", "shop", "shop"])
        }
    }

    @Test func `a named account is the same after a restart, and after a rotation, too`() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "mock-accounts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = Self.withShop
        configuration.keysDirectory = directory.path
        let before = try await withMockProviders(configuration) { mocks in
            let first = try ClientCredentials(of: mocks, named: "shop").value("key_id", in: "apns.json")
            for provider in ProviderName.allCases { try mocks.account(org: "shop").rotate(provider) }
            let shop = try ClientCredentials(of: mocks, named: "shop")
            #expect(try shop.value("key_id", in: "apns.json") != first)
            return try ["apns.json", "service-account.json", "smtp.json"].map { try shop.file($0).filter { $0.key != "token_uri" } }
        }
        try await withMockProviders(configuration) { mocks in
            let shop = try ClientCredentials(of: mocks, named: "shop")
            #expect(try ["apns.json", "service-account.json", "smtp.json"].map { try shop.file($0).filter { $0.key != "token_uri" } } == before)
            #expect(try await Self.push(mocks, shop) == "200")
            #expect(try await Self.grant(mocks, shop).hasPrefix("ya29."))
            #expect(try await Self.expo(mocks, bearer: shop.text("expo-access-token")) == "200")
        }
    }

    @Test(arguments: [["Shop"], ["mock"], ["a", "a"], ["../x"]])
    func `a name that can be none is refused in words`(names: [String]) async throws {
        var configuration = MockConfiguration.ephemeral
        configuration.accounts = names
        let fault = await #expect(throws: SetUpFault.self) { try await withMockProviders(configuration) { _ in } }
        #expect(fault?.description.contains("account") == true)
    }

    @Test func `a push to no device tells good keys from bad ones`() async throws {
        try await withMockProviders(Self.withShop) { mocks in
            let shop = try ClientCredentials(of: mocks, named: "shop")
            #expect(try await Self.push(mocks, shop, to: Self.nobody) == "BadDeviceToken")
            #expect(try await Self.push(mocks, shop, to: "abcd") == "BadDeviceToken")
            #expect(try await Self.push(mocks, shop, topic: "com.example.other", to: Self.nobody) == "TopicDisallowed")
            try mocks.account(org: "shop").revoke(.apns)
            #expect(try await Self.push(mocks, shop, to: Self.nobody) == "InvalidProviderToken")
            mocks.advanceClock(by: .seconds(7200))
            try mocks.account(org: "shop").restore(.apns)
            #expect(try await Self.push(mocks, shop, to: Self.nobody) == "ExpiredProviderToken")
        }
    }

    @Test func `what is revoked is refused at once, and what is restored is taken again`() async throws {
        try await withMockProviders(Self.withShop) { mocks in
            let shop = try ClientCredentials(of: mocks, named: "shop")
            let control = ControlClient(mocks)
            let bearer = try shop.text("expo-access-token")
            let password = try shop.text("smtp-password")
            let token = try shop.providerToken()
            func all() async throws -> [String] {
                let push = try await APNsTests.push(mocks, token: token, headers: ["apns-topic": "com.example.shop"])
                let receipts = try await Curl.run(
                    ca: nil,
                    [
                        "-d", #"{"ids":["x"]}"#, "-H", "authorization: Bearer \(bearer)",
                        "http://127.0.0.1:\(mocks.httpPort)/--/api/v2/push/getReceipts",
                    ])
                return [
                    push.json["reason"] as? String ?? "ok", try await Self.grant(mocks, shop).hasPrefix("ya29.") ? "ok" : "invalid_grant",
                    try await Self.mail(mocks, user: "shop", password: password) == 0 ? "ok" : "535",
                    try await Self.expo(mocks, bearer: bearer), String(receipts.status),
                ]
            }
            #expect(try await all() == ["ok", "ok", "ok", "200", "200"])
            let access = try await Self.grant(mocks, shop)
            for provider in ProviderName.allCases {
                let answer = try await control.call("POST", "credentials/revoke", #"{"org":"shop","provider":"\#(provider.rawValue)"}"#)
                #expect(answer.status == 200)
            }
            #expect(try await all() == ["InvalidProviderToken", "invalid_grant", "535", "UNAUTHORIZED", "401"])
            #expect(try await Self.send(mocks, to: "shop-project", token: access) == 200, "an access token lives on for its hour, as Google's do")
            let listed = try await control.call("GET", "accounts").json["accounts"] as? [[String: Any]]
            let marks = (listed?.last?["credentials"] as? [[String: Any]])?.compactMap { $0["revoked"] as? Bool }
            #expect(marks == [true, true, true, true, true])
            for provider in ProviderName.allCases {
                try await control.call("POST", "credentials/restore", #"{"org":"shop","provider":"\#(provider.rawValue)"}"#)
            }
            #expect(try await all() == ["ok", "ok", "ok", "200", "200"])
            try await control.call("POST", "credentials/revoke", #"{"org":"shop","provider":"fcm","access_tokens":true}"#)
            #expect(try await Self.send(mocks, to: "shop-project", token: access) == 401)
            #expect(try await APNsTests.push(mocks).status == 200, "nothing of it touches the main account")
        }
    }

    @Test func `a reset restores what was revoked in the run, and leaves other runs alone`() async throws {
        try await withMockProviders { mocks in
            let night = try mocks.run("night").account()
            try mocks.account().revoke(.apns)
            try mocks.account().setSenders(["a@example.org"])
            night.revoke(.apns)
            mocks.reset()
            #expect(try await APNsTests.push(mocks).status == 200)
            let password = try ClientCredentials(of: mocks).text("smtp-password")
            #expect(try await Self.mail(mocks, user: "mock", password: password, from: "b@example.org") == 0)
            let token = try await ControlClient(mocks).call("GET", "apns/token?run=night").body
            #expect(try await APNsTests.push(mocks, token: token).status == 403)
            try await ControlClient(mocks).call("POST", "reset?run=night")
            #expect(try await APNsTests.push(mocks, token: token).status == 200)
        }
    }

    @Test func `one of several keys is revoked alone, by its id`() async throws {
        try await withMockProviders(Self.withShop) { mocks in
            let old = try ClientCredentials(of: mocks, named: "shop")
            let oldToken = try old.providerToken()
            let oldAssertion = try old.assertion()
            let oldPassword = try old.text("smtp-password")
            let oldBearer = try old.text("expo-access-token")
            let oldKeys = try [old.value("key_id", in: "apns.json"), old.value("private_key_id", in: "service-account.json")]
            let control = ControlClient(mocks)
            for provider in ProviderName.allCases {
                let answer = try await control.call("POST", "credentials/rotate", #"{"org":"shop","provider":"\#(provider.rawValue)"}"#)
                #expect(answer.status == 200)
            }
            // The files hold the newest now.
            let new = try ClientCredentials(of: mocks, named: "shop")
            func both() async throws -> [Int] {
                [
                    try await APNsTests.push(mocks, token: oldToken, headers: ["apns-topic": "com.example.shop"]).status,
                    try await APNsTests.push(mocks, token: new.providerToken(), headers: ["apns-topic": "com.example.shop"]).status,
                    try await FCMTests.grant(mocks, oldAssertion).status, try await FCMTests.grant(mocks, new.assertion()).status,
                    Int(try await Self.mail(mocks, user: "shop", password: oldPassword)),
                    Int(try await Self.mail(mocks, user: "shop", password: new.text("smtp-password"))),
                    try await Self.expo(mocks, bearer: oldBearer) == "200" ? 200 : 401,
                    try await Self.expo(mocks, bearer: new.text("expo-access-token")) == "200" ? 200 : 401,
                ]
            }
            #expect(try await both() == [200, 200, 200, 200, 67, 0, 200, 200])
            for (provider, id) in [("apns", oldKeys[0]), ("fcm", oldKeys[1]), ("expo", oldBearer)] {
                let answer = try await control.call("POST", "credentials/revoke", #"{"org":"shop","provider":"\#(provider)","id":"\#(id)"}"#)
                #expect(answer.status == 200)
            }
            #expect(try await both() == [403, 200, 400, 200, 67, 0, 401, 200])
            let unknown = try await control.call("POST", "credentials/revoke", #"{"org":"shop","provider":"apns","id":"NOSUCHKEY1"}"#)
            #expect(unknown.status == 404 && unknown.body.contains("/_mock/accounts"))
        }
    }

    @Test func `a revoked key is refused on a connection that it has opened, and counts in its own run`() async throws {
        try await withMockProviders { mocks in
            let account = try await ControlClient(mocks).credentials(#"{"run":"night"}"#)
            let client = try await FrameClient(port: mocks.tlsPort, ca: mocks.certificate)
            let headers = APNsConnectionTests.headers(try account.providerToken())
            client.post("/3/device/\(Device.apns)", stream: 1, headers: headers, body: APNsTests.payload)
            #expect(try await client.first { APNsConnectionTests.status($0, stream: 1) } == 200)
            try mocks.run("night").account().revoke(.apns)
            client.post("/3/device/\(Device.apns)", stream: 3, headers: headers, body: APNsTests.payload)
            #expect(try await client.first { APNsConnectionTests.text($0, stream: 3) } == #"{"reason":"InvalidProviderToken"}"#)
            await client.close()
            #expect(mocks.run("night").messages(MessageFilter(accepted: false)).map(\.reason) == ["InvalidProviderToken"])
            #expect(mocks.count(MessageFilter(accepted: nil)) == 0)
        }
    }

    @Test func `an account may have client certificates of any age, which can be revoked, too`() async throws {
        try await withMockProviders(Self.withShop) { mocks in
            func push(_ query: String, host: String = "api.push.apple.com") async throws -> Curl.Answer {
                let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).pem")
                defer { try? FileManager.default.removeItem(at: file) }
                try await Data(ControlClient(mocks).call("GET", "apns/client.pem?org=shop\(query)").body.utf8).write(to: file)
                return try await APNsTests.push(
                    mocks, headers: ["authorization": nil, "apns-topic": "com.example.shop"], extra: ["--cert", file.path, "-H", "host: \(host)"])
            }
            #expect(try await push("").status == 200)
            #expect(mocks.messages().last?.org == "shop")
            #expect(try await push("&expires_in=1h&environment=sandbox").json["reason"] as? String == "BadCertificateEnvironment")
            #expect(try await push("&environment=sandbox", host: "api.sandbox.push.apple.com").status == 200)
            let expired = try await push("&expires_in=-1d")
            #expect(expired.exit != 0 && expired.status == 0, "TLS ends in the handshake")
            try mocks.account(org: "shop").revoke(.apns, id: "certificate")
            #expect(try await push("").json["reason"] as? String == "BadCertificate")
            #expect(try await Self.push(mocks, ClientCredentials(of: mocks, named: "shop")) == "200", "its key is good still")
            let unknown = try await ControlClient(mocks).call("GET", "apns/client.p12?org=shop&expires_in=soon")
            #expect(unknown.status == 400 && unknown.body.contains("30d"))
        }
    }

    @Test func `a mail user may be bound to senders`() async throws {
        try await withMockProviders(Self.withShop) { mocks in
            let password = try ClientCredentials(of: mocks, named: "shop").text("smtp-password")
            let control = ControlClient(mocks)
            #expect(try await control.call("PUT", "smtp/senders?org=shop", #"["*@shop.example","news@example.org"]"#).status == 204)
            for (sender, exit) in [("any@shop.example", 0), ("News@Example.org", 0), ("x@notshop.example", 55), ("boss@example.org", 55)] {
                #expect(try await Int(Self.mail(mocks, user: "shop", password: password, from: sender)) == exit, "\(sender)")
            }
            let limited = try await control.credentials(#"{"org":"bound","smtp":{"senders":["a@bound.example"]}}"#)
            let secret = try limited.value("smtp", "password")
            #expect(try await Self.mail(mocks, user: "bound", password: secret, from: "b@bound.example") == 55)
            #expect(try await Self.mail(mocks, user: "bound", password: secret, from: "a@bound.example") == 0)
            let bare = try await Self.mail(mocks, user: "shop", password: password, from: "")
            #expect(bare == 0, "a bounce has no sender")
            #expect(try await control.call("PUT", "smtp/senders?org=shop", #"{"senders":[]}"#).status == 400)
            #expect(try await control.call("PUT", "smtp/senders?org=shop", "[]").status == 204)
            #expect(try await Self.mail(mocks, user: "shop", password: password, from: "boss@example.org") == 0)
        }
    }

    @Test func `a dry run shows whether project, key and token are good, and sends nothing`() async throws {
        try await withMockProviders(Self.withShop) { mocks in
            let own = try await Self.grant(mocks, ClientCredentials(of: mocks, named: "shop"))
            let foreign = try await Self.grant(mocks, ClientCredentials(of: mocks))
            func dryRun(_ token: String, _ access: String) async throws -> Int {
                let body = #"{"validate_only":true,"message":{"token":"\#(token)","notification":{"title":"x"}}}"#
                return try await Self.send(mocks, to: "shop-project", token: access, body)
            }
            #expect(try await dryRun(Device.fcm, own) == 200)
            #expect(try await dryRun(Device.fcm, foreign) == 403)
            #expect(try await dryRun(Device.fcm, "ya29.none") == 401)
            #expect(try await dryRun("UNREGISTERED:\(Device.fcm)", own) == 404)
            #expect(try await dryRun("x", own) == 400)
            #expect(mocks.count() == 0)
        }
    }
}
