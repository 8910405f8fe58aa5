import Domain
import Testing

@testable import DeliveryEngine

struct BreakerTests {
    let now = Timestamp.start
    var breaker = Breaker()

    @Test mutating func `five failures in a row open it`() {
        for _ in 0..<4 { breaker.recordBad(reason: "timeout", isProbe: false, now: now) }
        #expect(breaker.isClosed)
        breaker.recordBad(reason: "timeout", isProbe: false, now: now)
        #expect(breaker.gate.state == .shut(reason: "timeout", probeAt: now + .seconds(5)))
    }

    @Test mutating func `a success between them starts the count anew`() {
        for _ in 0..<3 {
            for _ in 0..<4 { breaker.recordBad(reason: "timeout", isProbe: false, now: now) }
            breaker.recordGood(isProbe: false, now: now)
            breaker.recordGood(isProbe: false, now: now)
        }
        #expect(breaker.isClosed)
    }

    @Test mutating func `half of twenty within ten seconds opens it`() {
        for index in 0..<19 {
            if index.isMultiple(of: 2) {
                breaker.recordBad(reason: "503", isProbe: false, now: now)
            } else {
                breaker.recordGood(isProbe: false, now: now)
            }
        }
        #expect(breaker.isClosed)
        breaker.recordBad(reason: "503", isProbe: false, now: now)
        #expect(!breaker.isClosed)
    }

    @Test mutating func `what lies longer ago is forgotten`() {
        for index in 0..<18 {
            if index.isMultiple(of: 2) {
                breaker.recordBad(reason: "503", isProbe: false, now: now)
            } else {
                breaker.recordGood(isProbe: false, now: now)
            }
        }
        for _ in 0..<3 { breaker.recordBad(reason: "503", isProbe: false, now: now + .seconds(10)) }
        #expect(breaker.isClosed)
    }

    @Test mutating func `while open, late answers change nothing; a probe decides`() {
        for _ in 0..<5 { breaker.recordBad(reason: "timeout", isProbe: false, now: now) }
        breaker.recordGood(isProbe: false, now: now)
        #expect(!breaker.isClosed)
        breaker.beginProbe()
        breaker.recordBad(reason: "timeout", isProbe: true, now: now + .seconds(5))
        #expect(breaker.probeAt == now + .seconds(15))
        breaker.beginProbe()
        breaker.recordGood(isProbe: true, now: now + .seconds(15))
        #expect(breaker.isClosed)
        for _ in 0..<4 { breaker.recordBad(reason: "timeout", isProbe: false, now: now + .seconds(16)) }
        #expect(breaker.isClosed)
    }
}
