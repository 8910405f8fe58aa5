import Foundation
import Testing

@testable import MockProviders

@Suite("Starting and stopping") struct StartTests {
    @Test func `a restarted mock believes in the same credentials under the same certificate`() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "mock-restart-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        var configuration = MockConfiguration.ephemeral
        configuration.caFile = directory.appending(path: "ca.pem").path
        configuration.keysDirectory = directory.path
        let token = try await withMockProviders(configuration) { try ClientCredentials(of: $0).providerToken() }
        let certificate = try String(contentsOf: directory.appending(path: "ca.pem"), encoding: .utf8)
        try await withMockProviders(configuration) { mocks in
            #expect(mocks.certificate == certificate)
            let answer = try await APNsTests.push(mocks, token: token)
            #expect(answer.status == 200)
            let access = try await FCMTests.accessToken(mocks)
            let sent = try await FCMTests.send(mocks, FCMTests.message(), token: access)
            #expect(sent.status == 200, "token_uri follows the port")
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.appending(path: "service-account.json").path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `a taken port is named together with its option`() async throws {
        try await withMockProviders { first in
            var configuration = MockConfiguration.ephemeral
            configuration.smtpPort = first.smtpPort
            let fault = await #expect(throws: SetUpFault.self) { try await withMockProviders(configuration) { _ in } }
            #expect(fault?.description.contains("127.0.0.1:\(first.smtpPort)") == true)
            #expect(fault?.description.contains("--smtp-port") == true)
        }
    }

    @Test func `a CA file that is none is left alone`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "not-a-ca-\(UUID().uuidString).pem")
        try Data("precious".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var configuration = MockConfiguration.ephemeral
        configuration.caFile = file.path
        let fault = await #expect(throws: SetUpFault.self) { try await withMockProviders(configuration) { _ in } }
        #expect(fault?.description.contains("--ca-file") == true)
        #expect(try String(contentsOf: file, encoding: .utf8) == "precious")
    }

    @Test func `waiting for messages that don't come ends in time and says how many came`() async throws {
        try await withMockProviders { mocks in
            _ = try await ExpoTests.send(mocks, #"{"to":"\#(Device.expo)","body":"x"}"#)
            let missing = await #expect(throws: NotEnoughMessages.self) {
                try await mocks.waitForMessages(count: 2, timeout: .milliseconds(50))
            }
            #expect(missing?.received == 1)
        }
    }

    @Test func `the executable says where it listens and ends on SIGTERM`() async throws {
        let built = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "mock-providers")
        let mock = try Child([built.path, "--http-port", "0", "--tls-port", "0", "--smtp-port", "0", "--smtps-port", "0", "--receipt-delay", "1s"])
        let line = await mock.firstLine()
        let http = try #require(
            line.firstMatch(of: /^mock-providers ready http=127\.0\.0\.1:(\d+) tls=\S+:\d+ smtp=\S+:\d+ smtps=\S+:\d+ ca=- keys=-/))
        let answer = try await Curl.run(ca: nil, ["http://127.0.0.1:\(http.1)/_mock/stats"])
        #expect(answer.status == 200)
        kill(mock.pid, SIGTERM)
        #expect(await mock.finish().exit == 0)
    }
}
