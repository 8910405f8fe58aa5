import Domain
import Testing

struct GateTests {
    let now = Timestamp(seconds: 1_774_512_000)
    var gate = Gate(first: .seconds(30), longest: .seconds(300))

    @Test mutating func `a shut gate lets its probe through after the first wait`() {
        gate.shut(reason: "refused", now: now)
        #expect(gate.state == .shut(reason: "refused", probeAt: now + .seconds(30)))
        #expect(!gate.mayProbe(now: now + .seconds(29)))
        #expect(gate.mayProbe(now: now + .seconds(30)))
        gate.beginProbe()
        #expect(!gate.mayProbe(now: now + .seconds(60)))
        gate.probeSucceeded()
        #expect(gate.isOpen)
    }

    @Test mutating func `each probe that fails doubles the wait, up to the longest`() {
        gate.shut(reason: "refused", now: now)
        for wait in [60, 120, 240, 300, 300] {
            gate.beginProbe()
            gate.probeFailed(reason: "still", now: now)
            #expect(gate.state == .shut(reason: "still", probeAt: now + .seconds(wait)))
        }
        gate.beginProbe()
        gate.probeSucceeded()
        gate.shut(reason: "again", now: now)
        #expect(gate.probeAt == now + .seconds(30))
    }

    @Test mutating func `a probe that says nothing waits as long as before`() {
        gate.shut(reason: "refused", now: now)
        gate.beginProbe()
        gate.probeWasInconclusive(now: now + .seconds(40))
        #expect(gate.state == .shut(reason: "refused", probeAt: now + .seconds(70)))
    }

    @Test mutating func `what was sent before it shut neither opens it nor moves its time`() {
        gate.shut(reason: "refused", now: now)
        gate.shut(reason: "late", now: now + .seconds(5))
        gate.probeSucceeded()
        gate.probeFailed(reason: "late", now: now + .seconds(5))
        #expect(gate.state == .shut(reason: "refused", probeAt: now + .seconds(30)))
    }

    @Test mutating func `a change brings the probe forward, even while one is out`() {
        gate.probeAtOnce(now: now)
        #expect(gate.isOpen)
        gate.shut(reason: "refused", now: now)
        gate.probeAtOnce(now: now + .seconds(3))
        #expect(gate.mayProbe(now: now + .seconds(3)))
        gate.beginProbe()
        gate.probeAtOnce(now: now + .seconds(4))
        #expect(gate.mayProbe(now: now + .seconds(4)))
    }

    @Test mutating func `a doubt is looked into at once, and waits only when it was right`() {
        gate.doubt(reason: "perhaps", now: now)
        #expect(gate.mayProbe(now: now))
        gate.beginProbe()
        gate.probeFailed(reason: "sure", now: now)
        #expect(gate.state == .shut(reason: "sure", probeAt: now + .seconds(30)))
        gate.doubt(reason: "late", now: now)
        #expect(gate.probeAt == now + .seconds(30))
    }
}
