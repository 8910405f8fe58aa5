import Domain
import Storage
import Testing

@testable import DeliveryEngine

struct ReceiptRuleTests {
    private let now = Timestamp.start
    private let rule = ReceiptRule(retry: RetryPolicy(), interval: .seconds(300))

    private func receipt(sent ago: Duration = .seconds(900), attempts: Int = 1) -> OpenReceipt {
        var delivery = message(lane: .expo).delivery
        delivery.attempts = attempts
        return OpenReceipt(ticket: "t", delivery: delivery, askedTimes: 0, sentAt: now - ago)
    }

    private func outcome(_ verdict: Verdict) -> Outcome { Outcome(verdict: verdict, rule: "expo.receipt.Test", reason: "Test") }

    private func next(_ verdict: Verdict, attempts: Int = 1) -> RetryPolicy.Next? {
        if case .closed(let next, _) = rule.settle(receipt(attempts: attempts), outcome(verdict), now: now, unit: 0.5).action { next } else { nil }
    }

    @Test func `a receipt that says ok is the delivery`() {
        #expect(next(.accepted) == .settled(.delivered))
    }

    @Test func `a passing fault queues the delivery again, and the attempt counts`() {
        #expect(next(.deferred(Wait(floor: .seconds(10), scope: .lane)), attempts: 3) == .queued(at: now + .seconds(12), counted: true))
        #expect(next(.deferred(Wait()), attempts: 12) == .settled(.failed))
    }

    @Test func `a device that is gone fails it, a refused credential holds it`() {
        #expect(next(.recipientGone(asOf: nil)) == .settled(.failed))
        #expect(next(.rejected) == .settled(.failed))
        #expect(next(.credentialRefused, attempts: 40) == .queued(at: now, counted: false))
    }

    @Test func `a receipt that has not come is asked for again, until a day after the send`() throws {
        guard case .askAgain(let at) = rule.settle(receipt(), nil, now: now, unit: 0).action else { throw Unexpected() }
        #expect(at == now + .seconds(300))
        guard case .askAgain(let last) = rule.settle(receipt(sent: .seconds(86_400 - 60)), nil, now: now, unit: 0).action else { throw Unexpected() }
        #expect(last == now + .seconds(60))
        guard case .gaveUp(let note) = rule.settle(receipt(sent: .seconds(86_400)), nil, now: now, unit: 0).action else { throw Unexpected() }
        #expect(note == "No receipt came within 24 hours")
    }

    @Test func `a question that failed waits as long as the answer demands`() throws {
        let postponed = rule.postpone(receipt(), after: outcome(.deferred(Wait(retryAfter: .seconds(1_000)))), now: now)
        guard case .askAgain(let at) = postponed.action else { throw Unexpected() }
        #expect(at == now + .seconds(1_000))
    }

    private struct Unexpected: Error {}
}
