import Domain
import Storage
import Testing

@testable import DeliveryEngine

@Suite(.timeLimit(.minutes(1)))
struct CountTests {
    let apns = ScriptedProvider(name: .apns, window: 1)
    let long = Duration.seconds(3_600)

    @Test func `attempts are counted by what they came to, deliveries by how they ended`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("twice", Outcome(verdict: .refreshed(afterwards: .deferred), rule: "test.503", status: 503))
            apns.script.answer("gone", .gone)
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("well"), .to("twice"), .to("gone"), .to("nowhere", .fcm)])
                _ = await engine.settled(sent, within: long)
                let counts = engine.counts
                #expect(counts.attempts(.apns, .accepted) == 2 && counts.attempts(.apns, .refreshed) == 1)
                #expect(counts.attempts(.apns, .recipientGone) == 1 && counts.attempts(.fcm, .accepted) == 0)
                #expect(counts.settled(.apns, .delivered) == 2 && counts.settled(.apns, .failed) == 1)
                // Failed at intake, for want of a credential.
                #expect(counts.settled(.fcm, .failed) == 1)
                #expect(counts.latency(.apns).count == 2 && counts.latency(.apns).counts.first == 2)
            }
        }
    }

    @Test func `what is cancelled, and what expires on disk, is counted too`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("first")
            try await bench.withEngine { engine in
                _ = try await engine.submit([.to("first")])
                _ = try await apns.script.requests.next()
                bench.clock.advance(by: .milliseconds(1))
                // Without room, so that they wait on disk.
                let drafts = (0..<40).map { Draft.to("\($0)", priority: .normal, expiresAt: $0 == 39 ? .start + .seconds(3) : nil) }
                let sent = try await engine.submit(drafts)
                let withdrawn = try await bench.delivery(of: sent[38])
                let isCancelled = try await engine.cancel(withdrawn.id, scope: .all)
                #expect(isCancelled)
                #expect(engine.counts.settled(.apns, .cancelled) == 1)
                await bench.clock.sleeper(until: .start + .seconds(5))
                bench.clock.advance(to: .start + .seconds(5))
                let expired = await engine.settled([sent[39]], within: long)
                #expect(expired[0].tally.failed == 1)
                #expect(engine.counts.settled(.apns, .failed) == 1)
                latch.open()
            }
        }
    }

    @Test func `a duration falls below the first bound that it does not exceed`() {
        var histogram = LatencyHistogram()
        for milliseconds in [-5, 0, 5, 6, 7_200_000, 7_200_001] { histogram.record(.milliseconds(milliseconds)) }
        #expect(histogram.counts[0] == 3 && histogram.counts[1] == 1)
        #expect(histogram.counts.suffix(2) == [1, 1] && histogram.count == 6)
        #expect(histogram.sum == .milliseconds(14_400_012))
        #expect(LatencyHistogram.bounds == LatencyHistogram.bounds.sorted())
    }
}
