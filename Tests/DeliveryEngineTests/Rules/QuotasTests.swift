import Domain
import Testing

@testable import DeliveryEngine

struct QuotasTests {
    let now = Timestamp.start
    var quotas = Quotas()

    private func lane(_ org: String) -> LaneKey { LaneKey(orgID: org, provider: .fcm, credential: "main") }
    private func project(_ name: String) -> Quota { Quota(name: "fcm/\(name)", ceiling: 100, burst: 10) }

    @Test mutating func `lanes of one project share its limiter, others have their own`() {
        let first = quotas.join(project("p"), by: lane("a"))
        #expect(quotas.join(project("p"), by: lane("b")) == first)
        #expect(quotas.join(project("q"), by: lane("c")) != first)
        #expect(quotas.join(.undocumented(nil), by: lane("d")) != quotas.join(.undocumented(nil), by: lane("e")))
        #expect(quotas[first].take(10, fullBatch: 1, now: now) == 10)
        #expect(quotas.state(first, now: now)?.lanes == 2)
    }

    @Test mutating func `a refusal shows, with its reason and for how long it was waited in all`() {
        let place = quotas.join(project("p"), by: lane("a"))
        quotas.throttle(place, for: .seconds(10), reason: "QUOTA_EXCEEDED", sentAt: now, now: now)
        quotas.throttle(place, for: .seconds(15), reason: "QUOTA_EXCEEDED", sentAt: now, now: now + .seconds(1))
        let state = quotas.state(place, now: now + .seconds(1))
        #expect(
            state
                == QuotaState(
                    name: "fcm/p", rate: 50, ceiling: 100, pausedUntil: now + .seconds(16), reason: "QUOTA_EXCEEDED", lanes: 1, throttles: 2,
                    throttled: .seconds(16)))
        let well = quotas.state(place, now: now + .seconds(60))
        #expect(well?.rate == 100 && well?.reason == nil && well?.pausedUntil == nil)
    }

    @Test mutating func `who waits is called in turn when there is enough for the first`() {
        let place = quotas.join(project("p"), by: lane("a"))
        for lane in [3, 1, 2] { quotas.enqueue(lane, at: place, readyAt: now + .milliseconds(10)) }
        #expect(quotas.hasQueue(place) && quotas.nextReady == now + .milliseconds(10))
        #expect(quotas.takeReady(now: now + .milliseconds(9)).isEmpty)
        #expect(quotas.takeReady(now: now + .milliseconds(10)) == [3, 1, 2])
        #expect(!quotas.hasQueue(place) && quotas.nextReady == nil)
    }

    @Test mutating func `who waits learns at once of a pause`() {
        let place = quotas.join(project("p"), by: lane("a"))
        quotas.enqueue(0, at: place, readyAt: now + .seconds(1))
        quotas.throttle(place, for: .seconds(60), reason: "429", sentAt: now, now: now)
        #expect(quotas.takeReady(now: now) == [0])
    }

    @Test mutating func `what is throttled is remembered when its last lane goes, and forgotten when it is as new`() {
        let place = quotas.join(project("p"), by: lane("a"))
        quotas.throttle(place, for: .seconds(30), reason: "429", sentAt: now, now: now)
        quotas.leave(place, now: now)
        #expect(quotas.join(project("p"), by: lane("b")) == place)
        quotas.leave(place, now: now)
        quotas.forgetIdle(now: now + .seconds(89))
        #expect(quotas.count == 1)
        quotas.forgetIdle(now: now + .seconds(90))
        #expect(quotas.count == 0)
    }

    @Test mutating func `a request holds on to what it was drawn from`() {
        let place = quotas.place(of: project("p"), now: now) ?? -1
        quotas.began(place)
        quotas.forgetIdle(now: now)
        #expect(quotas.count == 1)
        quotas.ended(place)
        quotas.forgetIdle(now: now)
        #expect(quotas.count == 0)
    }

    @Test mutating func `projects that come and go leave nothing behind, and never more than there is room for`() {
        for index in 0..<(3 * Quotas.limit) { _ = quotas.place(of: project("\(index)"), now: now) }
        #expect(quotas.count <= Quotas.limit)
        for index in 0..<(3 * Quotas.limit) {
            if let place = quotas.place(of: project("busy-\(index)"), now: now) { _ = quotas[place].take(1, fullBatch: 1, now: now) }
        }
        #expect(quotas.count == Quotas.limit)
        #expect(quotas.place(of: project("one more"), now: now) == nil)
        #expect(quotas.place(of: project("one more"), now: now + .seconds(60)) != nil)
        for index in 0..<10_000 { quotas.leave(quotas.join(.undocumented(nil), by: lane("\(index)")), now: now) }
        #expect(quotas.count <= Quotas.limit)
    }

    @Test mutating func `a clock that is set back makes nobody wait for longer`() {
        let place = quotas.join(project("p"), by: lane("a"))
        quotas.enqueue(0, at: place, readyAt: now + .seconds(1))
        quotas.clockWasSetBack(by: .seconds(7_200))
        #expect(quotas.nextReady == now + .seconds(1) - .seconds(7_200))
    }
}
