import Domain
import Testing

struct RetryPolicyTests {
    let policy = RetryPolicy(base: .seconds(1), cap: .seconds(3600), maxAttempts: 12)
    let now = Timestamp(seconds: 1_000_000)

    func attempt(
        _ number: Int, held: Int = 0, isRefreshed: Bool = false, fault: Wait.Scope = .delivery, age: Duration = .zero, expiresIn: Duration? = nil
    ) -> RetryPolicy.Attempt {
        RetryPolicy.Attempt(
            number: number, held: held, isRefreshed: isRefreshed, fault: fault, createdAt: now - age, expiresAt: expiresIn.map { now + $0 })
    }

    @Test(arguments: [(1, 0.5), (2, 1), (3, 2), (12, 1024), (13, 1800), (60, 1800)] as [(Int, Double)])
    func `the wait is drawn from a span that doubles with each attempt, up to the cap`(number: Int, middle: Double) {
        #expect(policy.delay(Wait(), attempt: number, unit: 0) == .zero)
        #expect(policy.delay(Wait(), attempt: number, unit: 0.5) == .milliseconds(Int64(middle * 1_000)))
    }

    @Test func `jitter comes on top of what the provider demands, never below`() {
        let demanded = Wait(floor: .seconds(60), retryAfter: .seconds(90))
        #expect(policy.delay(demanded, attempt: 3, unit: 0) == .seconds(90))
        #expect(policy.delay(demanded, attempt: 3, unit: 0.5) == .seconds(92))
        #expect(policy.delay(Wait(floor: .seconds(900), retryAfter: .seconds(5)), attempt: 1, unit: 0) == .seconds(900))
    }

    @Test func `what a provider took is delivered, or waits for its receipt`() {
        #expect(policy.next(after: .accepted, attempt(1), now: now, unit: 0) == .settled(.delivered))
        #expect(policy.next(after: .awaitingReceipt, attempt(1), now: now, unit: 0) == .awaitingReceipt)
    }

    @Test(arguments: [.rejected, .misbuilt, .recipientGone(asOf: nil), .unknown(resend: false)] as [Verdict])
    func `a permanent verdict is final at the first attempt`(verdict: Verdict) {
        #expect(policy.next(after: verdict, attempt(1), now: now, unit: 0.5) == .settled(.failed))
    }

    @Test func `the last counted attempt fails the delivery`() {
        #expect(policy.next(after: .deferred(Wait()), attempt(11), now: now, unit: 0) == .queued(at: now, counted: true))
        #expect(policy.next(after: .deferred(Wait()), attempt(12), now: now, unit: 0) == .settled(.failed))
        #expect(policy.next(after: .unknown(resend: true), attempt(12), now: now, unit: 0) == .settled(.failed))
    }

    @Test func `attempts that were held do not count against the limit`() {
        #expect(policy.next(after: .deferred(Wait()), attempt(30, held: 19), now: now, unit: 0) == .queued(at: now, counted: true))
        #expect(policy.next(after: .deferred(Wait()), attempt(31, held: 19), now: now, unit: 0) == .settled(.failed))
    }

    @Test func `a quota of the whole lane counts no attempt`() {
        let quota = Verdict.deferred(Wait(floor: .seconds(60), scope: .lane))
        #expect(policy.next(after: quota, attempt(40), now: now, unit: 0) == .queued(at: now + .seconds(60), counted: false))
    }

    @Test func `an outage that has stopped the lane counts no attempt`() {
        let next = policy.next(after: .deferred(Wait(floor: .seconds(5))), attempt(40, fault: .lane), now: now, unit: 0)
        #expect(next == .queued(at: now + .seconds(5), counted: false))
    }

    @Test func `a refused credential holds the delivery without a wait of its own`() {
        #expect(policy.next(after: .credentialRefused, attempt(40), now: now, unit: 0.9) == .queued(at: now, counted: false))
    }

    @Test func `what is held without a deadline is given up after five days`() {
        #expect(
            policy.next(after: .credentialRefused, attempt(9, age: .seconds(5 * 86_400 - 1)), now: now, unit: 0) == .queued(at: now, counted: false))
        #expect(policy.next(after: .credentialRefused, attempt(9, age: .seconds(5 * 86_400)), now: now, unit: 0) == .settled(.failed))
    }

    @Test func `an attempt that would come after the deadline is not waited for`() {
        let verdict = Verdict.deferred(Wait(retryAfter: .seconds(30)))
        #expect(policy.next(after: verdict, attempt(1, expiresIn: .seconds(30)), now: now, unit: 0) == .settled(.failed))
        #expect(policy.next(after: verdict, attempt(1, expiresIn: .seconds(31)), now: now, unit: 0) == .queued(at: now + .seconds(30), counted: true))
        #expect(policy.next(after: .credentialRefused, attempt(1, expiresIn: .zero), now: now, unit: 0) == .settled(.failed))
    }

    @Test func `a refreshed token is tried once, then the fault is what it is`() {
        let refreshed = Verdict.refreshed(afterwards: .credentialRefused)
        #expect(policy.next(after: refreshed, attempt(1), now: now, unit: 0) == .again)
        #expect(policy.next(after: refreshed, attempt(2, isRefreshed: true), now: now, unit: 0.5) == .queued(at: now, counted: false))
        #expect(
            policy.next(after: .refreshed(afterwards: .deferred), attempt(2, isRefreshed: true), now: now, unit: 0.5)
                == .queued(at: now + .seconds(1), counted: true))
    }

    @Test func `a batch that was refused as such is split by its labels`() {
        #expect(policy.next(after: .split(label: "project-a"), attempt(1), now: now, unit: 0) == .split(label: "project-a"))
    }
}
