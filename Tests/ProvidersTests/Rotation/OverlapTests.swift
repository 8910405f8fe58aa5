import Domain
import Testing

@testable import Providers

struct OverlapTests {
    private let start = Fixture.now
    private var overlap = Overlap()
    private let message = Identifier(high: 1, low: 1)

    private static let accepted = Outcome(verdict: .accepted, rule: "test.200", status: 200)
    private static let refused = Outcome(verdict: .credentialRefused, rule: "test.403", status: 403, reason: "InvalidProviderToken")
    private static let expired = Outcome(
        verdict: .refreshed(afterwards: .credentialRefused), rule: "test.403.expired", status: 403, reason: "Expired")
    private static let suspect = Outcome(
        verdict: .recipientGone(asOf: nil), rule: "test.400.BadDeviceToken", status: 400, reason: "BadDeviceToken", suspectsCredential: true)
    private static let gone = Outcome(verdict: .recipientGone(asOf: nil), rule: "test.410", status: 410, reason: "Unregistered")
    private static let down = Outcome(verdict: .deferred(Wait()), rule: "test.down", reason: "connect_failed", blamesProvider: true)

    /// What each version answers; says which were asked, in order, until one outcome stands.
    private mutating func send(
        _ id: Identifier? = nil, current: Outcome, previous: Outcome, at seconds: Int = 0
    ) -> (asked: [Overlap.Version], outcome: Outcome) {
        let now = start + .seconds(seconds)
        var asked: [Overlap.Version] = []
        while true {
            let request = overlap.plan([id ?? message], now: now)[0]
            asked.append(request.version)
            let outcome = overlap.judge([request.version == .current ? current : previous], of: [id ?? message], by: request, now: now)[0]
            guard outcome.verdict == .refreshed(afterwards: .otherVersion), asked.count < 9 else { return (asked, outcome) }
        }
    }

    // MARK: A new version that is refused

    @Test mutating func `while the new version works nothing goes through the old one`() {
        for second in 0..<3 {
            let (asked, outcome) = send(current: Self.accepted, previous: Self.refused, at: second)
            #expect(asked == [.current] && outcome.verdict == .accepted)
        }
        #expect(overlap.trouble == nil)
    }

