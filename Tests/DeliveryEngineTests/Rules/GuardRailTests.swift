import Domain
import Testing

@testable import DeliveryEngine

struct GuardRailTests {
    let now = Timestamp.start
    var rail = GuardRail()
    var trip: GuardRail.Trip?

    private mutating func judge(_ outcome: Outcome, now: Timestamp) -> Outcome {
        judge([outcome], now: now)[0]
    }

    private mutating func judge(_ outcomes: [Outcome], now: Timestamp) -> [Outcome] {
        rail.judge(outcomes, of: { message("token-\($0)").delivery }, trip: &trip, now: now)
    }

    @Test mutating func `nineteen bad tokens speak of their tokens, the twentieth of the credential`() {
        for _ in 0..<19 { #expect(judge(.suspect, now: now) == .suspect) }
        let judged = judge(.suspect, now: now)
        #expect(judged.verdict == .credentialRefused)
        #expect(judged.reason == "BadDeviceToken")
    }

    @Test mutating func `where one in four messages gets through, tokens are what is wrong`() {
        for index in 0..<200 {
            let outcome: Outcome = index.isMultiple(of: 4) ? .accepted : .suspect
            #expect(judge(outcome, now: now) == outcome)
        }
    }

    @Test mutating func `four in five alike are enough`() {
        for _ in 0..<4 { _ = judge(.gone, now: now) }
        for _ in 0..<15 { #expect(judge(.suspect, now: now) == .suspect) }
        #expect(judge(.suspect, now: now).verdict == .credentialRefused)
    }

    @Test mutating func `verdicts of different rules are not alike`() {
        var other = Outcome.suspect
        other.rule = "test.400.DeviceTokenNotForTopic"
        for _ in 0..<30 {
            #expect(judge(.suspect, now: now) == .suspect)
            #expect(judge(other, now: now) == other)
        }
    }

    @Test mutating func `devices that are gone beyond doubt die however many they are`() {
        for _ in 0..<100 { #expect(judge(.gone, now: now) == .gone) }
    }

    @Test mutating func `verdicts older than ten minutes don't count`() {
        for _ in 0..<19 { _ = judge(.suspect, now: now) }
        #expect(judge(.suspect, now: now + .seconds(600)) == .suspect)
    }

    @Test mutating func `once tripped it stays so until the provider takes a message`() {
        for _ in 0..<20 { _ = judge(.suspect, now: now) }
        let later = now + .seconds(3_600)
        #expect(judge(.suspect, now: later).verdict == .credentialRefused)
        #expect(judge(.accepted, now: later) == .accepted)
        #expect(judge(.suspect, now: later) == .suspect)
    }

    @Test mutating func `faults of the provider or of time are neither for nor against`() {
        for _ in 0..<19 {
            _ = judge(.suspect, now: now)
            _ = judge(.down, now: now)
        }
        #expect(judge(.suspect, now: now).verdict == .credentialRefused)
    }

    @Test mutating func `a batch that trips it kills nothing, not even its first`() throws {
        #expect(judge(Array(repeating: .suspect, count: 100), now: now).allSatisfy { $0.verdict == .credentialRefused })
        let trip = try #require(trip)
        #expect(trip.state.verdicts == 100 && trip.state.alike == 100 && trip.state.reason == "BadDeviceToken")
        #expect(trip.deaths.isEmpty)
    }

    @Test mutating func `what had died of the same word in these ten minutes is to be given back, and nothing else`() throws {
        var other = Outcome.suspect
        other.rule = "test.400.DeviceTokenNotForTopic"
        _ = judge(.suspect, now: now)
        let later = now + .seconds(650)
        _ = judge(other, now: later)
        for _ in 0..<19 { _ = judge(.suspect, now: later) }
        let trip = try #require(trip)
        #expect(trip.deaths.count == 18)
        #expect(trip.deaths.allSatisfy { $0.at == later && $0.token == "token-0" })
        #expect(rail.state?.revived == 0)
        rail.revived(18)
        #expect(rail.state?.revived == 18)
    }

    @Test mutating func `tickets are no verdicts: they neither dilute what receipts say nor end it`() {
        for _ in 0..<10 {
            for _ in 0..<10 { _ = judge(.ticket, now: now) }
            _ = judge([.suspect, .suspect], now: now)
        }
        #expect(rail.isTripped)
        _ = judge(.ticket, now: now)
        #expect(rail.isTripped)
        _ = judge(.accepted, now: now)
        #expect(!rail.isTripped)
    }

    /// Dead tokens in a hundred messages, as lanes see them: a list that was not cleaned for a year has some thirty.
    @Test(arguments: [0, 1, 5, 10, 30, 50, 70]) mutating func `a normal share of dead tokens never trips it`(dead: Int) {
        for index in 0..<2_000 {
            // Spread, and after them all in a row within each hundred: as bad an order as a list can have.
            let isDead = index < 1_000 ? (index * 37) % 100 < dead : index % 100 >= 100 - dead
            let outcome: Outcome = isDead ? .suspect : .accepted
            #expect(judge(outcome, now: now + .milliseconds(Int64(index) * 200)) == outcome)
        }
        #expect(trip == nil)
    }

    @Test(arguments: 1..<20) mutating func `a small lane kills its few tokens, however many of them are dead`(count: Int) {
        for index in 0..<count { #expect(judge(.suspect, now: now + .seconds(Int64(index))) == .suspect) }
        #expect(trip == nil)
    }

    @Test mutating func `a clock that is set back forgets nothing`() {
        for _ in 0..<19 { _ = judge(.suspect, now: now) }
        rail.clockWasSetBack(by: .seconds(7_200))
        #expect(judge(.suspect, now: now - .seconds(7_200)).verdict == .credentialRefused)
        #expect(trip?.deaths.count == 19)
    }

    @Test mutating func `memory of the dead is bounded`() {
        for index in 0..<10_000 {
            let outcome: Outcome = index.isMultiple(of: 4) ? .accepted : .suspect
            _ = judge(outcome, now: now)
        }
        for _ in 0..<20_000 { _ = judge(.suspect, now: now) }
        #expect((trip?.deaths.count ?? 0) > 700 && (trip?.deaths.count ?? 0) <= GuardRail.memory)
    }
}
