import Domain
import Foundation
import MockProviders
import Testing

/// The README promises a call and its answer; both are taken from there and tried.
@Suite struct ReadmeTests {
    /// The first `sh` block that begins with `curl`, and the `json` block behind it.
    private static func example() throws -> (command: String, answer: JSON) {
        let text = try String(contentsOf: Program.package.appendingPathComponent("README.md"), encoding: .utf8)
        let command = try #require(text.split(separator: "```sh\n").dropFirst().first { $0.hasPrefix("curl ") }?.split(separator: "```").first)
        let rest = try #require(text.range(of: command)).upperBound
        let answer = try #require(text[rest...].split(separator: "```json\n").dropFirst().first?.split(separator: "```").first)
        return (String(command), try JSON(parsing: String(answer)))
    }

    @Test(.timeLimit(.minutes(1)))
    func `the call in the README answers as the README says`() async throws {
        let (command, expected) = try Self.example()
        #expect(command.contains("http://127.0.0.1:8080/"))
        try await withGateway { gateway, _, _ in
            let shell = try Program(path: "/bin/sh", ["-c", command.replacingOccurrences(of: "http://127.0.0.1:8080", with: gateway.address)])
            #expect(try await shell.exit() == 0, "\(shell.complaints)")
            let answer = try JSON(parsing: shell.lines.joined(separator: "\n"))
            #expect(Self.shape(answer) == Self.shape(expected), "\(answer.text)")
        }
    }

    /// The `sh` blocks of the section on the contracts, which claim to work beside `make run`.
    private static func calls() throws -> String {
        let text = try String(contentsOf: Program.package.appendingPathComponent("README.md"), encoding: .utf8)
        let section = try #require(text.split(separator: "\n## ").first { $0.hasPrefix("Five contracts") })
        let blocks = section.split(separator: "```sh\n").dropFirst().compactMap { $0.split(separator: "```").first }
        #expect(blocks.count == 4)
        return blocks.joined(separator: "\n")
    }

    @Test(.timeLimit(.minutes(1)))
    func `every command of the README's section on the contracts does what it is there for`() async throws {
        try await withGateway { gateway, mocks, site in
            try await gateway.register(DeliveryTests.expoToken, user: "ada", platform: "ios")
            try await gateway.importDevelopmentDirectory()
            let commands = try Self.calls()
                .replacing("http://127.0.0.1:8080", with: gateway.address)
                .replacing(".build/debug/hermod", with: Program.folder.appendingPathComponent("hermod").path)
                .replacing("config/development/hermod.yaml", with: site.configuration)
                .replacing("people.ndjson", with: "\(site.folder)/people.ndjson")
            // A call that is refused ends the script; each answer stands on a line of its own.
            let strict = "set -eu\ncurl() { command curl --silent --show-error --fail-with-body --write-out '\\n' \"$@\"; }\n"
            let port = try #require(gateway.address.split(separator: ":").last)
            let shell = try Program(
                path: "/bin/sh", ["-c", strict + commands], environment: site.environment.merging(["HERMOD_SERVER_PORT": String(port)]) { $1 })
            let code = try await shell.exit()
            #expect(code == 0, "\(shell.lines) \(shell.complaints)")
            let answers = shell.lines.compactMap { try? JSON(parsing: $0) }
            #expect(answers.count == 6)
            #expect(answers.first?["status"]?.string == "sent")
            #expect(answers.dropFirst().first?["data"]?["type"]?.string == "certification_reminder")
            #expect(answers.contains { $0["data"]?[0]?["read"] == false })
            #expect(answers.last?["peer_mentor_name"]?.string == "Sarah Chen" && answers.last?["total_events"] == 1)
            try await mocks.waitForMessages(MessageFilter(provider: .smtp))
            #expect(try await gateway.get("/api/v1/directory/users/alan").json["full_name"]?.string == "Alan")
        }
    }

    /// The value with what differs from call to call taken out: ids and times.
    private static func shape(_ json: JSON) -> JSON {
        switch json {
        case .object(let object):
            .object(
                JSONObject(
                    members: object.members.map { member in
                        let value = member.value
                        if value.isNull { return member }
                        // Ids keep their prefix; times and what the provider calls the message are any.
                        if member.key == "id" || member.key == "notification_id" {
                            return .init(key: member.key, value: .string(String((value.string ?? "").prefix { $0 != "_" })))
                        }
                        if member.key == "provider_message_id" || member.key.hasSuffix("_at") { return .init(key: member.key, value: "any") }
                        return .init(key: member.key, value: shape(value))
                    }))
        case .array(let elements): .array(elements.map(shape))
        case .null, .bool, .number, .string: json
        }
    }
}
