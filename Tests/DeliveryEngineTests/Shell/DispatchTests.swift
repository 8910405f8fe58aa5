import Domain
import Storage
import Synchronization
import Testing

@testable import DeliveryEngine

@Suite(.timeLimit(.minutes(1)))
struct DispatchTests {
    let apns = ScriptedProvider(name: .apns, window: 1)
    let long = Duration.seconds(3_600)

    @Test func `what finds room is inserted as sending, goes out without a claim, and is delivered`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("a")
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                _ = try await apns.script.requests.next()
                #expect(try await bench.delivery(of: sent[0]).state == .sending)
                latch.open()
                let settled = await engine.settled(sent, within: long)
                #expect(settled.map(\.tally) == [Tally(targeted: 1, reached: 1)])
                let delivery = try await bench.delivery(of: sent[0])
                #expect(delivery.state == .delivered)
                #expect(delivery.attempts == 1)
                #expect(try await bench.stores.notifications.get(sent[0].id, scope: .all)?.tally == Tally(targeted: 1, reached: 1))
            }
        }
    }

    @Test func `what finds no room waits on disk and is sent in its order`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("0")
            try await bench.withEngine { engine in
                var sent: [Notification] = []
                for index in 0..<100 {
                    sent += try await engine.submit([.to("\(index)")])
                    bench.clock.advance(by: .milliseconds(1))
                }
                #expect(engine.state(of: .apns)?.hasBacklog == true)
                #expect(try await bench.delivery(of: sent[99]).state == .queued)
                // Of high priority, which has a quarter more room.
                #expect(engine.dispatcher.state.withLock(\.board.held) == 40)
                latch.open()
                let settled = await engine.settled(sent, within: long)
                #expect(settled.allSatisfy { $0.tally.reached == 1 })
                #expect(apns.script.all.flatMap(\.addresses) == (0..<100).map(String.init))
                // The lane learns that nothing is left on disk by looking once more, which may be after the last has been settled.
                while engine.state(of: .apns)?.hasBacklog == true { await Task.yield() }
            }
        }
    }

    @Test func `messages of one batch travel together, those of another project apart`() async throws {
        let expo = ScriptedProvider(name: .expo, batchLimit: 100, window: 6)
        expo.script.answerUsually(.accepted)
        try await withBench([.expo: expo]) { bench in
            try await bench.withEngine { engine in
                let drafts = (0..<60).map { Draft.to("\($0)", .expo, collapseID: $0.isMultiple(of: 2) ? "even" : "odd") }
                let sent = try await engine.submit(drafts)
                _ = await engine.settled(sent, within: long)
                let requests = expo.script.all.map { Set($0.messages.map(\.content.collapseID)) }
                #expect(requests.count == 2)
                #expect(requests.allSatisfy { $0.count == 1 })
            }
        }
    }

    @Test func `a batch that was refused as such goes again in the groups that the provider names`() async throws {
        let expo = ScriptedProvider(name: .expo, batchLimit: 100, window: 6)
        for index in 0..<4 {
            let label = index < 2 ? "first" : "second"
            expo.script.answer("\(index)", Outcome(verdict: .split(label: label), rule: "test.split", status: 400))
        }
        try await withBench([.expo: expo]) { bench in
            try await bench.withEngine { engine in
                let sent = try await engine.submit((0..<4).map { .to("\($0)", .expo) })
                let settled = await engine.settled(sent, within: long)
                #expect(settled.allSatisfy { $0.tally.reached == 1 })
                #expect(expo.script.all.map(\.addresses).map(Set.init) == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"]])
                #expect(try await bench.delivery(of: sent[0]).heldAttempts == 1)
            }
        }
    }

    @Test func `a retry is made when it is due, and not before`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .deferred(Wait(retryAfter: .seconds(30))), rule: "test.503", status: 503, reason: "Busy"))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                // 30 s that the provider asks for, and half a second of jitter.
                let due = Timestamp.start + .milliseconds(30_500)
                await bench.clock.sleeper(until: due)
                let waiting = try await bench.delivery(of: sent[0])
                #expect(waiting.state == .queued)
                #expect(waiting.nextAttemptAt == due)
                #expect(waiting.error == "APNs could not take the message yet (Busy, 503)")
                bench.clock.advance(to: due - .microseconds(1))
                #expect(apns.script.all.count == 1)
                bench.clock.advance(to: due)
                let settled = await engine.settled(sent, within: long)
                #expect(settled[0].tally.reached == 1)
                #expect(apns.script.all.count == 2)
                #expect(apns.script.all[0].messages[0].delivery.id == apns.script.all[1].messages[0].delivery.id)
                let attempts = try await bench.stores.deliveries.attempts(of: waiting.id)
                #expect(attempts.map(\.number) == [1, 2])
                #expect(attempts.map(\.rule) == ["test.503", "test.ok"])
            }
        }
    }

    @Test func `what one version of a credential is refused goes out at once with the other, each attempt with its own rule`() async throws {
        let other = Outcome(verdict: .refreshed(afterwards: .otherVersion), rule: "test.403", status: 403, reason: "InvalidProviderToken")
        let stale = Outcome(verdict: .refreshed(afterwards: .credentialRefused), rule: "test.403.Expired", status: 403)
        try await withBench([.apns: apns]) { bench in
            // The other version's token may be stale: with it, this is a first attempt again.
            apns.script.answer("a", other, stale, .accepted)
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                let settled = await engine.settled(sent, within: long)
                #expect(settled[0].tally.reached == 1)
                #expect(engine.state(of: .apns)?.condition == .open)
                let delivery = try await bench.delivery(of: sent[0])
                #expect(delivery.attempts == 3 && delivery.heldAttempts == 2)
                let attempts = try await bench.stores.deliveries.attempts(of: delivery.id)
                #expect(attempts.map(\.rule) == ["test.403", "test.403.Expired", "test.ok"])
                #expect(attempts.map(\.outcome) == ["other_version", "refreshed", "accepted"])
            }
        }
    }

    @Test func `versions that pass a message on for ever cost patience and no more`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answerUsually(Outcome(verdict: .refreshed(afterwards: .otherVersion), rule: "test.403", status: 403))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                // Nine attempts at once, then a wait like any other: up to 256 s of jitter after the ninth.
                await bench.clock.sleeper(until: .start + .seconds(128))
                #expect(apns.script.all.count == 9)
                #expect(try await bench.delivery(of: sent[0]).state == .queued)
                #expect(engine.state(of: .apns)?.condition == .open)
            }
        }
    }

    @Test func `a refreshed token is tried again at once, in the same claim`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .refreshed(afterwards: .credentialRefused), rule: "test.403.Expired", status: 403))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                let settled = await engine.settled(sent, within: long)
                #expect(settled[0].tally.reached == 1)
                let delivery = try await bench.delivery(of: sent[0])
                #expect(delivery.attempts == 2)
                #expect(delivery.heldAttempts == 1)
            }
        }
    }

    @Test func `a device that is gone fails its delivery, in words`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", .gone)
            try await bench.withEngine { engine in
                let settled = await engine.settled(try await engine.submit([.to("a")]), within: long)
                #expect(settled[0].tally == Tally(targeted: 1, failed: 1))
                #expect(settled[0].error == "Device is no longer registered (Unregistered, 410)")
            }
        }
    }

    @Test func `an outcome that can't be known is not sent again`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer("a", Outcome(verdict: .unknown(resend: false), rule: "test.garbled", reason: "no_json"))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                #expect(await engine.settled(sent, within: long)[0].tally.failed == 1)
                let delivery = try await bench.delivery(of: sent[0])
                #expect(delivery.reason == "outcome_unknown")
                #expect(apns.script.all.count == 1)
            }
        }
    }

    @Test func `what expired while it waited is never sent`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("a")
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a"), .to("b", expiresAt: .start + .seconds(4)), .to("c")])
                _ = try await apns.script.requests.next()
                bench.clock.advance(by: .milliseconds(4_500))
                latch.open()
                let settled = await engine.settled(sent, within: long)
                #expect(settled.map(\.tally.failed) == [0, 1, 0])
                #expect(apns.script.all.flatMap(\.addresses) == ["a", "c"])
                let delivery = try await bench.delivery(of: sent[1])
                #expect(delivery.reason == "expired")
                #expect(delivery.attempts == 0)
            }
        }
    }

    @Test func `an attempt ends with the message's deadline where that comes first`() async throws {
        try await withBench([.apns: apns]) { bench in
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a", expiresAt: .start + .seconds(9)), .to("b")])
                _ = await engine.settled(sent, within: long)
                #expect(apns.script.all.map(\.deadline) == [.start + .seconds(9), .start + .seconds(30)])
            }
        }
    }

    @Test func `a lane whose credential is refused does not touch another, and goes on when the credential is changed`() async throws {
        let other = LaneKey(orgID: "org", provider: .fcm, credential: "main")
        let fcm = ScriptedProvider(name: .fcm)
        try await withBench([.apns: apns, other: fcm]) { bench in
            apns.script.answerUsually(.refused)
            try await bench.withEngine { engine in
                let held = try await engine.submit([.to("a"), .to("b")])
                _ = try await apns.script.requests.next()
                await bench.clock.sleeper(until: .start + .seconds(30))
                let free = try await engine.submit([.to("x", .fcm)])
                #expect(await engine.settled(free, within: long)[0].tally.reached == 1)
                #expect(
                    engine.state(of: .apns)?.condition
                        == .credentialRefused(reason: "InvalidProviderToken", probeAt: .start + .seconds(30)))
                #expect(try await bench.delivery(of: held[0]).state == .queued)
                #expect(engine.state(of: other)?.condition == .open)

                apns.script.answerUsually(.accepted)
                engine.credentialsChanged([.apns])
                #expect(await engine.settled(held, within: long).allSatisfy { $0.tally.reached == 1 })
                #expect(try await bench.delivery(of: held[0]).heldAttempts == 1)
                #expect(engine.state(of: .apns)?.condition == .open)
            }
        }
    }

    @Test func `a device that has had too many waits on disk with its reason, costs no attempts, and holds up nobody`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answer(
                "busy",
                Outcome(
                    verdict: .deferred(Wait(retryAfter: .seconds(20), scope: .target)), rule: "test.429.TooManyRequests", status: 429,
                    reason: "TooManyRequests"))
            try await bench.withEngine { engine in
                let refused = try await engine.submit([.to("busy")])
                _ = try await apns.script.requests.next()
                await bench.clock.sleeper(until: .start + .milliseconds(20_500))
                let held = try await engine.submit([.to("busy")])
                let free = try await engine.submit([.to("free")])
                #expect(await engine.settled(free, within: long)[0].tally.reached == 1)
                // It has been let go of when the alarm for it is set.
                await bench.clock.sleeper(until: .start + .seconds(20))
                let waiting = try await bench.delivery(of: held[0])
                #expect(waiting.state == .queued && waiting.attempts == 0 && waiting.nextAttemptAt == .start + .seconds(20))
                #expect(waiting.reason == "TooManyRequests" && waiting.error?.hasPrefix("APNs asked for fewer messages to this device") == true)
                #expect(engine.state(of: .apns)?.condition == .open)
                #expect(apns.script.all.count == 2)

                bench.clock.advance(to: .start + .milliseconds(20_600))
                #expect(await engine.settled(held + refused, within: long).allSatisfy { $0.tally.reached == 1 })
                let delivery = try await bench.delivery(of: held[0])
                #expect(delivery.attempts == 1 && delivery.error == nil)
            }
        }
    }

    @Test func `tokens that died before the guard rail tripped are active again`() async throws {
        let provider = ScriptedProvider(name: .apns, window: 1)
        provider.script.answerUsually(.suspect)
        provider.script.answer("gone", .gone)
        try await withBench([.apns: provider]) { bench in
            for name in ["gone"] + (0..<24).map({ "\($0)" }) {
                _ = try await bench.stores.tokens.register(
                    DeviceToken(
                        id: "dt_\(name)", orgID: "org", userID: "ada", token: name, platform: .ios, provider: .apns,
                        registeredAt: .start - .seconds(9)))
            }
            let draft = Draft(id: "notif_all", contract: .direct, orgID: "org", recipient: .user("ada"), content: Content(title: "x"))
            let engine = try await bench.withEngine { engine in
                _ = try await engine.submit([draft])
                await bench.clock.sleeper(until: .start + .seconds(30))
                return engine
            }
            let state = engine.state(of: .apns)
            let dead = try await bench.stores.deliveries.deliveries(of: [draft.id], scope: .all).filter { $0.state == .failed }
            // What Apple is sure of stays dead.
            let isGone = dead.contains { $0.target.address == "gone" }
            let revived = try #require(state?.guardRail?.revived)
            #expect(revived > 0 && revived == dead.count - (isGone ? 1 : 0))
            #expect(state?.alarm?.message.contains("\(revived) that had been are active again") == true)
            let active = try await bench.stores.tokens.active(userID: "ada", scope: .all)
            #expect(active.count == (isGone ? 24 : 25))
        }
    }

    @Test func `a wrong credential that looks like bad tokens kills at most nineteen of them`() async throws {
        let provider = ScriptedProvider(name: .apns, window: 1)
        provider.script.answerUsually(.suspect)
        try await withBench([.apns: provider]) { bench in
            try await bench.withEngine { engine in
                let sent = try await engine.submit((0..<30).map { .to("\($0)") })
                await bench.clock.sleeper(until: .start + .seconds(30))
                let deliveries = try await bench.stores.deliveries.deliveries(of: sent.map(\.id), scope: .all)
                #expect(deliveries.count { $0.state == .failed } == 19)
                #expect(deliveries.count { $0.state != .failed } == 11)
                #expect(provider.script.all.count == 20)
            }
        }
    }

    @Test func `a provider that gives the wrong number of outcomes loses nothing silently`() async throws {
        struct Miscounting: Provider {
            var name: ProviderName { .apns }
            var window: Int { 1 }
            func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] { [] }
        }
        struct Directory: ProviderDirectory {
            func provider(for lane: LaneKey) -> (any Provider)? { Miscounting() }
        }
        try await withBench([.apns: apns]) { bench in
            let engine = bench.makeEngine(providers: Directory())
            let life = Task { try await engine.run() }
            await bench.clock.sleeper(until: .start + .seconds(5))
            let sent = try await engine.submit([.to("a")])
            #expect(await engine.settled(sent, within: long)[0].tally.failed == 1)
            life.cancel()
            try await life.value
        }
    }
}
