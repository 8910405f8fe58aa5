import Domain
import Storage
import Testing

@testable import DeliveryEngine

@Suite(.timeLimit(.minutes(1)))
struct ReceiptTests {
    let expo = ScriptedProvider(name: .expo, batchLimit: 100, window: 6)
    let long = Duration.seconds(3_600)

    private func ticket(_ id: String) -> Outcome {
        Outcome(verdict: .awaitingReceipt, rule: "expo.ticket.ok", status: 200, providerMessageID: id)
    }

    /// Sends one message whose ticket is "t" and whose receipt is due at `.start` + 15 min.
    private func send(_ engine: DeliveryEngine, _ bench: Bench) async throws -> Notification {
        expo.script.answer("a", ticket("t"))
        let sent = try await engine.submit([.to("a", .expo)])
        let settled = await engine.settled(sent, within: long)
        #expect(settled[0].tally.reached == 1)
        #expect(try await bench.delivery(of: sent[0]).state == .sent)
        return sent[0]
    }

    @Test func `a receipt is asked for after its delay, and again until it comes`() async throws {
        try await withBench([.expo: expo]) { bench in
            try await bench.withEngine { engine in
                let sent = try await send(engine, bench)
                await bench.clock.sleeper(until: .start + .seconds(900))
                bench.clock.advance(to: .start + .seconds(900))
                #expect(try await expo.script.questions.next() == ["t"])
                await bench.clock.sleeper(until: .start + .seconds(1_200))
                #expect(try await bench.delivery(of: sent).state == .sent)
                expo.script.receipt("t", Outcome(verdict: .accepted, rule: "expo.receipt.ok", status: 200))
                bench.clock.advance(to: .start + .seconds(1_200))
                #expect(try await expo.script.questions.next() == ["t"])
            }
            let delivery = try await bench.stores.deliveries.list(.init(), page: .init(), scope: .all).elements.first
            #expect(delivery?.state == .delivered)
        }
    }

    @Test func `an open receipt is asked for after a restart`() async throws {
        try await withBench([.expo: expo]) { bench in
            let sent = try await bench.withEngine { try await send($0, bench) }
            bench.clock.advance(by: .seconds(1_000))
            expo.script.receipt(
                "t", Outcome(verdict: .recipientGone(asOf: nil), rule: "expo.receipt.gone", status: 200, reason: "DeviceNotRegistered"))
            try await bench.withEngine { _ in
                let question = try await expo.script.questions.next()
                #expect(question == ["t"])
            }
            let delivery = try await bench.delivery(of: sent)
            #expect(delivery.state == .failed)
            #expect(delivery.reason == "DeviceNotRegistered")
            #expect(try await bench.stores.notifications.get(sent.id, scope: .all)?.tally == Tally(targeted: 1, failed: 1))
        }
    }

    @Test func `a receipt that asks for another attempt gets one`() async throws {
        try await withBench([.expo: expo]) { bench in
            try await bench.withEngine { engine in
                let sent = try await send(engine, bench)
                _ = try await expo.script.requests.next()
                await bench.clock.sleeper(until: .start + .seconds(900))
                expo.script.receipt("t", Outcome(verdict: .deferred(Wait()), rule: "expo.receipt.rate", status: 200, reason: "MessageRateExceeded"))
                bench.clock.advance(to: .start + .seconds(900))
                // Half of the first second is the jitter's.
                await bench.clock.sleeper(until: .start + .milliseconds(900_500))
                bench.clock.advance(by: .milliseconds(500))
                #expect(try await expo.script.requests.next().addresses == ["a"])
                #expect(await engine.settled([sent], within: long)[0].tally.reached == 1)
                #expect(try await bench.delivery(of: sent).attempts == 2)
            }
        }
    }

    @Test func `a receipt that refuses the credential stops the lane and holds the delivery`() async throws {
        try await withBench([.expo: expo]) { bench in
            try await bench.withEngine { engine in
                let sent = try await send(engine, bench)
                await bench.clock.sleeper(until: .start + .seconds(900))
                expo.script.receipt("t", Outcome(verdict: .credentialRefused, rule: "expo.receipt.cred", status: 200, reason: "InvalidCredentials"))
                bench.clock.advance(to: .start + .seconds(900))
                await bench.clock.sleeper(until: .start + .seconds(930))
                #expect(
                    engine.state(of: .expo)?.condition
                        == .credentialRefused(reason: "InvalidCredentials", probeAt: .start + .seconds(930)))
                let delivery = try await bench.delivery(of: sent)
                #expect(delivery.state == .queued)
                #expect(delivery.heldAttempts == 1)
            }
        }
    }
}
