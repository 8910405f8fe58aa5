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
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", command.replacingOccurrences(of: "http://127.0.0.1:8080", with: gateway.address)]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            let bytes = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            let answer = try JSON(parsing: bytes)
            #expect(Self.shape(answer) == Self.shape(expected), "\(answer.text)")
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
