import Domain
import Testing

@testable import DeliveryEngine

struct GuardRailTests {
    let now = Timestamp.start
    var rail = GuardRail()

    @Test mutating func `nineteen bad tokens speak of their tokens, the twentieth of the credential`() {
        for _ in 0..<19 { #expect(rail.judge(.suspect, now: now) == .suspect) }
        let judged = rail.judge(.suspect, now: now)
        #expect(judged.verdict == .credentialRefused)
        #expect(judged.reason == "BadDeviceToken")
    }

    @Test mutating func `where one in four messages gets through, tokens are what is wrong`() {
        for index in 0..<200 {
            let outcome: Outcome = index.isMultiple(of: 4) ? .accepted : .suspect
            #expect(rail.judge(outcome, now: now) == outcome)
        }
    }

    @Test mutating func `four in five alike are enough`() {
        for _ in 0..<4 { _ = rail.judge(.gone, now: now) }
        for _ in 0..<15 { #expect(rail.judge(.suspect, now: now) == .suspect) }
        #expect(rail.judge(.suspect, now: now).verdict == .credentialRefused)
    }

    @Test mutating func `verdicts of different rules are not alike`() {
        var other = Outcome.suspect
        other.rule = "test.400.DeviceTokenNotForTopic"
        for _ in 0..<30 {
            #expect(rail.judge(.suspect, now: now) == .suspect)
            #expect(rail.judge(other, now: now) == other)
        }
    }

    @Test mutating func `devices that are gone beyond doubt die however many they are`() {
        for _ in 0..<100 { #expect(rail.judge(.gone, now: now) == .gone) }
    }

    @Test mutating func `verdicts older than ten minutes don't count`() {
        for _ in 0..<19 { _ = rail.judge(.suspect, now: now) }
        #expect(rail.judge(.suspect, now: now + .seconds(600)) == .suspect)
    }

    @Test mutating func `once tripped it stays so until the provider takes a message`() {
        for _ in 0..<20 { _ = rail.judge(.suspect, now: now) }
        let later = now + .seconds(3_600)
        #expect(rail.judge(.suspect, now: later).verdict == .credentialRefused)
        #expect(rail.judge(.accepted, now: later) == .accepted)
        #expect(rail.judge(.suspect, now: later) == .suspect)
    }

    @Test mutating func `faults of the provider or of time are neither for nor against`() {
        for _ in 0..<19 {
            _ = rail.judge(.suspect, now: now)
            _ = rail.judge(.down, now: now)
        }
        #expect(rail.judge(.suspect, now: now).verdict == .credentialRefused)
    }
}
