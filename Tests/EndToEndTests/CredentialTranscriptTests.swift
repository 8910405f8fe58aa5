import Domain
import Foundation
import MockProviders
import Testing

/// The documentation shows an operator at work on the credentials of two orgs while messages go out. All of it is typed and compared here.
@Suite struct CredentialTranscriptTests {
    @Test(.timeLimit(.minutes(4)))
    func `the session on credentials goes as the documentation shows it, and loses no message`() async throws {
        let document = try String(contentsOf: Program.package.appendingPathComponent("docs/operations.md"), encoding: .utf8)
        let transcript = Transcript(document, section: "Credentials")
        try #require(transcript.steps.count > 30 && transcript.scripts.count == 2)
        try await withSite { site in
            var configuration = MockConfiguration.ephemeral
            configuration.accounts = ["north", "south"]
            configuration.retention = 100_000
            configuration.caFile = "\(site.folder)/var/mock/ca.pem"
            configuration.keysDirectory = "\(site.folder)/var/mock"
            for folder in ["var/mock", "config"] {
                try FileManager.default.createDirectory(atPath: "\(site.folder)/\(folder)", withIntermediateDirectories: true)
            }
            try await withMockProviders(configuration) { mocks in
                try site.configure(for: mocks, more: "vault: { master_key: \"file:\(site.folder)/var/master.key\" }")
                try FileManager.default.copyItem(atPath: site.configuration, toPath: "\(site.folder)/config/hermod.yaml")
                for org in ["north", "south"] { try site.write("orgs/\(org).yaml", "org: org_\(org)\nname: \(org.capitalized)\n") }
                let gateway = try await GatewayUnderTest.start(site)
                let port = try #require(gateway.address.split(separator: ":").last)
                let path = "\(Program.folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
                let played = try await transcript.play(
                    in: site.folder, environment: ["PATH": path, "HERMOD_SERVER_PORT": String(port), "NO_PROXY": "*", "no_proxy": "*"],
                    places: [
                        ("127.0.0.1:8080", "127.0.0.1:\(port)"), ("127.0.0.1:9090", "127.0.0.1:\(mocks.httpPort)"),
                        ("localhost:9443", "localhost:\(mocks.tlsPort)"), ("localhost:2525", "localhost:\(mocks.smtpPort)"),
                        ("", ""),
                    ].filter { !$0.0.isEmpty })
                for (step, played) in zip(transcript.steps, played) {
                    #expect(
                        played.output.map { Transcript.shape($0.replacingOccurrences(of: site.folder + "/", with: "")) }
                            == step.output.map(Transcript.shape),
                        "$ \(step.command)\n\(played.output.joined(separator: "\n"))")
                }
                // The scripts ask the mock as a person would; here it is asked once more, by what they have noted.
                for org in ["north", "south"] {
                    let accepted = Set(try String(contentsOfFile: "\(site.folder)/org_\(org).accepted", encoding: .utf8).split(separator: "\n"))
                    let arrived = Set(mocks.messages(MessageFilter(org: org)).map(\.target))
                    #expect(accepted.count >= 100 && accepted.allSatisfy { arrived.contains(String($0)) })
                }
                #expect(try await gateway.stop() == 0)
                try Self.expectNoSecrets(in: gateway.program.complaints + gateway.program.lines + played.flatMap(\.output), mocks)
            }
        }
    }

    /// Nothing that either account shows at the providers stands in a log or on the terminal.
    private static func expectNoSecrets(in lines: [String], _ mocks: MockProviders) throws {
        for org in ["north", "south"] {
            let account = try mocks.account(org: org)
            let key = account.apnsPrivateKey.split(separator: "\n").dropFirst().first.map(String.init)
            for secret in [key, account.mailPassword, account.expoAccessToken].compactMap({ $0 }) {
                #expect(!lines.contains { $0.contains(secret) })
            }
        }
    }
}
