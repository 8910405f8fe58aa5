import Domain
import Foundation
import Logging
import Settings
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

    /// Org files without a book around them.
    private struct FileCredentials: CredentialSource {
        let files: OrgFiles

        func versions(of lane: LaneKey) -> CredentialBook.Versions? { files.credential(for: lane).map { .init(current: $0) } }
        func fault(of lane: LaneKey) -> String? { files.fault(of: lane)?.description }
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
            let providers = LaneProviders(credentials: FileCredentials(files: orgs), time: SystemTime(), logger: logger) { _ in Recorder() }
            let first = try #require(providers.provider(for: lane) as? Recorder)
            #expect(providers.provider(for: lane) as? Recorder === first)
            #expect(providers.drop([lane]).isEmpty)
            #expect(providers.provider(for: lane) as? Recorder === first)
            #expect(providers.provider(for: LaneKey(orgID: "o", provider: .fcm, credential: "main")) == nil)
        }
    }

    @Test func `a changed credential gets a new provider, a removed one none`() async throws {
        try await withOrg("org: o\ncredentials:\n  - { provider: smtp, url: \"smtp://a\", from: a@a }\n") { orgs, write in
            let lane = LaneKey(orgID: "o", provider: .smtp, credential: "main")
            let providers = LaneProviders(credentials: FileCredentials(files: orgs), time: SystemTime(), logger: logger) { _ in Recorder() }
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
            let providers = LaneProviders(credentials: FileCredentials(files: orgs), time: SystemTime(), logger: logger) { _ in throw Broken() }
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
            let providers = LaneProviders(credentials: FileCredentials(files: orgs), time: SystemTime(), logger: logger) { _ in Recorder() }
            let provider = try #require(providers.provider(for: lane) as? Recorder)
            await providers.close()
            await providers.close()
            #expect(provider.closed.withLock { $0 } == 1)
        }
    }

    // MARK: Rotation

    /// Versions as a test sets them.
    private final class Shelf: CredentialSource {
        private let held = Mutex<CredentialBook.Versions?>(nil)
        func set(_ current: String, previous: String? = nil) {
            held.withLock { $0 = .init(current: Self.credential(current), previous: previous.map(Self.credential)) }
        }
        func remove() { held.withLock { $0 = nil } }
        func versions(of lane: LaneKey) -> CredentialBook.Versions? { held.withLock(\.self) }
        func fault(of lane: LaneKey) -> String? { nil }

        private static func credential(_ token: String) -> Credential {
            Credential(orgID: "o", name: "main", account: .expo(.init(accessToken: Secret(token))))
        }
    }

    /// One provider to a token; those of `refused` tokens refuse.
    private final class Workshop: Sendable {
        private let made = Mutex<[String: [Version]]>([:])

        final class Version: Provider {
            let name = ProviderName.expo
            let window = 1
            let isRefused: Bool
            let closed = Mutex(0)

            init(isRefused: Bool) { self.isRefused = isRefused }
            func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
                messages.map { _ in Outcome(verdict: isRefused ? .credentialRefused : .accepted, rule: isRefused ? "test.403" : "test.200") }
            }
            func close() async { closed.withLock { $0 += 1 } }
        }

        func make(_ credential: Credential) -> Version {
            guard case .expo(let account) = credential.account, let token = account.accessToken?.revealText() else { return Version(isRefused: true) }
            let version = Version(isRefused: token.hasPrefix("bad"))
            made.withLock { $0[token, default: []].append(version) }
            return version
        }

        func all(_ token: String) -> [Version] { made.withLock { $0[token] ?? [] } }
    }

    private var message: OutboundMessage {
        OutboundMessage(
            delivery: Delivery(
                id: .make(at: Timestamp(seconds: 0)), notificationID: "n", orgID: "o", userID: nil, lane: lane, target: Target(address: "t"),
                nextAttemptAt: Timestamp(seconds: 0), createdAt: Timestamp(seconds: 0)), content: Content(title: "t"))
    }

    @Test func `a rotation stands on both versions, tells of its fallback, and leaves each version its own provider to the end`() async throws {
        let shelf = Shelf()
        let workshop = Workshop()
        let lines = Lines()
        let providers = LaneProviders(credentials: shelf, time: SystemTime(), logger: lines.logger) { workshop.make($0) }
        shelf.set("old")
        #expect(providers.provider(for: lane) is Workshop.Version)
        shelf.set("bad new", previous: "old")
        #expect(providers.drop([lane]).isEmpty)
        let rotating = try #require(providers.provider(for: lane))
        let verdicts = [await rotating.send([message], deadline: .init(seconds: 0)), await rotating.send([message], deadline: .init(seconds: 0))]
        #expect(verdicts.map { $0[0].verdict } == [.refreshed(afterwards: .otherVersion), .accepted])
        #expect(providers.fallback(of: lane)?.kind == .fallback)
        #expect(providers.alarms(now: Timestamp(seconds: 0)).map(\.lane) == [lane])

        // A third version in the place of the bad one ends the fallback.
        shelf.set("good", previous: "old")
        let retired = providers.drop([lane])
        #expect(retired.count == 1 && retired.first as? Workshop.Version === workshop.all("bad new").first)
        #expect(providers.alarms(now: Timestamp(seconds: 0)).isEmpty)
        #expect(lines.all == ["credential has fallen back", "credential is no longer fallen back"])

        shelf.set("good")
        #expect(providers.drop([lane]).first as? Workshop.Version === workshop.all("old").first)
        #expect(providers.provider(for: lane) as? Workshop.Version === workshop.all("good").first)
        for token in ["old", "bad new", "good"] { #expect(workshop.all(token).count == 1) }
        shelf.remove()
        #expect(providers.drop([lane]).count == 1)
        #expect(providers.provider(for: lane) == nil)
    }

    @Test func `a new version that can't even be used falls back too`() async throws {
        let shelf = Shelf()
        let workshop = Workshop()
        let providers = LaneProviders(credentials: shelf, time: SystemTime(), logger: logger) { credential in
            if case .expo(let account) = credential.account, account.accessToken?.revealText() == "broken" { throw Broken() }
            return workshop.make(credential)
        }
        shelf.set("broken", previous: "old")
        let provider = try #require(providers.provider(for: lane))
        _ = await provider.send([message], deadline: .init(seconds: 0))
        #expect(await provider.send([message], deadline: .init(seconds: 0)).map(\.verdict) == [.accepted])
        #expect(providers.fallback(of: lane)?.message.contains("credential_unusable") == true)
    }

    /// What was logged.
    private final class Lines: Sendable {
        private let messages = Mutex<[String]>([])
        var all: [String] { messages.withLock(\.self) }
        var logger: Logger { Logger(label: "test") { [self] _ in Handler(lines: self) } }

        private struct Handler: LogHandler {
            let lines: Lines
            var metadata: Logger.Metadata = [:]
            var logLevel = Logger.Level.trace
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) { lines.messages.withLock { $0.append("\(event.message)") } }
        }
    }
}
