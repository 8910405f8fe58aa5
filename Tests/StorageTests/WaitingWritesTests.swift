import Testing

@testable import Storage

@Suite("Writes that wait")
struct WaitingWritesTests {
    private func waiting(_ rows: [Int]) -> WaitingWrites<Int> {
        var writes = WaitingWrites<Int>()
        for (number, rows) in rows.enumerated() { writes.append(number, rows: rows) }
        return writes
    }

    /// What a transaction takes when nobody comes while it runs.
    private func transaction(_ writes: inout WaitingWrites<Int>, limit: Int = 500) -> [Int] {
        var transaction = writes.begin()
        var taken: [Int] = []
        while let next = writes.next(for: &transaction, limit: limit) { taken.append(next) }
        return taken
    }

    @Test func `light ones go together, in their order`() {
        var writes = waiting(Array(repeating: 1, count: 10))
        #expect(transaction(&writes) == Array(0..<10))
        #expect(writes.isEmpty)
    }

    @Test func `heavy ones go together as far as their rows allow, in their order`() {
        var writes = waiting(Array(repeating: 200, count: 5))
        #expect(transaction(&writes) == [0, 1])
        #expect(transaction(&writes) == [2, 3])
        #expect(transaction(&writes) == [4])
    }

    @Test func `a light one does not stand behind a bulk, nor share its transaction`() {
        var writes = waiting(Array(repeating: 200, count: 50) + [2])
        #expect(transaction(&writes) == [50])
    }

    @Test func `who comes while a heavy one runs goes next, and the transaction ends with it`() {
        var writes = waiting([20, 20])
        var transaction = writes.begin()
        #expect(writes.next(for: &transaction, limit: 500) == 0)
        writes.append(2, rows: 2)
        #expect(writes.next(for: &transaction, limit: 500) == 2)
        writes.append(3, rows: 2)
        #expect(writes.next(for: &transaction, limit: 500) == 3)
        #expect(writes.next(for: &transaction, limit: 500) == nil)
        #expect(writes.count == 1)
    }

    @Test func `however many light ones there are, every second transaction takes a heavy one`() {
        var writes = waiting([50, 50] + Array(repeating: 1, count: 5_000))
        #expect(!transaction(&writes).contains(0))
        #expect(transaction(&writes).contains(0))
        #expect(!transaction(&writes).contains(1))
        #expect(transaction(&writes).contains(1))
    }

    @Test func `what is larger than a transaction goes with light ones only`() {
        var writes = waiting([10_000, 10_000])
        var first = writes.begin()
        #expect(writes.next(for: &first, limit: 500) == 0)
        #expect(writes.next(for: &first, limit: 500) == nil)
        writes.append(2, rows: 1)
        #expect(writes.next(for: &first, limit: 500) == 2)
        #expect(writes.next(for: &first, limit: 500) == nil)
    }

    @Test func `a crowd of light ones is cut by its rows, and by its number`() {
        var writes = waiting(Array(repeating: 16, count: 100))
        #expect(transaction(&writes).count == WaitingWrites<Int>.rowLimit / 16)
        #expect(transaction(&writes, limit: 3).count == 3)
    }

    @Test func `nothing is taken twice or left behind`() {
        var writes = waiting((0..<1_000).map { $0 % 37 == 0 ? $0 : $0 % 20 })
        var taken: [Int] = []
        while !writes.isEmpty {
            let group = transaction(&writes, limit: 100)
            #expect((1...100).contains(group.count))
            taken += group
        }
        #expect(taken.sorted() == Array(0..<1_000))
    }
}
