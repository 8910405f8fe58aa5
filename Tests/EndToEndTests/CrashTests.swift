import Domain
import Foundation
import MockProviders
import Testing

/// Accepted is durable: whatever ends the gateway, what it has answered for reaches the provider.
@Suite(.serialized) struct CrashTests {
    private var mocks: MockConfiguration {
        var configuration = MockConfiguration.ephemeral
        configuration.retention = 20_000
        return configuration
    }

    /// A little time at the provider keeps messages under way when the gateway dies.
    private let thoughtful = Script(answer: ScriptedAnswer(delay: .milliseconds(20)))

    @Test(.timeLimit(.minutes(3)))
    func `killed five times in the middle of 2,000 sends, it loses nothing and doubles only what was under way`() async throws {
        try await withMockProviders(mocks) { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.declareDemo(for: mocks)
                mocks.script(thoughtful)
                let crowd = Crowd()
                var underWay: Set<String> = []
                for _ in 0..<5 {
                    let gateway = try await GatewayUnderTest.start(site)
                    await crowd.send(to: gateway, until: 400) { gateway.program.signal(SIGKILL) }
                    try await gateway.program.exit()
                    underWay.formUnion(try site.targetsUnderWay())
                }
                let gateway = try await GatewayUnderTest.start(site)
                try await crowd.waitForAll(at: mocks, gateway)

                // One identity to a target: a message that came twice came under the same apns-id or Message-ID.
                var identities: [String: Set<String>] = [:]
                for message in mocks.messages() { identities[message.target, default: []].insert(message.identity ?? "none") }
                #expect(identities.values.allSatisfy { $0.count == 1 && !$0.contains("none") })
                let twice = mocks.duplicates.reduce(0) { $0 + $1.count - 1 }
                print(
                    "kill -9, five times: \(crowd.acceptedTargets.count) accepted, \(mocks.count()) received, \(twice) of them twice, under the same id"
                )
                // Only what the gateway had begun and not yet written down as settled when it died.
                #expect(Set(mocks.duplicates.map(\.target)).isSubset(of: underWay))
                // Once more for each time that the gateway died, at most.
                #expect(mocks.duplicates.allSatisfy { $0.count <= 6 })
                #expect(crowd.acceptedTargets.count >= 2_000)
                #expect(try await gateway.stop() == 0)
            }
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `asked to stop in the middle of sends, it loses nothing and doubles nothing`() async throws {
        try await withMockProviders(mocks) { mocks in
            try await withSite { site in
                try site.configure(for: mocks)
                try site.declareDemo(for: mocks)
                mocks.script(thoughtful)
                let crowd = Crowd()
                for _ in 0..<2 {
                    let gateway = try await GatewayUnderTest.start(site)
                    await crowd.send(to: gateway, until: 300) { gateway.program.signal(SIGTERM) }
                    #expect(try await gateway.program.exit() == 0)
                    #expect(try site.targetsUnderWay() == [])
                }
                mocks.removeScripts()
                let gateway = try await GatewayUnderTest.start(site)
                try await crowd.waitForAll(at: mocks, gateway)
                #expect(mocks.duplicates == [])
                #expect(try await gateway.stop() == 0)
            }
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a second signal ends it at once`() async throws {
        try await withMockProviders { mocks in
            try await withSite { site in
                try site.configure(for: mocks, dispatch: "drain: 30s")
                try site.declareDemo(for: mocks)
                mocks.script(Script(answer: ScriptedAnswer(fault: .never)))
                let gateway = try await GatewayUnderTest.start(site)
                try await gateway.post(
                    "/api/v1/deliveries", ["to": ["email": "ada@example.org"], "title": "t", "body": "b"], headers: ["prefer": "respond-async"])
                try await mocks.waitForMessages()
                gateway.program.signal(SIGTERM)
                try await gateway.program.complaint { $0.contains("stopping") }
                // One right behind the first is the same request, as a supervisor makes it that signals the process and its group.
                gateway.program.signal(SIGTERM)
                let start = ContinuousClock.now
                let impatience = Task {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .milliseconds(300))
                        gateway.program.signal(SIGTERM)
                    }
                }
                defer { impatience.cancel() }
                #expect(try await gateway.program.exit() == 128 + SIGTERM)
                #expect((.milliseconds(250) ... .seconds(5)).contains(ContinuousClock.now - start))
            }
        }
    }
}
