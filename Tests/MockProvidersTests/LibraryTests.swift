import Foundation
import MockProviders
import Testing

/// The library as others see it: no `@testable` here.
@Suite("As a library") struct LibraryTests {
    private func push(_ mocks: MockProviders, to device: String = Device.apns, run: String? = nil) async throws -> Int {
        let token = try ClientCredentials(of: mocks).providerToken()
        return try await Curl.run(
            ca: mocks.caFile,
            [
                "--http2", "-H", "authorization: bearer \(token)", "-H", "apns-topic: com.example.app", "-d", #"{"aps":{"alert":"Hello"}}"#,
                "-H", "x-mock-run:\(run.map { " \($0)" } ?? "")", "https://localhost:\(mocks.tlsPort)/3/device/\(device)",
            ]
        ).status
    }

    @Test func `a push is tried again`() async throws {
        try await withMockProviders { mocks in
            mocks.script(Script(provider: .apns, times: 1, answer: ScriptedAnswer(reason: "ServiceUnavailable")))
            // … send through https://localhost:\(mocks.tlsPort), trusting mocks.caFile, with the keys in mocks.keysDirectory …
            while try await push(mocks) == 503 {}
            let messages = try await mocks.waitForMessages(MessageFilter(provider: .apns), count: 1)
            #expect(messages.first?.header("apns-topic") == "com.example.app")
            #expect(mocks.duplicates.isEmpty)
        }
    }

    @Test func `scripts, chaos, devices and the clock are values and calls of each run`() async throws {
        try await withMockProviders { mocks in
            let night = mocks.run("night")
            night.setChaos(Chaos(seed: 1, fates: [.init(rate: 1, script: Script(provider: .apns, answer: ScriptedAnswer(reason: "Shutdown")))]))
            let fated = try await push(mocks, run: "night")
            #expect(fated == 503)
            night.setChaos(nil)
            night.setDevice(Device.apns, unregisteredAt: 1_700_000_000_000)
            #expect(try await push(mocks, run: "night") == 410)
            night.advanceClock(by: .seconds(7200))
            #expect(try await push(mocks, to: String(repeating: "ab", count: 32), run: "night") == 403)
            #expect(try await push(mocks) == 200)
            #expect(night.messages(MessageFilter(accepted: false)).map(\.reason) == ["Shutdown", "Unregistered", "ExpiredProviderToken"])
            #expect(night.count() == 0 && mocks.count() == 1)
            night.reset()
            #expect(try await push(mocks, run: "night") == 200)
        }
    }

    @Test func `the example of the README is the one tested here`() throws {
        let here = URL(fileURLWithPath: #filePath)
        let own = try String(contentsOf: here, encoding: .utf8)
        let readme = here.deletingLastPathComponent().appending(path: "../../Mocks/README.md")
        let blocks = try String(contentsOf: readme, encoding: .utf8).components(separatedBy: "```swift\n").dropFirst()
        let examples = blocks.compactMap { $0.components(separatedBy: "\n```").first }
        #expect(examples.count == 1)
        let lines = own.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        for line in examples.flatMap({ $0.split(separator: "\n") }).map({ $0.trimmingCharacters(in: .whitespaces) }) {
            #expect(lines.contains(line), "only in the README: \(line)")
        }
    }
}
