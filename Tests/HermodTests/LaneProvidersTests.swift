import Domain
import Foundation
import Logging
import Synchronization
import Testing
import Vault

@testable import Hermod

@Suite struct LaneProvidersTests {
    private final class Recorder: Provider {
        let name = ProviderName.expo
        let window = 1
        let closed = Mutex(0)

        func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] { [] }
        func close() async { closed.withLock { $0 += 1 } }
    }

    private struct Broken: Error, CustomStringConvertible {
        let description = "private_key: is no key. Use another."
    }

    private func withOrg(_ text: String, _ body: (OrgFiles, (String) throws -> Void) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hermod-lanes-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ text: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent("o.yaml")) }
        try write(text)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        try await body(OrgFiles(folder: folder.path, environment: [:], logger: logger), write)
    }

    private let lane = LaneKey(orgID: "o", provider: .expo, credential: "main")
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `a lane keeps its provider while its credential stays the same`() async throws {
        try await withOrg("org: o\ncredentials:\n  - { provider: expo }\n") { orgs, _ in
            let providers = LaneProviders(orgs: orgs, logger: logger) { _ in Recorder() }
            let first = try #require(providers.provider(for: lane) as? Recorder)
            #expect(providers.provider(for: lane) as? Recorder === first)
            let dropped = providers.drop([lane])
            #expect(dropped.count == 1 && dropped.first as? Recorder === first)
            #expect(providers.provider(for: lane) as? Recorder !== first)
            #expect(providers.provider(for: LaneKey(orgID: "o", provider: .fcm, credential: "main")) == nil)
        }
    }

    @Test func `a changed credential gets a new provider, a removed one none`() async throws {
        try await withOrg("org: o\ncredentials:\n  - { provider: smtp, url: \"smtp://a\", from: a@a }\n") { orgs, write in
            let lane = LaneKey(orgID: "o", provider: .smtp, credential: "main")
            let providers = LaneProviders(orgs: orgs, logger: logger) { _ in Recorder() }
            let first = providers.provider(for: lane) as? Recorder
            try write("org: o\ncredentials:\n  - { provider: smtp, url: \"smtp://b\", from: a@a }\n")
            orgs.reload()
            #expect(providers.provider(for: lane) as? Recorder !== first)
            let dropped = providers.drop([])
            #expect(dropped.count == 1 && dropped.first as? Recorder === first)
            try write("org: o\n")
            orgs.reload()
            #expect(providers.provider(for: lane) == nil)
        }
    }

    @Test func `a credential that can't be used holds its deliveries and says why`() async throws {
        try await withOrg("org: o\ncredentials:\n  - { provider: expo }\n  - { provider: fcm, service_account: \"file:gone\" }\n") { orgs, _ in
            let providers = LaneProviders(orgs: orgs, logger: logger) { _ in throw Broken() }
            let unusable = try #require(providers.provider(for: lane))
            let undeclared = try #require(providers.provider(for: LaneKey(orgID: "o", provider: .fcm, credential: "main")))
            for (provider, text) in [(unusable, "is no key"), (undeclared, "o.yaml:4: credentials[1].service_account")] {
                let outcomes = await provider.send([], deadline: Timestamp(seconds: 0))
                #expect(outcomes.isEmpty)
                let refusing = try #require(provider as? RefusingProvider)
                #expect(refusing.fault.contains(text))
            }
        }
    }

    @Test func `closing closes each provider once`() async throws {
        try await withOrg("org: o\ncredentials:\n  - { provider: expo }\n") { orgs, _ in
            let providers = LaneProviders(orgs: orgs, logger: logger) { _ in Recorder() }
            let provider = try #require(providers.provider(for: lane) as? Recorder)
            await providers.close()
            await providers.close()
            #expect(provider.closed.withLock { $0 } == 1)
        }
    }
}
