import ArgumentParser
import Domain
import Foundation
import Testing

@testable import Hermod

/// `hermod credentials`: what becomes of its options.
@Suite struct CredentialArgumentsTests {
    private static let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

    /// The body that the options make, in a folder with these files; `DIR` stands for the folder.
    private func body(
        _ provider: CredentialProvider, _ arguments: [String], environment: [String: String] = [:], files: [String: String] = [:]
    ) throws -> JSONObject {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-args-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        let members = try CredentialMembers.parse(arguments.map { $0.replacingOccurrences(of: "DIR", with: folder.path) })
        var secrets = SecretArguments(environment: environment)
        return try members.body(provider, &secrets)
    }

    private func fault(_ provider: CredentialProvider, _ arguments: [String], files: [String: String] = [:]) throws -> String {
        try #require(throws: StartFault.self) { try body(provider, arguments, files: files) }.description
    }

    @Test func `a provider's own files are known by what is in them`() throws {
        let key = try body(
            .apns,
            ["--from-file", "DIR/AuthKey_ABC1234567.p8", "--team-id", "DEF1234567", "--topic", "t", "--environment", "sandbox", "--app", "t.voip"],
            files: ["AuthKey_ABC1234567.p8": Self.pem])
        #expect(
            JSON.object(key) == [
                "private_key": .string(Self.pem), "key_id": "ABC1234567", "apps": ["t.voip"], "team_id": "DEF1234567", "topic": "t",
                "environment": "sandbox",
            ])
        // What is said goes before what the name says.
        let other = try body(
            .apns, ["--from-file", "DIR/AuthKey_ABC1234567.p8", "--key-id", "XYZ1234567"], files: ["AuthKey_ABC1234567.p8": Self.pem])
        #expect(other["key_id"] == "XYZ1234567")
        let named = try body(.apns, ["--private-key", "file:DIR/AuthKey_ABC1234567.p8"], files: ["AuthKey_ABC1234567.p8": Self.pem])
        #expect(named["key_id"] == "ABC1234567" && named["private_key"] == .string(Self.pem))
        let account = try body(.fcm, ["--from-file", "DIR/a"], files: ["a": " {\"project_id\": \"p\"}"])
        #expect(account["service_account"] == " {\"project_id\": \"p\"}")
        let certificate = try body(
            .apns, ["--from-file", "DIR/a.p12", "--certificate-password", "env:P12"], environment: ["P12": "pw"], files: ["a.p12": "0bytes"])
        #expect(certificate["certificate"] == "MGJ5dGVz" && certificate["certificate_password"] == "pw")
    }

    @Test func `mail's options become its members`() throws {
        let mail = try body(
            .smtp,
            [
                "--smtp-url", "smtp://h:25", "--tls", "none", "--username", "u", "--password", "file:DIR/pw", "--from", "D <a@b>", "--ehlo-name", "g",
                "--max-connections", "3", "--dkim", "b.example:one:file:DIR/k.pem", "--dkim", "b.example:two:env:KEY:ed25519-sha256",
            ], environment: ["KEY": "pem two"], files: ["pw": "secret\n", "k.pem": "pem one"])
        #expect(
            JSON.object(mail) == [
                "url": "smtp://h:25", "tls": "none", "username": "u", "from": "D <a@b>", "ehlo_name": "g", "max_connections": 3,
                "password": "secret\n",
                "dkim": [
                    ["domain": "b.example", "selector": "one", "private_key": "pem one"],
                    ["domain": "b.example", "selector": "two", "algorithm": "ed25519-sha256", "private_key": "pem two"],
                ],
            ])
    }

    @Test(arguments: [
        ["--access-token", "hunter2"], ["--password", "hunter2"], ["--private-key", "hunter2"], ["--certificate", "hunter2"],
        ["--certificate-password", "hunter2"], ["--service-account", "hunter2"], ["--dkim", "d:s:hunter2"],
    ])
    func `a secret on the command line is refused with the reason, and not repeated`(arguments: [String]) throws {
        let fault = try fault(.apns, arguments)
        #expect(fault.hasPrefix("\(arguments[0]) takes env:NAME, file:PATH or -") && fault.contains("list of processes"), "\(fault)")
        #expect(!fault.contains("hunter2"))
    }

    @Test func `a reference that leads nowhere is told with what to do`() throws {
        #expect(try fault(.expo, ["--access-token", "env:NOT_THERE"]).contains("the environment variable NOT_THERE is not set; export NOT_THERE"))
        #expect(try fault(.expo, ["--access-token", "file:DIR/gone"]).contains("gone can't be used: there is no such file"))
        #expect(try fault(.expo, ["--access-token", "file:DIR/empty"], files: ["empty": ""]) == "--access-token leads to something empty")
        #expect(try fault(.fcm, ["--from-file", "DIR/a"], files: ["a": "hello"]).contains("is neither an APNs key (.p8), nor"))
        #expect(
            try fault(.fcm, ["--from-file", "DIR/a", "--service-account", "file:DIR/a"], files: ["a": "{}"])
                == "--service-account and --from-file both give service_account; leave one out")
        #expect(try fault(.smtp, ["--dkim", "example.org:file:k.pem"]).hasPrefix("--dkim"))
    }

    @Test func `what a command is about is checked before anything is asked`() throws {
        let place = try CredentialPlace.parse(["--org", "org_a", "apns"])
        #expect(place.path == "/api/v1/orgs/org_a/credentials/apns/main" && place.text == "org_a/apns/main")
        for arguments in [["--org", "a b", "apns"], ["--org", "a", "apns", "b/c"], ["--org", "a", "pigeon"], ["apns"]] {
            #expect(throws: (any Error).self) { try CredentialPlace.parse(arguments) }
        }
    }

    @Test func `a table tells where each credential comes from, how it does and how long it lasts`() throws {
        let items = try JSON(
            parsing: """
                [{"org_id": "org_a", "provider": "apns", "name": "main", "source": "sealed", "file": null, "version": 2, "set_at": "2026-11-21T00:00:00Z",
                  "facts": {"topic": "com.example.app", "environment": "production"}, "days_left": 12, "warnings": ["It ends\\u001b[31m soon."],
                  "state": "fallback", "reason": "Version 2 is refused.", "next_probe_at": null, "previous": {"version": 1, "until": "2026-11-22T00:00:00Z"}},
                 {"org_id": "org_b", "provider": "smtp", "name": "main", "source": "file", "file": "b.yaml", "version": 1, "set_at": null,
                  "facts": {"from": "a@b.example", "url": "smtp://h:25"}, "days_left": null, "warnings": [], "state": "ok", "reason": null, "previous": null}]
                """)
        let lines = CredentialWords.table(items.array ?? []).split(separator: "\n", omittingEmptySubsequences: false)
        func words(_ line: Int) -> String { lines[line].split(separator: " ").joined(separator: " ") }
        #expect(words(0) == "ORG PROVIDER NAME SOURCE VERSION FOR STATE DAYS LEFT SET PREVIOUS")
        #expect(words(1) == "org_a apns main sealed 2 com.example.app, production fallback 12 2026-11-21T00:00:00Z 1 until 2026-11-22T00:00:00Z")
        #expect(words(2) == "org_b smtp main b.yaml 1 a@b.example, by smtp://h:25 ok - - -")
        #expect(lines[3] == "" && lines[4] == "org_a/apns/main: fallback: Version 2 is refused.")
        #expect(lines[5] == "org_a/apns/main: It ends [31m soon." && lines.count == 6)
    }
}
