import Domain
import Foundation
import Testing

/// API keys and tokens as an operator meets them: the command line, a gateway that asks for credentials, the same database.
@Suite struct AccessTests {
    /// - Parameter lines: how many it says at least, on both streams; its end may be noticed before its last words.
    private func run(
        _ arguments: [String], environment: [String: String] = [:], lines: Int = 1
    ) async throws -> (code: Int32, output: [String], complaints: [String]) {
        let program = try Program("hermod", arguments, environment: environment)
        let code = try await program.exit()
        try await poll(within: .seconds(10)) {
            let said = program.lines + program.complaints
            return said.count >= lines ? .found(()) : .notYet("\(said)")
        }
        return (code, program.lines, program.complaints)
    }

    private func withSite(_ auth: String, _ body: (Site) async throws -> Void) async throws {
        try await EndToEndTests.withSite { site in
            try site.write(
                "hermod.yaml",
                """
                server: { port: 0 }
                orgs: { path: \(site.folder)/orgs }
                database: { url: "sqlite:\(site.database)" }
                log: { level: trace }
                \(auth)
                """)
            try await body(site)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `the first key is made before the gateway runs, others while it does, and revoking is noticed`() async throws {
        try await withSite("auth: { public: authenticated }") { site in
            let config = ["--config", site.configuration]
            let first = try await run(
                ["keys", "create", "--org", "org_default", "--role", "org_admin", "--role", "coordinator", "--expires", "90d", "--name", "first"]
                    + config, lines: 3)
            #expect(first.code == 0 && first.output.count == 1, "\(first.complaints)")
            let key = try #require(first.output.first)
            #expect(key.hasPrefix("hk_") && key.utf8.count == 47)
            #expect(!first.complaints.contains { $0.contains(key) })

            let gateway = try await GatewayUnderTest.start(site)
            #expect(gateway.program.lines.contains("authentication required; accepted: API key"))
            #expect(try await gateway.get("/api/v1/notifications").status == 401)
            #expect(try await gateway.send("GET", "/api/v1/keys", headers: ["authorization": "Bearer \(key)"]).status == 200)

            // By the commands that talk to it: environment, file, command line.
            let list = ["deliveries", "list", "--url", gateway.address]
            let refused = try await run(list)
            #expect(refused.code == 1 && refused.complaints.contains { $0.contains("answered 401") })
            #expect(try await run(list, environment: ["HERMOD_API_KEY": key]).code == 0)
            try site.write("key", key + "\n")
            #expect(try await run(list + ["--key-file", "\(site.folder)/key"]).code == 0)
            #expect(try await run(list + ["--key", key]).code == 0)

            // In the database that the gateway has at the moment.
            let second = try await run(["keys", "create", "--org", "org_default", "--contract", "push-service"] + config, lines: 3)
            let other = try #require(second.output.first)
            #expect(second.complaints.contains { $0.contains("no role, only for push-service, until it is revoked") })
            #expect(try await gateway.send("GET", "/api/v1/push-notifications", headers: ["authorization": "Bearer \(other)"]).status == 200)
            let table = try await run(["keys", "list"] + config, lines: 3)
            #expect(table.output.count == 3 && table.output.first?.hasPrefix("ID ") == true)
            #expect(table.output.last?.contains("coordinator,org_admin") == true && table.output.last?.hasSuffix("first") == true)
            #expect(!table.output.contains { $0.contains(key) || $0.contains(other) })
            let revoked = try await run(["keys", "revoke", String(other.prefix(11))] + config)
            #expect(revoked.code == 0 && revoked.output.first?.contains("is revoked since") == true)
            try await poll(within: .seconds(10)) {
                let answer = try await gateway.send("GET", "/api/v1/push-notifications", headers: ["authorization": "Bearer \(other)"])
                return answer.status == 401 ? .found(()) : .notYet(answer.json.text)
            }
            let unknown = try await run(["keys", "revoke", "hk_00000000"] + config)
            #expect(unknown.code == 1 && unknown.complaints == ["hermod: there is no such key; hermod keys list shows ids and prefixes"])
            #expect(try await gateway.stop() == 0)
            #expect(!gateway.program.complaints.contains { $0.contains(key) || $0.contains(other) })
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            (["--org", "o", "--role", "admin"], "must be one of coordinator, org_admin, global_admin"), (["--org", "a b"], "--org must be"),
            (["--org", "o", "--contract", "direct"], "--contract must be one of"), (["--org", "o", "--expires", "soon"], "--expires must be"),
            (["--org", "o", "--expires", "2020-01-31"], "--expires lies in the past"), ([], "--org"),
        ])
    func `a wish that makes no sense makes no key`(arguments: [String], expected: String) async throws {
        try await withSite("") { site in
            let (code, output, complaints) = try await run(["keys", "create"] + arguments + ["--config", site.configuration])
            #expect(code != 0 && output == [])
            #expect(complaints.contains { $0.contains(expected) }, "\(complaints)")
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a broken key set is told by config check, the log and readyz, and mended without a restart`() async throws {
        try await withSite("auth: { public: authenticated, jwt: { jwks: \"file:KEYS\" } }") { site in
            let text = try String(contentsOfFile: site.configuration, encoding: .utf8)
            try site.write("hermod.yaml", text.replacingOccurrences(of: "file:KEYS", with: "file:\(site.folder)/keys.json"))
            let check = try Program("hermod", ["config", "check", "--config", site.configuration])
            try await check.complaint { $0 == "hermod: auth.jwt.jwks: \(site.folder)/keys.json: there is no such file" }
            #expect(try await check.exit() == 1)
            let gateway = try await GatewayUnderTest.start(site)
            #expect(gateway.program.lines.contains("authentication required; accepted: API key or JWT (RS256, ES256)"))
            try await gateway.program.complaint { $0.contains("key set is faulty") && $0.contains("there is no such file") }
            // RFC 7515 appendix A.3.1's public key.
            try site.write(
                "keys.json",
                """
                {"keys": [{"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
                """)
            try await poll(within: .seconds(10)) {
                let ready = try await gateway.get("/readyz")
                return ready.json["checks"]?["tokens"] == "ok" ? .found(()) : .notYet(ready.json.text)
            }
            // RFC 7515 appendix A.3: its signature is good, its exp long past.
            let token =
                "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
                + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
            let answer = try await gateway.send("GET", "/api/v1/notifications", headers: ["authorization": "Bearer \(token)"])
            #expect(answer.status == 401 && answer.json["detail"] == "The token has expired (exp).", "\(answer.json.text)")
            #expect(try await gateway.stop() == 0)
            #expect(!gateway.program.complaints.contains { $0.contains("eyJ") })
        }
    }
}
