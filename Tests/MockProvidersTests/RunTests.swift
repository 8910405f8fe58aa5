import Foundation
import Testing

@testable import MockProviders

@Suite("Runs") struct RunTests {
    private static let push = #"{"to":"\#(Device.expo)","body":"x"}"#

    @Test func `a run named by header or path has messages, scripts and a clock of its own`() async throws {
        try await withMockProviders { mocks in
            let control = ControlClient(mocks)
            try await control.call("POST", "script?run=a", #"{"match":{"provider":"expo"},"answer":{"reason":"ExpoError"}}"#)
            try await control.call("POST", "script", #"{"match":{"provider":"expo","run":"b"},"answer":{"reason":"ProviderError"}}"#)
            let header = try await ExpoTests.send(mocks, Self.push, extra: ["-H", "X-Mock-Run: a"])
            #expect(header.body.contains("ExpoError"))
            let path = try await Curl.run(
                ca: nil, ["-d", Self.push, "http://127.0.0.1:\(mocks.httpPort)/_run/b/--/api/v2/push/send"])
            #expect(path.body.contains("ProviderError"))
            #expect(try await ExpoTests.send(mocks, Self.push).body.contains(#""status":"ok""#))
            #expect(mocks.count() == 1 && mocks.run("a").count(MessageFilter(accepted: false)) == 1)
            #expect(try await control.messages("?run=b").map { $0["reason"] as? String } == ["ProviderError"])
            #expect(try await control.messages("?run=b").map { $0["run"] as? String } == ["b"])
            mocks.run("a").advanceClock(by: .seconds(3600))
            let clocks = try await [control.call("GET", "clock?run=a"), control.call("GET", "clock")].map { $0.json["offset_ms"] as? Int }
            #expect(clocks == [3_600_000, 0])
            try await control.call("POST", "reset?run=a")
            #expect(mocks.run("a").count(MessageFilter(accepted: nil)) == 0 && mocks.count() == 1)
            let runs = try await control.call("GET", "runs").json["runs"] as? [[String: Any]]
            #expect(runs?.map { $0["run"] as? String } == ["", "a", "b"])
            #expect(try await control.call("DELETE", "runs/a").status == 204)
            #expect(try await control.call("DELETE", "runs/a").status == 404)
        }
    }

    @Test(arguments: ["a/b", "ä", "", String(repeating: "x", count: 65)])
    func `a name that is none is refused in words`(name: String) async throws {
        try await withMockProviders { mocks in
            let answer = try await ExpoTests.send(mocks, Self.push, extra: ["-H", name.isEmpty ? "X-Mock-Run;" : "X-Mock-Run: \(name)"])
            #expect(answer.status == 400 && answer.body.contains("name"))
        }
    }

    @Test func `credentials made for a run lead to it, whichever provider they are for`() async throws {
        try await withMockProviders { mocks in
            let control = ControlClient(mocks)
            let account = try await control.credentials(#"{"run":"r","org":"shop"}"#)
            #expect(try await APNsTests.push(mocks, token: account.providerToken()).status == 200)
            let bearer = try account.value("expo", "access_token")
            #expect(try await ExpoTests.send(mocks, Self.push, extra: ["-H", "authorization: Bearer \(bearer)"]).status == 200)
            let access = try await control.call("GET", "fcm/token?run=r&org=shop").body
            let project = try account.value("fcm", "project_id")
            let url = "http://127.0.0.1:\(mocks.httpPort)/v1/projects/\(project)/messages:send"
            let sent = try await Curl.run(ca: nil, ["--json", FCMTests.message(), "-H", "authorization: Bearer \(access)", url])
            #expect(sent.status == 200)
            let own = try await control.call("GET", "fcm/token").body
            let foreign = try await Curl.run(ca: nil, ["--json", FCMTests.message(), "-H", "authorization: Bearer \(own)", url])
            #expect(foreign.status == 403, "another project's token")
            let user = try account.value("smtp", "username") + ":" + account.value("smtp", "password")
            #expect(try await Self.mail(mocks, user: user) == 0)
            let seen = mocks.run("r").messages()
            #expect(seen.map(\.provider) == [.apns, .expo, .fcm, .smtp])
            #expect(seen.allSatisfy { $0.org == "shop" })
            #expect(mocks.count() == 0)
            #expect(try await control.messages("?run=r&org=shop&provider=fcm&accepted=true").count == 1)
            #expect(try await control.messages("?run=r&org=nobody").isEmpty)
        }
    }

    private static func mail(_ mocks: MockProviders, user: String) async throws -> Int32 {
        try await Curl.run(
            ca: mocks.caFile,
            [
                "-u", user, "--mail-from", "a@example.org", "--mail-rcpt", "b@example.org", "-T", "-",
                "smtps://localhost:\(mocks.smtpsPort)/x.example",
            ],
            input: "Subject: x\r\n\r\nhello\r\n"
        ).exit
    }

    @Test func `a mail user may carry the run behind a plus`() async throws {
        try await withMockProviders { mocks in
            let password = try ClientCredentials(of: mocks).value("password", in: "smtp.json")
            #expect(try await Self.mail(mocks, user: "mock+night:\(password)") == 0)
            #expect(mocks.run("night").count() == 1 && mocks.count() == 0)
            #expect(try await Self.mail(mocks, user: "mock+night:wrong") == 67)
            #expect(try await Self.mail(mocks, user: "mock+:\(password)") == 67)
        }
    }

    @Test func `a script may be for one org, or for one credential`() async throws {
        try await withMockProviders { mocks in
            let control = ControlClient(mocks)
            let shop = try await control.credentials(#"{"org":"shop"}"#)
            let news = try await control.credentials(#"{"org":"news"}"#)
            mocks.script(Script(provider: .apns, org: "shop", answer: ScriptedAnswer(reason: "TooManyRequests")))
            mocks.script(Script(credential: try news.value("apns", "key_id"), answer: ScriptedAnswer(status: 503, reason: "Shutdown")))
            #expect(try await APNsTests.push(mocks, token: shop.providerToken()).status == 429)
            #expect(try await APNsTests.push(mocks, token: news.providerToken()).status == 503)
            #expect(try await APNsTests.push(mocks).status == 200)
        }
    }

    @Test func `the run longest unnamed is forgotten when there are too many`() {
        let universe = Universe.forTests
        let first = universe.world("first")
        for number in 1..<Run.limit { _ = universe.world("run-\(number)") }
        #expect(universe.world("first") === first)
        _ = universe.world("one-more")
        #expect(universe.existing("first") === first && universe.existing("run-1") == nil && universe.existing("run-2") != nil)
    }
}

extension Universe {
    fileprivate static var forTests: Universe {
        get {
            var configuration = MockConfiguration()
            configuration.retention = 1
            // Without a directory nothing is read, and nothing can be wrong.
            guard let accounts = try? Accounts(configuration, in: nil), let authority = try? CertificateAuthority(now: Date()) else {
                preconditionFailure()
            }
            return Universe(accounts: accounts, authority: authority, configuration: configuration, clock: .system, tokenURI: "")
        }
    }
}
