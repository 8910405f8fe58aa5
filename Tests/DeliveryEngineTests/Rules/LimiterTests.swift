import Domain
import Testing

@testable import DeliveryEngine

struct LimiterTests {
    let now = Timestamp.start

    @Test func `a rested lane may send its burst at once, then at its rate`() {
        var limiter = Limiter(ceiling: 100, burst: 10)
        #expect(limiter.take(30, fullBatch: 1, now: now) == 10)
        #expect(limiter.take(1, fullBatch: 1, now: now) == 0)
        #expect(limiter.ready(for: 1, fullBatch: 1, now: now) == now + .milliseconds(10))
        #expect(limiter.take(1, fullBatch: 1, now: now + .milliseconds(9)) == 0)
        #expect(limiter.take(1, fullBatch: 1, now: now + .milliseconds(10)) == 1)
        #expect(limiter.take(30, fullBatch: 1, now: now + .seconds(60)) == 10)
    }

    @Test func `no second sees more than rate and burst together`() {
        var limiter = Limiter(Quota(name: "expo/@o/p", ceiling: 500, burst: 100))
        var sent: [(at: Timestamp, count: Int)] = []
        var at = now
        while at < now + .seconds(5) {
            let count = limiter.take(100, fullBatch: 100, now: at)
            if count > 0 { sent.append((at, count)) } else { at = limiter.ready(for: 100, fullBatch: 100, now: at) }
        }
        #expect(sent.reduce(0) { $0 + $1.count } >= 2_500)
        for window in sent {
            let inOneSecond = sent.filter { $0.at >= window.at && $0.at < window.at + .seconds(1) }.reduce(0) { $0 + $1.count }
            #expect(inOneSecond <= 600)
        }
    }

    @Test func `a batch is waited for rather than sent in crumbs`() {
        var limiter = Limiter(ceiling: 500, burst: 100)
        #expect(limiter.take(100, fullBatch: 100, now: now) == 100)
        #expect(limiter.take(100, fullBatch: 100, now: now + .milliseconds(100)) == 0)
        // A few that are all there is don't wait for a hundred.
        #expect(limiter.take(7, fullBatch: 100, now: now + .milliseconds(100)) == 7)
        #expect(limiter.ready(for: 100, fullBatch: 100, now: now + .milliseconds(100)) == now + .milliseconds(214))
    }

    @Test func `too many requests stop the lane for as long as the provider says, then halve its rate`() {
        var limiter = Limiter(ceiling: 100, burst: 10)
        limiter.throttle(for: .seconds(30), sentAt: now, now: now)
        #expect(limiter.isPaused(now: now + .milliseconds(29_999)))
        #expect(limiter.take(1, fullBatch: 1, now: now + .seconds(29)) == 0)
        #expect(limiter.ready(for: 1, fullBatch: 1, now: now) == now + .seconds(30))
        #expect(!limiter.isPaused(now: now + .seconds(30)))
        #expect(limiter.rate == 50)
        // No burst after the pause: the flood is what was refused.
        #expect(limiter.take(10, fullBatch: 1, now: now + .seconds(30)) == 0)
        #expect(limiter.take(10, fullBatch: 1, now: now + .milliseconds(30_100)) == 5)
    }

    @Test func `answers to one flood halve the rate once`() {
        var limiter = Limiter(ceiling: 100, burst: 10)
        limiter.throttle(for: .seconds(1), sentAt: now, now: now + .milliseconds(50))
        limiter.throttle(for: .seconds(5), sentAt: now + .milliseconds(10), now: now + .milliseconds(60))
        #expect(limiter.rate == 50)
        #expect(limiter.pausedUntil == now + .milliseconds(5_060))
        limiter.throttle(for: .seconds(1), sentAt: now + .seconds(6), now: now + .seconds(7))
        #expect(limiter.rate < 30)
    }

    @Test func `the rate grows back within a minute or so`() {
        var limiter = Limiter(ceiling: 600, burst: 10)
        limiter.throttle(for: .seconds(1), sentAt: now, now: now)
        _ = limiter.take(1, fullBatch: 1, now: now + .seconds(11))
        #expect(limiter.rate == 400)
        _ = limiter.take(1, fullBatch: 1, now: now + .seconds(100))
        #expect(limiter.rate == 600)
    }

