import Domain
import Testing

@testable import DeliveryEngine

struct DueTimesTests {
    let now = Timestamp.start
    var dues = DueTimes()

    @Test mutating func `times come in order, whatever order they were noted in`() {
        for second in [30, 10, 20] { dues.note(now + .seconds(second)) }
        #expect(dues.times == [10, 20, 30].map { now + .seconds($0) })
        #expect(!dues.isDue(now: now + .milliseconds(9_999)))
        #expect(dues.isDue(now: now + .seconds(10)))
    }

    @Test mutating func `times close together are looked at once, at the later one`() {
        dues.note(now + .milliseconds(90))
        dues.note(now)
        #expect(dues.times == [now + .milliseconds(90)])
        dues.note(now + .milliseconds(200))
        #expect(dues.times.count == 2)
    }

    @Test mutating func `what was claimed is forgotten, what is to come stays`() {
        dues.note(now)
        dues.note(now + .seconds(5))
        dues.drained(upTo: now + .seconds(1))
        #expect(dues.times == [now + .seconds(5)])
    }

    @Test mutating func `of very many only the earliest are kept, and it says so`() {
        for second in (0..<1_000).reversed() { dues.note(now + .seconds(second)) }
        #expect(dues.times.count == DueTimes.limit)
        #expect(dues.first == now)
        #expect(dues.isTruncated)
        dues.drained(upTo: now + .seconds(999))
        dues.learned(earliest: now + .seconds(64))
        #expect(!dues.isTruncated)
        #expect(dues.times == [now + .seconds(64)])
    }
}
