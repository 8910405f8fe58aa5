import Domain
import Foundation
import MockProviders
import Testing
import Vault

/// What a gateway was given in confidence stands in nothing that it prints, answers or stores.
@Suite struct SecrecyTests {
    private static let path = "/api/v1/deliveries"

    @Test func `no secret is printed, answered or stored, whatever goes wrong with it`() async throws {
        try await withMockProviders(.ephemeral) { mocks in
            try await withSite { site in
                var site = site
                let key = try await SealedSite(site, mocks).generateKey("k1")
                site.environment = ["HERMOD_MASTER_KEY": key, "EXPO_SECRET": "expo-secret-4711", "SMTP_SECRET": "mail-secret-4712"]
                try site.configure(for: mocks)
                let text = try String(contentsOfFile: site.configuration, encoding: .utf8)
                try site.write("hermod.yaml", text.replacing("level: notice", with: "level: trace"))
                try FileManager.default.createDirectory(atPath: "\(site.folder)/given", withIntermediateDirectories: true)
                try site.write("given/older", "expo-secret-4713")
                try site.write(
                    "orgs/demo.yaml",
                    """
                    org: org_demo
                    credentials:
                      - { provider: expo, access_token: "env:EXPO_SECRET", previous: { access_token: "file:../given/older" } }
                      - { provider: smtp, name: refused, url: "smtp://localhost:\(mocks.smtpPort)", username: mock, password: "env:SMTP_SECRET",
                          from: "Demo <no-reply@example.org>" }
                    """)
                let pem = try String(contentsOfFile: "\(mocks.keysDirectory ?? "")/AuthKey_MOCKKEY001.p8", encoding: .utf8)
                let sealed = SealedSite(site: site, masterKeys: "env:HERMOD_MASTER_KEY")
                try await sealed.withBook { book in
                    try await sealed.sealDemo(for: mocks, into: book)
                    for token in ["expo-secret-4714", "expo-secret-4715"] {
                        let credential = Credential(orgID: "org_demo", name: "second", account: .expo(ExpoAccount(accessToken: Secret(token))))
                        _ = try await book.set(credential, facts: CredentialFacts(fingerprint: "f"), by: "test")
                    }
                }

                let gateway = try await GatewayUnderTest.start(site)
                var answers: [JSON] = []
                for (to, credential) in [
                    (["token": .string(String(repeating: "ab", count: 32)), "platform": "ios"], nil), (["email": "a@example.org"], "main"),
                    (["email": "a@example.org"], "refused"), (["token": "ExponentPushToken[secrecy]", "platform": "ios"], "second"),
                    (["token": "ExponentPushToken[secrecy]", "platform": "ios"], "main"),
                ] as [(JSONObject, String?)] {
                    var body: JSONObject = ["to": .object(to), "title": "t", "body": "b"]
                    if let credential { body["credential"] = .string(credential) }
                    answers.append(try await gateway.post(Self.path, .object(body), headers: ["prefer": "respond-async"]).json)
                }
                answers += try await setByREST(gateway, mocks)
                // The relay has to have seen the wrong password and refused it.
                try await poll(within: .seconds(20)) { () -> Poll<Void> in
                    let list = try await gateway.get("\(Self.path)?provider=smtp").json
                    let attempts = list["data"]?.array?.compactMap { $0["attempts"]?.integer } ?? []
                    return attempts.count == 2 && attempts.allSatisfy { $0 > 0 } ? .found(()) : .notYet(list.text)
                }
                for path in [
                    "/healthz", "/readyz", "/metrics", "/openapi.json", Self.path, "/api/v1/orgs/org_demo/credentials", "/api/v1/suppressions",
                ] {
                    answers.append(try await gateway.get(path).json)
                }
                for entry in try await gateway.get(Self.path).json["data"]?.array ?? [] {
                    answers.append(try await gateway.get("\(Self.path)/\(entry["id"]?.string ?? "")").json)
                }
                let stored = try FileManager.default.contentsOfDirectory(atPath: site.folder).filter { $0.hasPrefix("hermod.sqlite") }
                #expect(stored.contains("hermod.sqlite-wal"))
                var haystacks = try stored.map { name in (name, try Data(contentsOf: URL(fileURLWithPath: "\(site.folder)/\(name)"))) }
                #expect(try await gateway.stop() == 0)
                for command in ["status", "rotate-master"] {
                    let run = try await sealed.run("vault", command)
                    haystacks.append((command, Data((run.output + run.complaints).utf8)))
                }
                haystacks.append(("log", Data((gateway.program.lines + gateway.program.complaints).joined(separator: "\n").utf8)))
                haystacks.append(("answers", Data(answers.map(\.text).joined(separator: "\n").utf8)))
                haystacks.append(("database", try Data(contentsOf: URL(fileURLWithPath: site.database))))

                let password = try String(contentsOfFile: "\(mocks.keysDirectory ?? "")/smtp-password", encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
                let pemLine = try #require(pem.split(separator: "\n").first { !$0.hasPrefix("-") })
                let secrets = [
                    String(key.dropFirst("k1:".count)), "expo-secret-4711", "mail-secret-4712", "expo-secret-4713", "expo-secret-4714",
                    "expo-secret-4715",
                    password, String(pemLine),
                ]
                #expect(haystacks.allSatisfy { !$0.1.isEmpty })
                for secret in secrets {
                    for needle in Self.spellings(of: secret) {
                        for (name, bytes) in haystacks {
                            #expect(bytes.range(of: Data(needle.utf8)) == nil, "\(name) holds a secret that begins with \(secret.prefix(3))")
                        }
                    }
                }
                // And that the search finds what is there.
                #expect(haystacks.contains { $0.1.range(of: Data("org_demo".utf8)) != nil })
            }
        }
    }

    /// Set, rotated, verified and refused over REST: every way in has an answer that could repeat what came in.
    private func setByREST(_ gateway: GatewayUnderTest, _ mocks: MockProviders) async throws -> [JSON] {
        let url = JSON.string("smtp://localhost:\(mocks.smtpPort)")
        let wishes: [(String, String, JSON, ClosedRange<Int>)] = [
            ("PUT", "smtp/rest", ["url": url, "username": "mock", "password": "rest-secret-4716", "from": "a@example.org"], 201...201),
            ("POST", "smtp/rest/rotate", ["url": url, "username": "mock", "password": "rest-secret-4717", "from": "a@example.org"], 200...201),
            ("POST", "smtp/rest/verify", [:], 200...599),
            ("PUT", "apns/bad", ["private_key": "rest-secret-4718", "team_id": "rest-secret-4719", "topic": "t"], 422...422),
            ("PUT", "expo/bad", ["acess_token": "rest-secret-4718", "access_token": ["rest-secret-4719"]], 422...422),
        ]
        var answers: [JSON] = []
        for (method, path, body, expected) in wishes {
            let answer = try await gateway.send(
                method, "/api/v1/orgs/org_demo/credentials/\(path)", body: body.bytes, headers: ["content-type": "application/json"])
            #expect(expected.contains(answer.status), "\(method) \(path): \(answer.status)")
            answers.append(answer.json)
        }
        return answers
    }

    /// As it is, in base64 without what its neighbours decide, and in hex.
    private static func spellings(of secret: String) -> [String] {
        let bytes = Data(secret.utf8)
        return [secret, String(bytes.base64EncodedString().dropLast(4)), bytes.map { String(format: "%02x", $0) }.joined()]
    }
}
