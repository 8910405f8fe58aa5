import Domain
import Storage
import Synchronization
import Testing

@testable import DeliveryEngine

@Suite(.timeLimit(.minutes(1)))
struct LifeTests {
    let apns = ScriptedProvider(name: .apns, window: 1)
    let long = Duration.seconds(3_600)

    @Test func `shutdown waits for what is under way and gives back what is not`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("a")
            let engine = bench.makeEngine()
            let life = Task { try await engine.run() }
            await bench.clock.sleeper(until: .start + .seconds(5))
            let sent = try await engine.submit([.to("a"), .to("b")])
            _ = try await apns.script.requests.next()
            life.cancel()
            // The drain has begun when its bound is set.
            await bench.clock.sleeper(until: .start + bench.configuration.drain)
            #expect(!engine.isReady)
            latch.open()
            try await life.value
            #expect(try await bench.delivery(of: sent[0]).state == .delivered)
            let waiting = try await bench.delivery(of: sent[1])
            #expect(waiting.state == .queued)
            #expect(waiting.attempts == 0)
            #expect(apns.script.all.count == 1)

            try await bench.withEngine { next in
                #expect(await next.settled(sent, within: long).allSatisfy { $0.tally.reached == 1 })
            }
            #expect(apns.script.all.flatMap(\.addresses) == ["a", "b"])
        }
    }

    @Test func `a request that hangs is cut off at the drain's bound, and its outcome written`() async throws {
        try await withBench([.apns: apns]) { bench in
            _ = apns.script.hold("a")
            let engine = bench.makeEngine()
            let life = Task { try await engine.run() }
            await bench.clock.sleeper(until: .start + .seconds(5))
            let sent = try await engine.submit([.to("a")])
            _ = try await apns.script.requests.next()
            life.cancel()
            await bench.clock.sleeper(until: .start + bench.configuration.drain)
            bench.clock.advance(by: bench.configuration.drain)
            try await life.value
            let delivery = try await bench.delivery(of: sent[0])
            #expect(delivery.state == .queued)
            #expect(delivery.attempts == 1)
            #expect(delivery.reason == "cancelled")
        }
    }

    @Test func `what is submitted before it serves or after it has ended is queued, and sent by the next`() async throws {
        try await withBench([.apns: apns]) { bench in
            let engine = bench.makeEngine()
            let early = try await engine.submit([.to("early")])
            #expect(try await bench.delivery(of: early[0]).state == .queued)
            #expect(await engine.settled(early, within: long).map(\.tally) == [Tally(targeted: 1)])
            let life = Task { try await engine.run() }
            await bench.clock.sleeper(until: .start + .seconds(5))
            _ = try await apns.script.requests.next()
            life.cancel()
            try await life.value
            let late = try await engine.submit([.to("late")])
            #expect(try await bench.delivery(of: late[0]).state == .queued)
            try await bench.withEngine { next in
                #expect(await next.settled(late, within: long)[0].tally.reached == 1)
            }
        }
    }

    @Test func `what a killed gateway held is sent after the restart, under the same id`() async throws {
        try await withBench([.apns: apns]) { bench in
            let dead = Lease(holder: "gw_dead")
            try await bench.stores.queue.renew(dead, until: .start + .seconds(60), now: .start)
            let held = message("a")
            let notification = Notification(
                id: "notif_a", orgID: "org", contract: .direct, userID: nil, content: held.content, createdAt: .start, tally: Tally(targeted: 1))
            try await bench.stores.queue.insert([NewNotification(notification: notification, deliveries: [held.delivery])], lease: dead)
            try await bench.withEngine { engine in
                #expect(await engine.settled([notification], within: long)[0].tally.reached == 1)
                #expect(apns.script.all.map(\.messages[0].delivery.id) == [held.delivery.id])
            }
        }
    }

    @Test func `among many gateways a dead one's deliveries are taken over when its lease is over`() async throws {
        try await withBench([.apns: apns], adjust: { $0.alone = false }) { bench in
            let dead = Lease(holder: "gw_dead")
            try await bench.stores.queue.renew(dead, until: .start + .seconds(25), now: .start)
            let held = message("a")
            let notification = Notification(
                id: "notif_a", orgID: "org", contract: .direct, userID: nil, content: held.content, createdAt: .start, tally: Tally(targeted: 1))
            try await bench.stores.queue.insert([NewNotification(notification: notification, deliveries: [held.delivery])], lease: dead)
            try await bench.withEngine { engine in
                await bench.clock.sleeper(until: .start + .milliseconds(28_500))
                #expect(apns.script.all.isEmpty)
                bench.clock.advance(by: .milliseconds(28_500))
                #expect(await engine.settled([notification], within: long)[0].tally.reached == 1)
            }
        }
    }

    @Test func `a result that can't be written is kept and written when the disk has room again`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("a")
            try await bench.withEngine { engine in
                let sent = try await engine.submit([.to("a")])
                _ = try await apns.script.requests.next()
                bench.faults.fail(.diskFull("no space left"))
                latch.open()
                await bench.faults.nextRefusal()
                #expect(try await bench.delivery(of: sent[0]).state == .sending)
                await #expect(throws: StorageError.self) { try await engine.submit([.to("b")]) }
                // The first pause before the write is repeated.
                await bench.clock.sleeper(until: .start + .milliseconds(100))
                bench.faults.fail(nil)
                bench.clock.advance(by: .milliseconds(100))
                #expect(await engine.settled(sent, within: long)[0].tally.reached == 1)
                #expect(try await bench.delivery(of: sent[0]).state == .delivered)
                #expect(apns.script.all.count == 1)
                #expect(engine.dispatcher.state.withLock(\.board.held) == 0)
            }
        }
    }

    @Test func `a lease that can't be renewed for its whole time stops the lanes until it can`() async throws {
        try await withBench([.apns: apns]) { bench in
            try await bench.withEngine { engine in
                bench.faults.fail(.locked("another process"))
                for renewal in 1...3 {
                    await bench.clock.sleeper(until: .start + .seconds(Int64(renewal) * 19))
                    #expect(engine.isReady)
                    bench.clock.advance(to: .start + .seconds(Int64(renewal) * 19))
                }
                await bench.clock.sleeper(until: .start + .seconds(76))
                #expect(!engine.isReady)
                bench.faults.fail(nil)
                let sent = try await engine.submit([.to("a")])
                #expect(try await bench.delivery(of: sent[0]).state == .queued)
                bench.clock.advance(to: .start + .seconds(76))
                #expect(await engine.settled(sent, within: long)[0].tally.reached == 1)
                #expect(engine.isReady)
            }
        }
    }
}
