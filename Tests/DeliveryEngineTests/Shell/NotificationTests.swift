import Domain
import Storage
import Testing

@testable import DeliveryEngine

/// Notifications of one target, retried and cancelled as a whole, and the steps of a bulk.
@Suite(.timeLimit(.minutes(1)))
struct NotificationTests {
    private static let lane = LaneKey(orgID: "org", provider: .smtp, credential: "main")
    let smtp = ScriptedProvider(name: .smtp, window: 1)
    let long = Duration.seconds(3_600)

    private func mail(_ id: String, to address: String = "a@example.org", impediment: String? = nil, credential: String? = nil) -> Draft {
        Draft(
            id: id, contract: .adminNotifications, orgID: "org", recipient: .email(address), userID: "u", impediment: impediment,
            content: Content(title: id), credential: credential)
    }

    @Test func `what failed for want of an address or a credential is sent when both are there`() async throws {
        try await withBench([:]) { bench in
            try await bench.withEngine { engine in
                let none = try await engine.submit([mail("dsp_address", impediment: "Email address not verified"), mail("dsp_lane")])
                #expect(none.map(\.tally.status) == [.failed, .failed])
                #expect(
                    try await engine.retry(mail("dsp_address", impediment: "No email address on file"), scope: .all)
                        == .impossible("No email address on file"))
                guard case .impossible(let reason) = try await engine.retry(mail("dsp_lane"), scope: .all) else {
                    return #expect(Bool(false), "there is no credential")
                }
                #expect(reason.hasPrefix("The organisation org has no smtp credential"))
                bench.directory.set(Self.lane, smtp)
                for id in ["dsp_address", "dsp_lane"] {
                    #expect(try await engine.retry(mail(id, to: "\(id)@example.org"), scope: .orgs(["other"])) == .notFailed)
                    #expect(try await engine.retry(mail(id, to: "\(id)@example.org"), scope: .all) == .queued)
                }
                let queued = try await bench.stores.notifications.get(["dsp_address", "dsp_lane"], scope: .all)
                let settled = await engine.settled(queued, within: long)
                #expect(settled.map(\.tally.status) == [.reached, .reached])
                #expect(try await engine.retry(mail("dsp_lane"), scope: .all) == .notFailed)
            }
        }
    }

    @Test func `of cancelling and sending the first one wins`() async throws {
        try await withBench([Self.lane: smtp]) { bench in
            let latch = smtp.script.hold("first@example.org")
            smtp.script.answer("later@example.org", Outcome(verdict: .deferred(Wait(retryAfter: .seconds(30))), rule: "test.451", status: 451))
            try await bench.withEngine { engine in
                let sent = try await engine.submit([mail("dsp_3", to: "later@example.org")])
                await bench.clock.sleeper(until: .start + .milliseconds(30_500))
                let sending = try await engine.submit([mail("dsp_1", to: "first@example.org")])
                async let waited = engine.settled(sent, within: long)
                await bench.clock.sleeper(until: .start + long + .milliseconds(50))
                #expect(try await engine.cancel(notification: "dsp_1", scope: .all) == false)
                #expect(try await engine.cancel(notification: "dsp_3", scope: .orgs(["other"])) == false)
                #expect(try await engine.cancel(notification: "dsp_3", scope: .all) == true)
                #expect(try await engine.cancel(notification: "dsp_3", scope: .all) == false)
                #expect(await waited[0].tally.status == .cancelled)
                latch.open()
                #expect(await engine.settled(sending, within: long)[0].tally.status == .reached)
                #expect(try await engine.retry(mail("dsp_3"), scope: .all) == .notFailed)
            }
        }
    }

    @Test func `nobody waits for a bulk, and so nothing of it is kept in memory for them`() async throws {
        try await withBench([Self.lane: smtp]) { bench in
            let latch = smtp.script.hold("first@example.org")
            try await bench.stores.bulks.begin(
                Bulk(id: "bulk", orgID: "org", parameters: [:], beganAt: .start), lease: Lease(holder: "any"))
            try await bench.withEngine { engine in
                let step = BulkStep(bulkID: "bulk", from: nil, to: .init(orgID: "org", userID: "u"))
                let drafts = [mail("dsp_1", to: "first@example.org"), mail("dsp_2"), mail("dsp_3", impediment: "No email address on file")]
                try await engine.submit(drafts, step: step, idempotency: nil)
                #expect(engine.room.isEmpty)
                let bulk = try await bench.stores.bulks.get("bulk")
                #expect(bulk?.eligible == 3 && bulk?.failed == 1)
                latch.open()
                let stored = try await bench.stores.notifications.get(["dsp_1", "dsp_2"], scope: .all)
                #expect(await engine.settled(stored, within: long).map(\.tally.status) == [.reached, .reached])
            }
        }
    }
}
