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
        var writes = waiting(Array(repeating: 400, count: 5))
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

    @Test func `however many light ones there are, one that is heavy has its turn after a few rows of theirs`() {
        var writes = waiting([50, 50] + Array(repeating: 1, count: 5_000))
        var turns: [Int] = []
        while !writes.isEmpty {
            let taken = transaction(&writes)
            if let heavy = taken.first(where: { $0 < 2 }) { turns.append(heavy) }
            if turns.count == 2 { break }
        }
        #expect(turns == [0, 1])
        // 500 operations in each of three transactions, and only the first had no turn to give.
        #expect(writes.count == 2 + 5_000 - 3 * 500)
    }

    @Test func `a few light ones don't owe a heavy one anything`() {
        var writes = waiting([200] + Array(repeating: 1, count: 3))
        #expect(transaction(&writes) == [1, 2, 3])
        writes.append(4, rows: 2)
        #expect(transaction(&writes) == [4])
        #expect(transaction(&writes) == [0])
    }

    @Test func `light ones that met no heavy one owe nothing to one that comes later`() {
        var writes = waiting(Array(repeating: 1, count: 500))
        #expect(transaction(&writes).count == 500)
        writes.append(500, rows: 200)
        writes.append(501, rows: 1)
        #expect(transaction(&writes) == [501])
    }

    @Test func `after a small caller the bulk's transactions are small, and large again when no other has come for long`() {
        var writes = waiting(Array(repeating: 64, count: 8))
        #expect(transaction(&writes).count == 8)
        writes.append(8, rows: 2)
        #expect(transaction(&writes) == [8])
        for number in 9..<(9 + 2 * WaitingWrites<Int>.expectation + 8) { writes.append(number, rows: 64) }
        for _ in 0..<WaitingWrites<Int>.expectation { #expect(transaction(&writes).count == 2) }
        #expect(transaction(&writes).count == 8)
    }

    @Test func `small writes of the engine's own make no transaction small`() {
        var writes = WaitingWrites<Int>()
        writes.append(0, rows: 2, asker: .engine)
        #expect(transaction(&writes) == [0])
        for number in 1...8 { writes.append(number, rows: 64, asker: .engine) }
        #expect(transaction(&writes) == Array(1...8))
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
