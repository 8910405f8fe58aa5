import Domain
import Storage
import Testing

@testable import DeliveryEngine

/// The machine's clock is set: by an operator, by a time server after a long outage.
@Suite(.timeLimit(.minutes(1)))
struct ClockTests {
    let apns = ScriptedProvider(name: .apns, window: 1)
    let hour = Duration.seconds(3_600)

    /// The watch looks every five seconds, and sleeps again when it is done.
    private func watchHasLooked(_ clock: HandClock, since moment: Timestamp) async {
        clock.advance(to: moment + .seconds(5))
        await clock.sleeper(until: moment + .seconds(10))
    }

    @Test func `a caller waits as long as it wants to, though the clock be set back meanwhile`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("slow")
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("slow")])
                async let waited = engine.settled(sent, within: .seconds(3))
                await bench.clock.sleeper(until: .start + .milliseconds(3_050))
                bench.clock.set(by: .zero - hour * 2)
                bench.clock.advance(by: .milliseconds(3_050))
                #expect(await waited.map(\.tally.reached) == [0])
                latch.open()
            }
        }
    }

    @Test func `a clock that is set back by two hours makes no retry two hours late`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .deferred(Wait(retryAfter: .seconds(30))), rule: "test.503", status: 503))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                // Up to the next second of jitter.
                await bench.clock.sleeper(until: .start + .milliseconds(30_500))
                bench.clock.set(by: .zero - hour * 2)
                let back = bench.clock.now
                await watchHasLooked(bench.clock, since: back)
                let queued = try await bench.delivery(of: sent[0])
                #expect(queued.nextAttemptAt == back + .milliseconds(30_500))
                bench.clock.advance(to: back + .milliseconds(30_500))
                #expect(await engine.settled(sent, within: hour)[0].tally.reached == 1)
            }
        }
    }

    @Test func `a lane that a refused credential has paused is probed in time, though the clock be set back meanwhile`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .credentialRefused, rule: "test.403", status: 403))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                await bench.clock.sleeper(until: .start + .seconds(30))
                bench.clock.set(by: .zero - hour * 2)
                let back = bench.clock.now
                await watchHasLooked(bench.clock, since: back)
                bench.clock.advance(to: back + .seconds(30))
                #expect(await engine.settled(sent, within: hour)[0].tally.reached == 1)
            }
        }
    }

    @Test func `what is scheduled while the clock is wrong for a moment is not late by the jump`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .deferred(Wait(retryAfter: .seconds(30))), rule: "test.503", status: 503))
            try await bench.withEngine { engine in
                bench.clock.set(by: hour * 2)
                let sent = try await engine.submit([.to("a")])
                // Ahead and back between two looks of the watch: what stands in the end is as if nothing had happened.
                await bench.clock.sleeper(until: .start + hour * 2 + .milliseconds(30_500))
                bench.clock.set(by: .zero - hour * 2)
                await watchHasLooked(bench.clock, since: .start)
                #expect(try await bench.delivery(of: sent[0]).nextAttemptAt == .start + .milliseconds(30_500))
                bench.clock.advance(to: .start + .milliseconds(30_500))
                #expect(await engine.settled(sent, within: hour)[0].tally.reached == 1)
            }
        }
    }

    @Test func `a clock that is set back by two hours while no gateway runs makes no retry two hours late`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .deferred(Wait(retryAfter: .seconds(30))), rule: "test.503", status: 503))
            let sent = try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                await bench.clock.sleeper(until: .start + .milliseconds(30_500))
                return sent
            }
            bench.clock.set(by: .zero - hour * 2)
            let back = bench.clock.now
            try await bench.withEngine { engine in
                let queued = try await bench.delivery(of: sent[0])
                #expect(queued.nextAttemptAt == back + .milliseconds(30_500))
                bench.clock.advance(to: back + .milliseconds(30_500))
                #expect(await engine.settled(sent, within: hour)[0].tally.reached == 1)
            }
        }
    }

    @Test func `a clock that went on while no gateway ran leaves waits as they are`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .deferred(Wait(retryAfter: .seconds(30))), rule: "test.503", status: 503))
            let sent = try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                await bench.clock.sleeper(until: .start + .milliseconds(30_500))
                return sent
            }
            bench.clock.advance(by: .seconds(1))
            try await bench.withEngine { _ in
                let queued = try await bench.delivery(of: sent[0])
                #expect(queued.nextAttemptAt == .start + .milliseconds(30_500))
            }
        }
    }
}
