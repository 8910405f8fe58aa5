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

    private func causes(
        of sightings: [Sighting], crashes: [UInt32] = [], breaks: [UInt32: UInt32] = [:], lateAnswers: Int = 0
    ) -> [DuplicateRule.Cause?] {
        DuplicateRule.causes(of: sightings, .init(crashes: crashes, breaks: breaks, lateAnswers: lateAnswers))
    }

    @Test func `a repetition without any event has no cause`() {
        #expect(causes(of: [sighting(10), sighting(500)]) == [nil])
    }

    @Test func `a repetition after a crash that caught the message under way is the crash's`() {
        #expect(causes(of: [sighting(10), sighting(500)], crashes: [100]) == [.crash])
    }

    @Test func `a crash after the repetition explains nothing`() {
        #expect(causes(of: [sighting(10), sighting(500)], crashes: [501]) == [nil])
    }

    @Test func `an answer that the mock withheld explains the next arrival`() {
        #expect(causes(of: [sighting(10, isAnswerLost: true), sighting(500)]) == [.lostAnswer])
    }

    @Test func `a broken connection explains what was sent on it, and nothing that was sent on another`() {
        #expect(causes(of: [sighting(10), sighting(500)], breaks: [1: 12]) == [.brokenConnection])
        #expect(causes(of: [sighting(10), sighting(500)], breaks: [2: 12]) == [nil])
        #expect(causes(of: [sighting(10), sighting(500)], breaks: [1: 900]) == [nil])
    }

    @Test func `another id than the time before is never explained, whatever else has happened`() {
        #expect(causes(of: [sighting(10), sighting(500, identity: 8)], crashes: [100], breaks: [1: 12], lateAnswers: 3) == [nil])
    }

    @Test func `each of several repetitions needs a cause of its own`() {
        let sightings = [sighting(10, isAnswerLost: true), sighting(500), sighting(900)]
        #expect(causes(of: sightings) == [.lostAnswer, nil])
        #expect(causes(of: sightings, crashes: [600]) == [.lostAnswer, .crash])
    }

    @Test func `one crash accounts for one repetition`() {
        let sightings = [sighting(10), sighting(500), sighting(900)]
        #expect(causes(of: sightings, crashes: [5]) == [.crash, nil])
        #expect(causes(of: sightings, crashes: [5, 600]) == [.crash, .crash])
    }

    @Test func `one answer that was awaited in vain accounts for one repetition`() {
        let sightings = [sighting(10), sighting(500), sighting(900)]
        #expect(causes(of: sightings, lateAnswers: 1) == [.lateAnswer, nil])
        #expect(causes(of: sightings, lateAnswers: 2) == [.lateAnswer, .lateAnswer])
    }
}
