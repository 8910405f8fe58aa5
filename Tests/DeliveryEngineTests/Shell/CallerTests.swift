import Domain
import Storage
import Testing

@testable import DeliveryEngine

@Suite(.timeLimit(.minutes(1)))
struct CallerTests {
    let apns = ScriptedProvider(name: .apns, window: 1)
    let long = Duration.seconds(3_600)

    @Test func `a caller's time is over when it is over, and it gets what is known`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("slow")
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("fast"), .to("slow")])
                async let waited = engine.settled(sent, within: .seconds(3))
                // Ends of waiting are rounded up to 50 ms.
                await bench.clock.sleeper(until: .start + .milliseconds(3_050))
                _ = await engine.settled([sent[0]], within: long)
                bench.clock.advance(by: .milliseconds(3_050))
                #expect(await waited.map(\.tally.reached) == [1, 0])
                latch.open()
                #expect(await engine.settled(sent, within: long).map(\.tally.reached) == [1, 1])
            }
        }
    }

    @Test func `a caller that goes away cancels nothing`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("a")
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                let caller = Task { await engine.settled(sent, within: long) }
                caller.cancel()
                #expect(await caller.value[0].tally.reached == 0)
                latch.open()
                #expect(await engine.settled(sent, within: long)[0].tally.reached == 1)
            }
        }
    }

    @Test func `who asks after the settlement, or for what is settled, does not wait`() async throws {
        try await withBench([.apns: apns]) { bench in
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                _ = await engine.settled(sent, within: long)
                // The caller's copy is old; the engine has forgotten it; the database knows.
                #expect(await engine.settled(sent, within: long)[0].tally.reached == 1)
                let failed = try await engine.submit([
                    Draft(id: "notif_none", contract: .direct, orgID: "org", recipient: .user("nobody"), content: Content(title: "t"))
                ])
                #expect(await engine.settled(failed, within: long)[0].tally.status == .failed)
                #expect(try await bench.stores.notifications.get("notif_none", scope: .all)?.error == "The user has no active device token")
            }
        }
    }

    @Test func `a queued delivery that is cancelled is never sent, and its caller hears of it`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .deferred(Wait(retryAfter: .seconds(30))), rule: "test.503", status: 503))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                await bench.clock.sleeper(until: .start + .milliseconds(30_500))
                let delivery = try await bench.delivery(of: sent[0])
                async let waited = engine.settled(sent, within: long)
                await bench.clock.sleeper(until: .start + long + .milliseconds(50))
                #expect(try await engine.cancel(delivery.id, scope: .orgs(["other"])) == false)
                #expect(try await engine.cancel(delivery.id, scope: .orgs(["org"])))
                #expect(await waited[0].tally == Tally(targeted: 1, cancelled: 1))
                #expect(try await engine.cancel(delivery.id, scope: .all) == false)
                bench.clock.advance(by: .seconds(31))
                let after = try await engine.submit([.to("b")])
                _ = await engine.settled(after, within: long)
                #expect(apns.script.all.flatMap(\.addresses) == ["a", "b"])
            }
        }
    }

    @Test func `a failed delivery that an operator retries is sent at once`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", .gone)
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                _ = await engine.settled(sent, within: long)
                let delivery = try await bench.delivery(of: sent[0])
                #expect(try await engine.retry(delivery.id, scope: .all) == .queued)
                #expect(await engine.settled(sent, within: long)[0].tally == Tally(targeted: 1, reached: 1))
                #expect(try await engine.retry(delivery.id, scope: .all) == .notFailed)
            }
        }
    }

    @Test func `more drafts than may be under way at once are refused before anything is written`() async throws {
        try await withBench([.apns: apns], adjust: { $0.maxSubmitting = 3 }) { bench in
            let engine = bench.makeEngine()
            let latch = bench.faults.hold()
            // One call alone may exceed the bound.
            let drafts = (0..<10).map { Draft.to("\($0)") }
            async let first = engine.submit(drafts)
            await bench.faults.nextHeld()
            await #expect(throws: StorageError.overloaded) { try await engine.submit([.to("b")]) }
            latch.open()
            #expect(try await first.count == 10)
            let later = try await engine.submit([.to("b")])
            #expect(later.count == 1)
        }
    }
}