    @Test func `however often it is refused, a lane keeps one message a second`() {
        var limiter = Limiter(ceiling: 4, burst: 4)
        for second in Int64(0)..<50 { limiter.throttle(for: .zero, sentAt: now + .seconds(second * 2), now: now + .seconds(second * 2)) }
        #expect(limiter.rate == 1)
    }

    @Test func `where the rate is low, a full batch is not waited for longer than a second`() {
        var limiter = Limiter(ceiling: 500, burst: 100)
        for second in Int64(0)..<8 { limiter.throttle(for: .zero, sentAt: now + .seconds(second * 2), now: now + .seconds(second * 2)) }
        let paused = now + .seconds(15)
        let ready = limiter.ready(for: 100, fullBatch: 100, now: paused)
        #expect(ready <= paused + .seconds(1))
        #expect(limiter.take(100, fullBatch: 100, now: ready) >= 1)
    }

    @Test func `a quota that asks for it rises to its peak within a minute, and begins anew after a minute of rest`() {
        var limiter = Limiter(Quota(name: "fcm/p", ceiling: 9_500, burst: 1_000, start: 950))
        var sent = 0
        var second = 0
        while second < 90 {
            let at = now + .seconds(Int64(second))
            sent += limiter.take(100_000, fullBatch: 1, now: at)
            second += 1
            if second == 10 { #expect(limiter.rate(now: at) < 3_000) }
        }
        #expect(limiter.rate == 9_500)
        #expect(sent < 600_000)
        #expect(!limiter.isAsNew(now: now + .seconds(148)))
        #expect(limiter.isAsNew(now: now + .seconds(149)))
        #expect(limiter.rate(now: now + .seconds(149)) == 950)
    }

    @Test func `no minute sees more than FCM's 600,000`() {
        var limiter = Limiter(Quota(name: "fcm/p", ceiling: 9_500, burst: 1_000, start: 950))
        for second in 0..<90 { _ = limiter.take(100_000, fullBatch: 1, now: now + .seconds(Int64(second))) }
        // At its peak, after half a minute's pause that fills the bucket.
        var sent = 0
        for tenth in 0..<600 { sent += limiter.take(100_000, fullBatch: 1, now: now + .seconds(119) + .milliseconds(Int64(tenth) * 100)) }
        #expect(sent > 500_000 && sent <= 600_000)
    }

    @Test func `a pause is no rest: the halved rate outlives it`() {
        var limiter = Limiter(ceiling: 100, burst: 10)
        limiter.throttle(for: .seconds(300), sentAt: now, now: now)
        #expect(limiter.rate(now: now + .seconds(300)) == 50)
        #expect(!limiter.isAsNew(now: now + .seconds(301)))
    }

    @Test func `nobody is woken for every single message of a high rate`() {
        var limiter = Limiter(ceiling: 9_500, burst: 10)
        #expect(limiter.take(10, fullBatch: 1, now: now) == 10)
        let ready = limiter.ready(for: 1, fullBatch: 1, now: now)
        #expect(ready == now + .milliseconds(5))
    }

    @Test func `a clock that is set back lengthens no pause`() {
        var limiter = Limiter(ceiling: 100, burst: 10)
        limiter.throttle(for: .seconds(30), sentAt: now, now: now)
        limiter.clockWasSetBack(by: .seconds(7_200))
        #expect(limiter.pausedUntil == now + .seconds(30) - .seconds(7_200))
        #expect(limiter.rate(now: now + .seconds(30) - .seconds(7_200)) == 50)
    }

    @Test func `a clock that is set back takes nothing and breaks nothing`() {
        var limiter = Limiter(ceiling: 10, burst: 10)
        #expect(limiter.take(4, fullBatch: 1, now: now) == 4)
        #expect(limiter.take(4, fullBatch: 1, now: now - .seconds(3_600)) == 4)
        #expect(limiter.take(4, fullBatch: 4, now: now) == 0)
    }
}