    @Test mutating func `what the new version is refused goes out at once with the old one, and the rest with it`() {
        let first = send(current: Self.refused, previous: Self.accepted)
        #expect(first.asked == [.current, .previous] && first.outcome.verdict == .accepted)
        #expect(overlap.trouble == .init(kind: .refused, since: start, rule: "test.403", reason: "InvalidProviderToken"))
        for second in 1..<30 { #expect(send(current: Self.refused, previous: Self.accepted, at: second).asked == [.previous]) }
    }

    @Test mutating func `the new version is tried after 30 seconds, then half as often each time, down to every five minutes`() {
        _ = send(current: Self.refused, previous: Self.accepted)
        var probes: [Int] = []
        for second in 1...1_200 where send(current: Self.refused, previous: Self.accepted, at: second).asked == [.current, .previous] {
            probes.append(second)
        }
        #expect(probes == [30, 90, 210, 450, 750, 1_050])
        #expect(overlap.trouble?.since == start)
    }

    @Test mutating func `a probe that is let in ends the fallback`() {
        _ = send(current: Self.refused, previous: Self.accepted)
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 29).asked == [.previous])
        let probe = send(current: Self.accepted, previous: Self.accepted, at: 30)
        #expect(probe.asked == [.current] && overlap.trouble == nil)
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 31).asked == [.current])
        // The waits begin anew.
        _ = send(current: Self.refused, previous: Self.accepted, at: 40)
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 69).asked == [.previous])
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 70).asked == [.current])
    }

    @Test mutating func `one message probes, the others go on with the old version meanwhile`() {
        _ = send(current: Self.refused, previous: Self.accepted)
        let later = start + .seconds(30)
        let probe = overlap.plan([message], now: later)
        #expect(probe.map(\.isProbe) == [true])
        let other = overlap.plan([Identifier(high: 1, low: 2)], now: later)
        #expect(other.map(\.version) == [.previous])
        // A probe that says nothing leaves the next one to the same wait.
        #expect(overlap.judge([Self.down], of: [message], by: probe[0], now: later) == [Self.down])
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 59).asked == [.previous])
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 60).asked == [.current])
    }

    @Test mutating func `a device that is gone shows that the new version is let in`() {
        _ = send(current: Self.refused, previous: Self.accepted)
        #expect(send(current: Self.gone, previous: Self.accepted, at: 30).outcome == Self.gone)
        #expect(overlap.trouble == nil)
    }

    @Test mutating func `what was under way when the fallback began or ended says nothing new`() {
        let ids = (1...3).map { Identifier(high: 2, low: $0) }
        let early = ids.map { overlap.plan([$0], now: start)[0] }
        #expect(overlap.judge([Self.refused], of: [ids[0]], by: early[0], now: start)[0].verdict == .refreshed(afterwards: .otherVersion))
        // Accepted before, answered after: no word for the version.
        #expect(overlap.judge([Self.accepted], of: [ids[1]], by: early[1], now: start + .seconds(1)) == [Self.accepted])
        #expect(overlap.trouble != nil)
        _ = send(current: Self.accepted, previous: Self.accepted, at: 30)
        #expect(overlap.trouble == nil)
        #expect(
            overlap.judge([Self.refused], of: [ids[2]], by: early[2], now: start + .seconds(31))[0].verdict == .refreshed(afterwards: .otherVersion))
        #expect(overlap.trouble == nil)
        #expect(send(ids[2], current: Self.accepted, previous: Self.accepted, at: 31).asked == [.current])
    }

    // MARK: Both refused, or the old one only

    @Test mutating func `refused with both versions it is refused, and whichever is mended is found by the next attempt`() {
        let both = send(current: Self.refused, previous: Self.refused)
        #expect(both.asked == [.current, .previous] && both.outcome == Self.refused)
        // The lane is paused by now, and probes at its own times.
        #expect(send(current: Self.refused, previous: Self.refused, at: 30).asked == [.current, .previous])
        let previousMended = send(current: Self.refused, previous: Self.accepted, at: 31)
        #expect(previousMended.asked == [.current, .previous] && previousMended.outcome == Self.accepted)
        #expect(overlap.trouble != nil)
        _ = send(current: Self.refused, previous: Self.refused, at: 32)
        let currentMended = send(current: Self.accepted, previous: Self.refused, at: 33)
        #expect(currentMended.asked == [.current] && currentMended.outcome == Self.accepted)
        #expect(overlap.trouble == nil)
    }

    @Test mutating func `an old version that is refused stops nobody`() {
        let doubted = send(current: Self.suspect, previous: Self.refused)
        #expect(doubted.asked == [.current, .previous, .current] && doubted.outcome == Self.suspect)
        // From then on nobody asks it.
        #expect(send(current: Self.suspect, previous: Self.refused, at: 1).asked == [.current])
        #expect(send(current: Self.accepted, previous: Self.refused, at: 2).asked == [.current])
        #expect(overlap.trouble == nil)
    }

    // MARK: Refusals that a fresh token may mend

    @Test mutating func `an expired token is made anew at once by one message, the others take the old version meanwhile, and nobody is woken`() {
        let first = overlap.plan([message], now: start)[0]
        #expect(overlap.judge([Self.expired], of: [message], by: first, now: start)[0].verdict == .refreshed(afterwards: .otherVersion))
        let again = overlap.plan([message], now: start)[0]
        #expect(again.version == .current && again.isProbe)
        #expect(overlap.plan([Identifier(high: 1, low: 2)], now: start)[0].version == .previous)
        #expect(overlap.judge([Self.accepted], of: [message], by: again, now: start) == [Self.accepted])
        #expect(overlap.trouble == nil && overlap.inUse == .current)
    }

    @Test mutating func `refused with a fresh token too, the new version has fallen back`() {
        let (asked, outcome) = send(current: Self.expired, previous: Self.accepted)
        #expect(asked == [.current, .current, .previous] && outcome == Self.accepted)
        #expect(overlap.trouble?.since == start)
        #expect(send(current: Self.expired, previous: Self.accepted, at: 29).asked == [.previous])
        #expect(send(current: Self.expired, previous: Self.accepted, at: 30).asked == [.current, .previous])
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 90).asked == [.current])
    }

    @Test mutating func `an old version's token may be stale as well`() {
        _ = send(current: Self.refused, previous: Self.accepted)
        let request = overlap.plan([message], now: start)[0]
        #expect(request.version == .previous)
        // Passed on: the engine tries once more, with the same version.
        #expect(overlap.judge([Self.expired], of: [message], by: request, now: start) == [Self.expired])
        #expect(send(current: Self.refused, previous: Self.accepted).asked == [.previous])
    }

    @Test mutating func `an expired token is the engine's to refresh where the old version is refused`() {
        _ = send(current: Self.suspect, previous: Self.refused)
        let (asked, outcome) = send(current: Self.expired, previous: Self.refused, at: 1)
        #expect(asked == [.current] && outcome == Self.expired)
    }

    // MARK: Targets that one version calls dead

    @Test mutating func `a target is dead when both versions say so`() {
        let (asked, outcome) = send(current: Self.suspect, previous: Self.suspect)
        #expect(asked == [.current, .previous] && outcome == Self.suspect)
        #expect(overlap.trouble == nil)
    }

    @Test mutating func `a key of the wrong environment kills no token and is left after three contradictions`() {
        for number in 1...3 {
            let id = Identifier(high: 3, low: UInt64(number))
            let (asked, outcome) = send(id, current: Self.suspect, previous: Self.accepted, at: number)
            #expect(asked == [.current, .previous] && outcome == Self.accepted)
        }
        #expect(overlap.trouble == .init(kind: .contradicted, since: start + .seconds(3), rule: "test.400.BadDeviceToken", reason: "BadDeviceToken"))
        #expect(send(current: Self.suspect, previous: Self.accepted, at: 4).asked == [.previous])
        // A probe that is contradicted again is a failed one.
        #expect(send(current: Self.suspect, previous: Self.accepted, at: 33).asked == [.current, .previous])
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 92).asked == [.previous])
        #expect(send(current: Self.accepted, previous: Self.accepted, at: 93).asked == [.current])
        #expect(overlap.trouble == nil)
    }

    @Test mutating func `while the new key is left for that, what the old one calls dead is shown to the new one`() {
        for number in 1...3 { _ = send(Identifier(high: 3, low: UInt64(number)), current: Self.suspect, previous: Self.accepted) }
        let (asked, outcome) = send(current: Self.accepted, previous: Self.suspect, at: 1)
        #expect(asked == [.previous, .current] && outcome == Self.accepted)
    }

    @Test mutating func `tokens of both environments keep reaching their own, whichever version is in use`() {
        for round in 0..<20 {
            let new = send(Identifier(high: 4, low: UInt64(round)), current: Self.accepted, previous: Self.suspect, at: round)
            let old = send(Identifier(high: 5, low: UInt64(round)), current: Self.suspect, previous: Self.accepted, at: round)
            #expect(new.outcome == Self.accepted && old.outcome == Self.accepted)
        }
        #expect(overlap.trouble == nil)
    }

    @Test mutating func `left for contradictions, the new version is used again when the old one is refused`() {
        for number in 1...3 { _ = send(Identifier(high: 3, low: UInt64(number)), current: Self.suspect, previous: Self.accepted) }
        let (asked, outcome) = send(current: Self.suspect, previous: Self.refused, at: 1)
        #expect(asked == [.previous, .current] && outcome == Self.suspect)
        #expect(overlap.trouble == nil)
    }

    @Test mutating func `a batch's second opinions go apart from the rest`() {
        let ids = (0..<4).map { Identifier(high: 6, low: UInt64($0)) }
        let request = overlap.plan(ids, now: start)
        #expect(request.map(\.places) == [[0, 1, 2, 3]])
        let outcomes = overlap.judge([Self.accepted, Self.suspect, Self.accepted, Self.suspect], of: ids, by: request[0], now: start)
        #expect(outcomes.map { $0.verdict == .refreshed(afterwards: .otherVersion) } == [false, true, false, true])
        let next = overlap.plan(ids, now: start)
        #expect(Set(next.map(\.version)) == [.current, .previous])
        #expect(next.first { $0.version == .current }?.places == [0, 2])
        #expect(next.first { $0.version == .previous }?.places == [1, 3])
    }

    @Test mutating func `however many tokens are doubted, few are remembered`() {
        for number in 0..<UInt64(Overlap.memory * 3) {
            let id = Identifier(high: 7, low: number)
            let request = overlap.plan([id], now: start)[0]
            _ = overlap.judge([Self.suspect], of: [id], by: request, now: start)
        }
        let waiting = (0..<UInt64(Overlap.memory * 3)).count { overlap.plan([Identifier(high: 7, low: $0)], now: start)[0].version == .previous }
        #expect(waiting <= Overlap.memory)
    }
}
