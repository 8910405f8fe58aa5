import API
import DeliveryEngine
import Domain
import Foundation
import Logging
import Providers
import Settings
import Testing
import Transport

@testable import Hermod

@Suite struct ConfigurationTests {
    private static let reference: String = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return package.appendingPathComponent("config/hermod.yaml").path
    }()

    private func faults(_ text: String, _ environment: [String: String] = [:]) -> [String] {
        let file = ConfigurationFile(text, name: "h.yaml", environment: environment)
        return (file.faults + file.strayVariables(in: environment, besides: file.configuration.referencedVariables)).map(\.description)
    }

    @Test func `the reference names every key with its default`() throws {
        let file = try ConfigurationFile(path: Self.reference, environment: [:])
        #expect(file.faults == [])
        #expect(file.absentKeys == [])
        #expect(String(reflecting: file.configuration) == String(reflecting: GatewayConfiguration()))
    }

    @Test func `an empty file is the defaults`() {
        let file = ConfigurationFile("", name: "h.yaml", environment: [:])
        #expect(file.faults == [])
        #expect(String(reflecting: file.configuration) == String(reflecting: GatewayConfiguration()))
    }

    @Test func `every key reaches the module that uses it`() {
        let text = """
            server: { host: 127.0.0.2, port: 0, max_body: 2MiB }
            database: { url: "sqlite:/tmp/x.sqlite" }
            auth: { default_org: org_x, jwt: { jwks: "https://id.example.org/keys", hs256_secret: "env:S", issuer: i, audience: a } }
            dispatch: { sync_wait: 1s, lease: 30s, attempt_timeout: 5s, drain: 2s, max_claimed: 7, max_in_flight: 8 }
            orgs: { path: /etc/orgs }
            templates: { path: /etc/templates }
            vault: { master_key: "file:/run/key" }
            retry: { base: 2s, cap: 4s, max_attempts: 3, probe: 5s }
            metrics: { token: "env:SCRAPER" }
            providers:
              ca_file: /ca.pem
              proxy: "http://proxy:3128"
              connect_timeout: 2s
              expo: { url: "http://127.0.0.1:1/", receipt_delay: 1s, receipt_interval: 2s }
              apns: { production_url: "https://a", sandbox_url: "https://b" }
              fcm: { url: "https://c" }
              smtp: { max_threads: 4, connect_timeout: 3s, reply_timeout: 1m, dns_server: "192.0.2.53:5353" }
            log: { level: debug, format: text }
            """
        let file = ConfigurationFile(text, name: "h.yaml", environment: [:])
        let it = file.configuration
        #expect(file.faults == [])
        #expect(it.http.host == "127.0.0.2" && it.http.port == 0 && it.http.maxBodyBytes == 2 << 20 && it.http.defaultOrg == "org_x")
        #expect(it.http.isOpen && it.http.syncWait == .seconds(1))
        #expect(it.tokens.keySet == "https://id.example.org/keys" && it.tokens.secretReference == "env:S")
        #expect(it.tokens.issuer == "i" && it.tokens.audience == "a")
        #expect(it.databasePath == "/tmp/x.sqlite" && it.orgsFolder == "/etc/orgs" && it.masterKey == "file:/run/key")
        #expect(it.templatesFolder == "/etc/templates")
        #expect(
            it.engine.lease == .seconds(30) && it.engine.attemptTimeout == .seconds(5) && it.engine.drain == .seconds(2) && it.engine.maxClaimed == 7)
        #expect(it.engine.maxInFlight == 8 && it.transport.proxy == "http://proxy:3128")
        #expect(it.engine.retry.base == .seconds(2) && it.engine.retry.cap == .seconds(4) && it.engine.retry.maxAttempts == 3)
        #expect(it.engine.probe == .seconds(5) && it.metrics.tokenReference == "env:SCRAPER" && it.referencedVariables.contains("SCRAPER"))
        #expect(it.transport.extraCAFile == "/ca.pem" && it.mail.extraCAFile == "/ca.pem" && it.transport.connectTimeout == .seconds(2))
        #expect(it.endpoints.expo == "http://127.0.0.1:1" && it.engine.receiptDelay == .seconds(1) && it.engine.receiptInterval == .seconds(2))
        #expect(it.endpoints.apnsProduction == "https://a" && it.endpoints.apnsSandbox == "https://b" && it.endpoints.fcm == "https://c")
        #expect(it.mail.maxThreads == 4 && it.mail.connectTimeout == .seconds(3) && it.mail.replyTimeout == .seconds(60))
        #expect(it.nameServer == NameService.Server("192.0.2.53:5353"))
        #expect(it.logLevel == .debug && it.logFormat == .text)
    }

    @Test(arguments: [
        ("sever: {}", "h.yaml:1: sever: is no known key; did you mean server?"),
        ("server:\n  prot: 1", "h.yaml:2: server.prot: is no known key; did you mean port?"),
        ("server: { port: 70000 }", "h.yaml:1: server.port: must be a whole number from 0 to 65535, not \"70000\""),
        ("dispatch: { sync_wait: 10 }", "h.yaml:1: dispatch.sync_wait: must be a time such as 500ms, 10s, 15m or 1h, from 0s to 5m, not \"10\""),
        ("retry: { base: 10s, cap: 1s }", "h.yaml:1: retry.cap: must not be shorter than retry.base"),
        ("log: { level: loud }", "h.yaml:1: log.level: must be trace, debug, info, notice, warning, error or critical, not \"loud\""),
        ("providers: { fcm: { url: fcm.googleapis.com } }", "must be an https:// or http:// address with a host, not \"fcm.googleapis.com\""),
        (
            "database: { url: \"postgres://db/hermod\" }",
            "h.yaml:1: database.url: names PostgreSQL, which this version does not speak yet; use sqlite:PATH"
        ),
        ("database: { url: hermod.sqlite }", "h.yaml:1: database.url: must be sqlite:PATH, not \"hermod.sqlite\""),
        ("auth: { public: closed }", "h.yaml:1: auth.public: must be open or authenticated, not \"closed\""),
        (
            "auth: { jwt: { issuer: me } }",
            "h.yaml:1: auth.jwt.issuer: is set, but no token can be checked without auth.jwt.jwks or auth.jwt.hs256_secret"
        ),
        (
            "auth: { jwt: { jwks: \"http://id.example.org/keys\" } }",
            "auth.jwt.jwks: must be file:PATH or an https:// address (http:// only on loopback)"
        ),
        ("auth: { jwt: { jwks: \"http://127.0.0.1.example.org/keys\" } }", "auth.jwt.jwks: must be file:PATH or an https://"),
        ("auth: { jwt: { jwks: keys.json } }", "auth.jwt.jwks: must be file:PATH or an https://"),
        (
            "auth: { jwt: { hs256_secret: \"a secret that stands here itself\" } }",
            "auth.jwt.hs256_secret: must be a reference, env:NAME or file:PATH"
        ),
        ("server: { host: 127.0.0.1.example.org }", "is open while server.host is 127.0.0.1.example.org"),
        ("server: { host: 0.0.0.0 }", "is open while server.host is 0.0.0.0: anyone who reaches that address could send"),
        ("providers: { smtp: { dns_server: dns.example.org } }", "providers.smtp.dns_server: must be an IPv4 address"),
        ("vault: { master_key: c2VjcmV0 }", "h.yaml:1: vault.master_key: must be a reference, env:NAME or file:PATH"),
    ])
    func `a fault names the key and what to do`(text: String, expected: String) {
        let found = faults(text)
        #expect(found.count == 1)
        #expect(found.contains { $0.contains(expected) }, "\(found)")
    }

    @Test func `a secret in the wrong place is not repeated`() {
        #expect(!faults("vault: { master_key: c2VjcmV0 }").contains { $0.contains("c2VjcmV0") })
        #expect(!faults("auth: { jwt: { hs256_secret: c2VjcmV0 } }").contains { $0.contains("c2VjcmV0") })
    }

    @Test(arguments: ["https://id.example.org/keys", "http://localhost:8080/keys", "http://127.0.0.1/k", "http://[::1]:1/k", "file:keys.json"])
    func `a key set may come from a file, over TLS, or from this machine`(place: String) {
        #expect(faults("auth: { jwt: { jwks: \"\(place)\" } }") == [])
    }

    @Test func `authenticated may listen anywhere`() {
        #expect(faults("server: { host: 0.0.0.0 }\nauth: { public: authenticated }") == [])
    }

    @Test func `open beyond loopback has to be said in as many words`() {
        #expect(faults("server: { host: 0.0.0.0 }\nauth: { open_beyond_loopback: true }") == [])
        #expect(faults("server: { host: localhost }") == [])
        #expect(faults("server: { host: \"::1\" }") == [])
        #expect(faults("", ["HERMOD_SERVER_HOST": "10.0.0.1"]).count == 1)
    }

    @Test func `the environment wins over the file`() {
        let environment = ["HERMOD_SERVER_PORT": "9999", "HERMOD_PROVIDERS_EXPO_RECEIPT_DELAY": "3s", "PATH": "/bin"]
        let file = ConfigurationFile("server: { port: 1 }", name: "h.yaml", environment: environment)
        #expect(file.configuration.http.port == 9999)
        #expect(file.configuration.engine.receiptDelay == .seconds(3))
        #expect(faults("server: { port: 1 }", environment) == [])
    }

    @Test func `a variable that means nothing is a fault, one that a reference names is not`() {
        #expect(
            faults("", ["HERMOD_SERVER_PROT": "1"])
                == ["environment: HERMOD_SERVER_PROT: sets no key, and no reference names it; did you mean HERMOD_SERVER_PORT?"])
        #expect(faults("", ["HERMOD_MASTER_KEY": "x"]) == [])
        #expect(faults("vault: { master_key: \"env:OTHER\" }", ["HERMOD_MASTER_KEY": "x"]).count == 1)
        #expect(faults("vault: { master_key: \"env:HERMOD_OTHER\" }", ["HERMOD_OTHER": "x"]) == [])
        #expect(faults("auth: { jwt: { hs256_secret: \"env:HERMOD_JWT\" } }", ["HERMOD_JWT": "x"]) == [])
        // What the commands call with may stand in the gateway's environment too.
        #expect(faults("", ["HERMOD_API_KEY": "x"]) == [])
    }

    @Test func `a file that is not there is told with a remedy`() {
        #expect(
            throws: StartFault("the configuration /no/such.yaml can't be used: there is no such file", remedy: "name the file with --config PATH")
        ) {
            _ = try ConfigurationFile(path: "/no/such.yaml", environment: [:])
        }
    }
}

@Suite struct VersionTests {
    @Test func `the newest heading of the changelog is this version`() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: package.appendingPathComponent("CHANGELOG.md"), encoding: .utf8)
        let heading = try #require(text.split(separator: "\n").first { $0.hasPrefix("## [") })
        #expect(heading.hasPrefix("## [\(version)]"))
    }

    @Test func `a metrics token has to be there and beyond guessing`() throws {
        var settings = MetricsSettings()
        try settings.resolve(file: "h.yaml", environment: [:])
        #expect(settings.token == nil)
        settings.tokenReference = "env:SCRAPER"
        for (value, words) in [(nil, "metrics.token"), ("short", "beyond guessing")] as [(String?, String)] {
            let fault = #expect(throws: SettingsFault.self) {
                try settings.resolve(file: "h.yaml", environment: value.map { ["SCRAPER": $0] } ?? [:])
            }
            #expect(fault?.description.contains(words) == true)
        }
        try settings.resolve(file: "h.yaml", environment: ["SCRAPER": "0123456789abcdef"])
        #expect(settings.token == Secret("0123456789abcdef"))
    }
}
