import Testing

@testable import Hermod

@Suite struct DuplicateRuleTests {
    private func sighting(_ at: UInt32, connection: UInt32 = 1, identity: UInt32 = 7, isAnswerLost: Bool = false) -> Sighting {
        var sighting = Sighting()
        sighting.at = at
        sighting.connection = connection
        sighting.identity = identity
        sighting.isAnswerLost = isAnswerLost
        return sighting
    }

    @Test func `a repetition without any event has no cause`() {
        #expect(DuplicateRule.cause(of: [sighting(10), sighting(500)], crashes: [], breaks: [:]) == nil)
    }

    @Test func `a repetition after a crash that caught the message under way is the crash's`() {
        #expect(DuplicateRule.cause(of: [sighting(10), sighting(500)], crashes: [100], breaks: [:]) == .crash)
    }

    @Test func `a crash after the repetition explains nothing`() {
        #expect(DuplicateRule.cause(of: [sighting(10), sighting(500)], crashes: [501], breaks: [:]) == nil)
    }

    @Test func `an answer that the mock withheld explains the next arrival`() {
        #expect(DuplicateRule.cause(of: [sighting(10, isAnswerLost: true), sighting(500)], crashes: [], breaks: [:]) == .lostAnswer)
    }

    @Test func `a broken connection explains what was sent on it, and nothing that was sent on another`() {
        #expect(DuplicateRule.cause(of: [sighting(10), sighting(500)], crashes: [], breaks: [1: 12]) == .brokenConnection)
        #expect(DuplicateRule.cause(of: [sighting(10), sighting(500)], crashes: [], breaks: [2: 12]) == nil)
        #expect(DuplicateRule.cause(of: [sighting(10), sighting(500)], crashes: [], breaks: [1: 900]) == nil)
    }

    @Test func `another id than the first time is never explained`() {
        #expect(DuplicateRule.cause(of: [sighting(10), sighting(500, identity: 8)], crashes: [100], breaks: [:]) == nil)
    }

    @Test func `each of several repetitions needs a cause of its own`() {
        let sightings = [sighting(10, isAnswerLost: true), sighting(500), sighting(900)]
        #expect(DuplicateRule.cause(of: sightings, crashes: [], breaks: [:]) == nil)
        #expect(DuplicateRule.cause(of: sightings, crashes: [600], breaks: [:]) == .crash)
    }
}
