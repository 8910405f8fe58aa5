import Domain
import Foundation
import MockProviders
import Testing

/// Why did it not arrive, and what then: by command line and REST, against the mock providers.
@Suite(.serialized) struct OperationTests {
    @Test(.timeLimit(.minutes(2)))
    func `the session on a message that did not arrive goes as the documentation shows it`() async throws {
        let document = try String(contentsOf: Program.package.appendingPathComponent("docs/operations.md"), encoding: .utf8)
        let transcript = Transcript(document, section: "Why did it not arrive?")
        try #require(transcript.steps.count > 10)
        try await withGateway(dispatch: "sync_wait: 2s") { gateway, _, site in
            try FileManager.default.createDirectory(atPath: "\(site.folder)/config", withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: site.configuration, toPath: "\(site.folder)/config/hermod.yaml")
            let port = try #require(gateway.address.split(separator: ":").last)
            let path = "\(Program.folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")"
            let played = try await transcript.play(
                in: site.folder,
                environment: ["PATH": path, "HERMOD_SERVER_PORT": String(port), "NO_PROXY": "*", "no_proxy": "*"],
                places: [("127.0.0.1:8080", "127.0.0.1:\(port)")])
            for (step, played) in zip(transcript.steps, played) {
                #expect(
                    played.output.map(Self.shape) == step.output.map(Self.shape), "$ \(step.command)\n\(played.output.joined(separator: "\n"))")
            }
        }
    }

    private static func shape(_ line: String) -> String { Transcript.shape(line.replacing(#/\b\d+ ms/#, with: "N ms")) }

    private func hermod(_ arguments: [String], _ gateway: GatewayUnderTest) async throws -> (code: Int32, lines: [String], complaints: [String]) {
        let program = try Program("hermod", ["deliveries"] + arguments + ["--url", gateway.address])
        let code = try await program.exit()
        return (code, program.lines, program.complaints)
    }

    @Test(.timeLimit(.minutes(1)))
    func `the commands say by their exit codes what became of it`() async throws {
        try await withGateway { gateway, mocks, _ in
            for number in 0..<3 {
                try await gateway.post(
                    "/api/v1/deliveries", ["to": ["token": .string("INVALID_ARGUMENT:x1:\(number)"), "platform": "android"], "title": "t"])
            }
            try await gateway.post("/api/v1/deliveries", ["to": ["email": "perm-fail@example.org"], "title": "t", "body": "b"])
            #expect(try await hermod(["retry"], gateway).code == 64)
            #expect(try await hermod(["retry", "--all", "--provider", "fcm"], gateway).code == 64)
            #expect(try await hermod(["retry", "--reason", "x", "dlv_1"], gateway).code == 64)
            let unasked = try await hermod(["retry", "--all"], gateway)
            #expect(unasked.code == 1 && unasked.complaints.last?.contains("--yes") == true)
            let dry = try await hermod(["retry", "--all", "--dry-run"], gateway)
            #expect(dry.code == 0 && dry.lines.contains("3 of 4 would be retried"))
            let retried = try await hermod(["retry", "--all", "--yes"], gateway)
            #expect(retried.code == 2)
            #expect(retried.lines == ["3 of 4 retried", "  1 left as they are: their address is on the suppression list"])
            _ = try await poll(within: .seconds(10)) {
                let list = try await gateway.get("/api/v1/deliveries?state=delivered")
                return list.json["data"]?.array?.count == 3 ? .found(()) : .notYet(list.text)
            }
            let nothing = try await hermod(["cancel", "--all", "--yes"], gateway)
            #expect(nothing.code == 0 && nothing.lines == ["nothing matches"])
            let csv = try await hermod(["export", "--format", "csv"], gateway)
            #expect(csv.code == 0 && csv.lines.count == 5 && csv.lines[0].hasPrefix("id,notification_id"))
            let faulty = try await hermod(["export", "--state", "lost"], gateway)
            #expect(faulty.code == 1 && faulty.lines == [] && faulty.complaints.last?.contains("422") == true)
            // Refused the first time, taken the second.
            #expect(mocks.count(MessageFilter(provider: .fcm)) == 3)
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `killed between its commit and its answer, a send is told by the repeat, and sent under one record`() async throws {
        try await withMockProviders { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.declareDemo(for: mocks)
                let body: JSON = ["to": ["token": .string(DeliveryTests.apnsToken), "platform": "ios"], "title": "once"]
                let headers = ["idempotency-key": "the-one", "content-type": "application/json"]
                let first = try await GatewayUnderTest.start(site)
                mocks.script(Script(provider: .apns, times: 1, answer: ScriptedAnswer(fault: .never)))
                async let lost = try? first.send("POST", "/api/v1/deliveries", body: body.bytes, headers: headers)
                try await mocks.waitForMessages(MessageFilter(provider: .apns))
                // It is on the wire, so it is committed; the caller waits for the outcome.
                let known = try await first.get("/api/v1/deliveries")
                let id = try #require(known.json["data"]?[0]?["notification_id"]?.string)
                first.program.signal(SIGKILL)
                try await first.program.exit()
                #expect(await lost == nil)

                let second = try await GatewayUnderTest.start(site)
                let repeated = try await second.send("POST", "/api/v1/deliveries", body: body.bytes, headers: headers)
                #expect([201, 202].contains(repeated.status) && repeated.json["id"]?.string == id)
                let delivery = try #require(repeated.json["deliveries"]?[0]?["id"]?.string)
                let story = try await second.delivery(delivery, in: ["delivered"])
                let events = (story["timeline"]?.array ?? []).compactMap { $0["event"]?.string }
                #expect(events == ["accepted", "queued", "handed_back", "attempt", "delivered"])
                let again = try await second.send("POST", "/api/v1/deliveries", body: body.bytes, headers: headers)
                #expect(again.json["id"]?.string == id && again.headers["idempotency-replayed"] == "true")
                #expect(try await second.get("/api/v1/deliveries").json["pagination"]?["total"] == 1)
                let other = try await second.post(
                    "/api/v1/deliveries", ["to": ["token": .string(DeliveryTests.apnsToken)], "title": "another"], headers: headers)
                #expect(other.status == 422)
                try await second.stop()
            }
        }
    }
}
