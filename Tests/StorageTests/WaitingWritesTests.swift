import Testing

@testable import Storage

@Suite("Writes that wait")
struct WaitingWritesTests {
    private func waiting(_ rows: [Int]) -> WaitingWrites<Int> {
        var writes = WaitingWrites<Int>()
        for (number, rows) in rows.enumerated() { writes.append(number, rows: rows) }
        return writes
    }

    @Test func `light ones go together, in their order`() {
        var writes = waiting(Array(repeating: 1, count: 10))
        #expect(writes.next(limit: 500) == Array(0..<10))
        #expect(writes.isEmpty)
    }

    @Test func `a light one does not stand behind a bulk`() {
        var writes = waiting(Array(repeating: 200, count: 50) + [2])
        #expect(writes.next(limit: 500).contains(50))
    }

    @Test func `a transaction is bounded by its rows`() {
        var writes = waiting(Array(repeating: 100, count: 12))
        while !writes.isEmpty { #expect(writes.next(limit: 500).count * 100 <= WaitingWrites<Int>.rowLimit) }
    }

    @Test func `what is larger than a transaction goes with light ones only`() {
        var writes = waiting([10_000, 10_000, 1, 2])
        #expect(writes.next(limit: 500) == [2, 3, 0])
        #expect(writes.next(limit: 500) == [1])
    }

    @Test func `however many light ones there are, a heavy one goes each time`() {
        var writes = waiting([50, 50] + Array(repeating: 1, count: 5_000))
        #expect(writes.next(limit: 500).contains(0))
        #expect(writes.next(limit: 500).contains(1))
    }

    @Test func `however large the heavy ones are, light ones go each time`() {
        var writes = waiting([10_000, 10_000] + Array(repeating: 16, count: 100))
        let light = WaitingWrites<Int>.rowLimit / 2 / 16
        #expect(writes.next(limit: 500).count == light + 1)
        #expect(writes.next(limit: 500).count == light + 1)
    }

    @Test func `nothing is taken twice or left behind`() {
        var writes = waiting((0..<1_000).map { $0 % 37 == 0 ? $0 : $0 % 20 })
        var taken: [Int] = []
        while !writes.isEmpty {
            let group = writes.next(limit: 100)
            #expect((1...100).contains(group.count))
            taken += group
        }
        #expect(taken.sorted() == Array(0..<1_000))
    }
}
