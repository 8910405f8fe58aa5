import Domain
import Foundation
import MockProviders
import Testing

/// What the commands say, and how they end, when something is wrong before anything could be sent.
@Suite struct StartTests {
    private func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (code: Int32, output: [String], complaints: [String])
    {
        let program = try Program("hermod", arguments, environment: environment)
        let code = try await program.exit()
        return (code, program.lines, program.complaints)
    }

    private func withConfiguration(_ text: String, _ body: (Site) async throws -> Void) async throws {
        try await withSite { site in
            try site.write("hermod.yaml", "orgs: { path: \(site.folder)/orgs }\ndatabase: { url: \"sqlite:\(site.database)\" }\n" + text)
            try await body(site)
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("server: { prot: 8080 }", "server.prot: is no known key; did you mean port?"),
            ("server: { host: 0.0.0.0 }", "auth.public: is open while server.host is 0.0.0.0"),
            (
                "auth: { jwt: { hs256_secret: \"env:NOT_THERE\" } }",
                "auth.jwt.hs256_secret: names the environment variable NOT_THERE, which is not set"
            ),
            ("providers: { ca_file: /no/such.pem }", "/no/such.pem"),
            ("server: [", "is no valid YAML"),
        ])
    func `a wrong configuration ends serve with one line that names it`(text: String, expected: String) async throws {
        try await withConfiguration(text) { site in
            let (code, output, complaints) = try await run(["serve", "--config", site.configuration])
            #expect(code == 1)
            #expect(output == [])
            #expect(complaints.count == 1)
            #expect(complaints.contains { $0.hasPrefix("hermod: ") && $0.contains(expected) }, "\(complaints)")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a faulty template ends serve and config check with its file and line`() async throws {
        try await withSite { site in
            let folder = "\(site.folder)/templates/certification_reminder/nb"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for (part, text) in [("subject", "Hei"), ("text", "Hei,\n{{fullname}}!"), ("html", "<p>Hei</p>")] {
                try site.write("templates/certification_reminder/nb/\(part).mustache", text)
            }
            try site.write("hermod.yaml", "orgs: { path: \(site.folder)/orgs }\ntemplates: { path: \(site.folder)/templates }\n")
            for command in [["serve"], ["config", "check"]] {
                let (code, output, complaints) = try await run(command + ["--config", site.configuration])
                #expect(code == 1)
                #expect(output == [])
                #expect(complaints == ["hermod: \(folder)/text.mustache:2: \"fullname\" is no placeholder; did you mean full_name?"])
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a variable that sets nothing ends serve too`() async throws {
        try await withConfiguration("server: { port: 0 }") { site in
            let (code, _, complaints) = try await run(["serve", "--config", site.configuration], environment: ["HERMOD_SERVER_PROT": "1"])
            #expect(code == 1)
            #expect(
                complaints == ["hermod: environment: HERMOD_SERVER_PROT: sets no key, and no reference names it; did you mean HERMOD_SERVER_PORT?"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a configuration that is not there ends serve with its name`() async throws {
        let (code, _, complaints) = try await run(["serve", "--config", "/no/such/hermod.yaml"])
        #expect(code == 1)
        #expect(
            complaints == ["hermod: the configuration /no/such/hermod.yaml can't be used: there is no such file; name the file with --config PATH"])
    }

    @Test(.timeLimit(.minutes(1)))
    func `a second gateway is kept off a port and a database that are taken`() async throws {
        try await withConfiguration("server: { port: 0 }") { site in
            let first = try await GatewayUnderTest.start(site)
            let port = try #require(first.address.split(separator: ":").last.map(String.init))

            let (code, _, complaints) = try await run(["serve", "--config", site.configuration])
            #expect(code == 1)
            #expect(complaints.count == 1)
            #expect(complaints.contains { $0.contains(site.database) && $0.contains("in use by another gateway") }, "\(complaints)")

            let other = try await run(
                ["serve", "--config", site.configuration],
                environment: ["HERMOD_SERVER_PORT": port, "HERMOD_DATABASE_URL": "sqlite:\(site.folder)/other.sqlite"])
            #expect(other.code == 1)
            #expect(
                other.complaints.contains {
                    $0.hasPrefix("hermod: can't listen on 127.0.0.1:\(port): the port is taken; ") && $0.contains("server.port")
                },
                "\(other.complaints)")
            #expect(try await first.stop() == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `config check names every fault of configuration, org files and credentials`() async throws {
        try await withConfiguration("server: { prot: 1 }\nretry: { cap: forever }\n") { site in
            try site.write(
                "orgs/a.yaml",
                "org: a\ncredentials:\n  - { provider: fcm, service_account: \"file:gone.json\" }\n  - { provider: expo, access_tokn: \"env:X\" }\n")
            let key = "-----BEGIN PRIVATE KEY-----\nbm90IGEga2V5\n-----END PRIVATE KEY-----\n"
            try site.write("orgs/k.p8", key)
            try site.write(
                "orgs/b.yaml",
                "org: b\ncredentials:\n  - { provider: apns, team_id: TEAM123456, key_id: KEY1234567, private_key: \"file:k.p8\", topic: t, environment: sandbox }\n"
            )
            let (code, _, complaints) = try await run(["config", "check", "--config", site.configuration])
            #expect(code == 1)
            for expected in [
                "server.prot", "retry.cap", "a.yaml:3: credentials[0].service_account", "a.yaml:4: credentials[1].access_tokn", "b/apns/main: ",
            ] {
                #expect(complaints.contains { $0.contains(expected) }, "\(expected) in \(complaints)")
            }
        }
        try await withConfiguration("") { site in
            try site.write("orgs/a.yaml", "org: a\ncredentials:\n  - { provider: expo }\n")
            let (code, output, complaints) = try await run(["config", "check", "--config", site.configuration])
            #expect(code == 0 && complaints == [])
            #expect(output == ["\(site.configuration): no faults; 2 orgs, 1 lane"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `migrate brings a database to the newest schema, once`() async throws {
        try await withConfiguration("") { site in
            let first = try await run(["migrate", "--config", site.configuration])
            #expect(first.code == 0)
            #expect(first.output.contains { $0.hasPrefix("\(site.database): applied 1, 2") }, "\(first.output)")
            let second = try await run(["migrate", "--config", site.configuration])
            #expect(second.code == 0 && second.output == ["\(site.database): nothing to do"])
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a faulty org file does not keep the others from being served, and readyz names it`() async throws {
        try await withConfiguration("server: { port: 0 }") { site in
            try site.write("orgs/a.yaml", "org: o\ncredentials: ]\n")
            let gateway = try await GatewayUnderTest.start(site)
            let ready = try await gateway.get("/readyz")
            #expect(ready.json["checks"]?["organisations"]?[0]?.string?.hasPrefix("a.yaml:2: is no valid YAML") == true, "\(ready.json.text)")
            #expect(gateway.program.complaints.contains { $0.contains("a.yaml:2: is no valid YAML") })
            #expect(try await gateway.stop() == 0)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the commands send, deliveries list and deliveries show talk to a running gateway`() async throws {
        try await withGateway { gateway, _, _ in
            let url = ["--url", gateway.address]
            let sent = try await run(["send", "--email", "ada@example.org", "--title", "Hello", "--body", "b"] + url)
            #expect(sent.code == 0)
            #expect(sent.output.count == 2 && sent.output.contains { $0.contains(" smtp a…@example.org delivered") }, "\(sent.output)")
            let failed = try await run(["send", "--email", "perm-fail@example.org", "--title", "Hello", "--body", "b"] + url)
            #expect(failed.code == 1)

            let list = try await run(["deliveries", "list"] + url)
            #expect(list.code == 0)
            #expect(list.output.count == 3)
            #expect(list.output.first?.hasPrefix("ID ") == true)
            let id = try #require(list.output.first { $0.contains(" failed ") }?.split(separator: " ").first.map(String.init))
            let show = try await run(["deliveries", "show", id] + url)
            #expect(show.code == 0)
            #expect(show.output.contains { $0.contains("attempt 1") && $0.contains("550") }, "\(show.output)")
            #expect(show.output.contains { $0.hasPrefix("lane org_demo/smtp/main: ") })

            let unknown = try await run(["deliveries", "show", "dlv_0000000000000000000000"] + url)
            #expect(unknown.code == 1)
            #expect(unknown.complaints.contains { $0.hasPrefix("hermod: the gateway answered 404: ") }, "\(unknown.complaints)")
            let nobody = try await run(["deliveries", "list", "--url", "http://127.0.0.1:1"])
            #expect(nobody.code == 1)
            #expect(nobody.complaints.contains { $0.hasPrefix("hermod: no gateway can be reached at http://127.0.0.1:1") }, "\(nobody.complaints)")
        }
    }
}
