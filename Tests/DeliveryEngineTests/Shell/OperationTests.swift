import Domain
import Storage
import Testing

@testable import DeliveryEngine

/// Retry and cancel of many, beside running sends.
struct OperationTests {
    private let apns = ScriptedProvider(name: .apns)
    private let long: Duration = .seconds(10)

    private func operate(
        _ operation: DeliveryOperation, _ engine: DeliveryEngine, limit: Int = 10_000, after: Identifier? = nil, isDry: Bool = false
    ) async throws -> OperationReport {
        try await engine.operate(operation, on: DeliveryFilter(), after: after, limit: limit, isDry: isDry, scope: .all, by: "op")
    }

    @Test func `all that failed goes out again at once, and a dry run says so beforehand and does nothing`() async throws {
        try await withBench([.apns: apns]) { bench in
            apns.script.answerUsually(.gone)
            try await bench.withEngine { engine in
                let drafts = (0..<700).map { Draft.to("t\($0)") }
                let sent = try await engine.submit(drafts)
                _ = await engine.settled(sent, within: long)
                apns.script.answerUsually(.accepted)
                let dry = try await operate(.retry, engine, isDry: true)
                #expect(dry.matched == 700 && dry.eligible == 700 && dry.changed == 0 && dry.next == nil)
                #expect(dry.groups == [.init(state: .failed, provider: .apns, reason: "Unregistered"): 700])
                #expect(dry.sample.count == 5 && dry.sample.allSatisfy { $0.state == .failed })
                #expect(apns.script.all.flatMap(\.addresses).count == 700)
                let first = try await operate(.retry, engine, limit: 300)
                #expect(first.matched == 300 && first.changed == 300 && first.next != nil)
                let rest = try await operate(.retry, engine, after: first.next)
                #expect(rest.changed == 400 && rest.next == nil)
                let settled = await engine.settled(sent, within: long)
                #expect(settled.count { $0.tally == Tally(targeted: 1, reached: 1) } == 700)
                #expect(apns.script.all.flatMap(\.addresses).count == 1_400)
                #expect(try await operate(.retry, engine).matched == 0)
            }
        }
    }

    @Test func `what would fail again is left as it is, and said why`() async throws {
        let smtp = LaneKey(orgID: "org", provider: .smtp, credential: "main")
        let mail = ScriptedProvider(name: .smtp)
        try await withBench([.apns: apns, smtp: mail]) { bench in
            apns.script.answerUsually(.gone)
            mail.script.answerUsually(.gone)
            try await bench.withEngine { engine in
                var letter = Draft.to("x@example.org", .smtp)
                letter.recipient = .email("x@example.org")
                var homeless = Draft.to("fcm-token", .fcm)
                homeless.provider = .fcm
                let sent = try await engine.submit([.to("late", expiresAt: .start + .seconds(60)), .to("good"), letter, homeless])
                _ = await engine.settled(sent, within: long)
                bench.clock.advance(by: .seconds(61))
                let report = try await operate(.retry, engine)
                #expect(report.matched == 4 && report.changed == 1)
                #expect(report.obstacles == [.expired: 1, .suppressed: 1, .noCredential: 1])
                for (notification, words) in [(sent[0], "deadline"), (sent[2], "suppress"), (sent[3], "credential")] {
                    let id = try await bench.delivery(of: notification).id
                    guard case .impossible(let why) = try await engine.retry(id, scope: .all) else {
                        Issue.record("\(words): it was retried")
                        continue
                    }
                    #expect(why.lowercased().contains(words), "\(why)")
                }
            }
        }
    }

    @Test func `a delivery that found no credential goes out through the one that has been set since`() async throws {
        let fcm = LaneKey(orgID: "org", provider: .fcm, credential: "main")
        try await withBench([.apns: apns]) { bench in
            let before = bench.makeEngine()
            let sent = try await before.submit([.to("token", .fcm)])
            #expect(sent[0].tally.failed == 1)
            let id = try await bench.delivery(of: sent[0]).id
            let tooEarly = try await before.retry(id, scope: .all)
            #expect(tooEarly != .queued)
            let provider = ScriptedProvider(name: .fcm)
            let later = Bench(
                stores: bench.stores, faults: bench.faults, clock: bench.clock, directory: ScriptedDirectory([fcm: provider]),
                configuration: bench.configuration)
            try await later.withEngine { engine in
                let retrial = try await engine.retry(id, scope: .all)
                #expect(retrial == .queued)
                for await _ in provider.script.requests { break }
                #expect(provider.script.all.flatMap(\.addresses) == ["token"])
            }
        }
    }

    @Test func `withdrawing everything takes what waits, and never what is on its way`() async throws {
        try await withBench([.apns: apns]) { bench in
            let latch = apns.script.hold("under way")
            try await bench.withEngine { engine in
                let under = try await engine.submit([.to("under way")])
                for await _ in apns.script.requests { break }
                apns.script.answerUsually(Outcome(verdict: .deferred(Wait(retryAfter: .seconds(600))), rule: "test.503", status: 503))
                let waiting = try await engine.submit((0..<20).map { .to("t\($0)") })
                for notification in waiting {
                    while try await bench.delivery(of: notification).state != .queued { await Task.yield() }
                }
                async let told = engine.settled(waiting, within: long)
                let report = try await operate(.cancel, engine)
                #expect(report.matched == 20 && report.changed == 20)
                let news = await told
                #expect(news.map(\.tally) == Array(repeating: Tally(targeted: 1, cancelled: 1), count: 20))
                // First the answer: what was held up takes whatever is usual when it goes on.
                apns.script.answerUsually(.accepted)
                latch.open()
                #expect(await engine.settled(under, within: long)[0].tally.isSettled)
                #expect(engine.counts.settled(.apns, .cancelled) == 20)
            }
        }
    }
}
