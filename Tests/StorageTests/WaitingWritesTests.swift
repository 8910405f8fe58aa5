import Testing

@testable import Storage

@Suite("Writes that wait")
struct WaitingWritesTests {
    private func waiting(_ rows: [Int]) -> WaitingWrites<Int> {
        var writes = WaitingWrites<Int>()
        for (number, rows) in rows.enumerated() { writes.append(number, rows: rows) }
        return writes
    }

    /// What a transaction takes when nobody comes while it runs; empty when it is not the time for one.
    private func transaction(
        _ writes: inout WaitingWrites<Int>, limit: Int = 500, at now: Duration = .seconds(100), taking span: Duration = .zero
    ) -> [Int] {
        guard case .begin(var transaction) = writes.begin(now: now) else { return [] }
        var taken: [Int] = []
        while let next = writes.next(for: &transaction, limit: limit) { taken.append(next) }
        writes.ended(transaction, now: now + span)
        return taken
    }

    private func rest(_ writes: inout WaitingWrites<Int>, at now: Duration) -> Duration? {
        guard case .rest(let end) = writes.begin(now: now) else { return nil }
        return end
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
        guard case .begin(var transaction) = writes.begin(now: .zero) else {
            Issue.record("nothing began")
            return
        }
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

    /// A bulk, and a single message that has just been written.
    private func crowded(at now: Duration, bulk: Int) -> WaitingWrites<Int> {
        var writes = WaitingWrites<Int>()
        writes.append(-1, rows: 2, asker: .sender)
        #expect(transaction(&writes, at: now) == [-1])
        for number in 0..<bulk { writes.append(number, rows: 64, asker: .sender) }
        return writes
    }

    @Test func `after a single message the bulk's transactions are small, and large again when no other has come for a second`() {
        var writes = crowded(at: .seconds(5), bulk: 20)
        #expect(transaction(&writes, at: .milliseconds(5_000)).count == 2)
        #expect(transaction(&writes, at: .milliseconds(5_999)).count == 2)
        #expect(transaction(&writes, at: .milliseconds(6_000)).count == 16)
    }

    @Test(arguments: [WriteAsker.engine, .caller])
    func `small writes that send nothing neither make transactions small nor let a bulk rest`(_ asker: WriteAsker) {
        var writes = WaitingWrites<Int>()
        writes.append(0, rows: 2, asker: asker)
        #expect(transaction(&writes) == [0])
        for number in 1...16 { writes.append(number, rows: 128, asker: .sender) }
        #expect(transaction(&writes, at: .seconds(5), taking: .milliseconds(30)) == Array(1...8))
        #expect(transaction(&writes, at: .milliseconds(5_030)) == Array(9...16))
    }

    @Test func `beside single messages a bulk rests three times as long as it wrote`() {
        var writes = crowded(at: .seconds(5), bulk: 20)
        #expect(transaction(&writes, at: .seconds(5), taking: .milliseconds(4)).count == 2)
        #expect(rest(&writes, at: .milliseconds(5_004)) == .milliseconds(5_016))
        #expect(rest(&writes, at: .milliseconds(5_015)) == .milliseconds(5_016))
        #expect(transaction(&writes, at: .milliseconds(5_016), taking: .milliseconds(1)).count == 2)
        #expect(rest(&writes, at: .milliseconds(5_017)) == .milliseconds(5_020))
    }

    @Test func `who sends little while a bulk rests goes at once, takes nothing of the bulk along, and does not make the rest longer`() {
        var writes = crowded(at: .seconds(5), bulk: 20)
        _ = transaction(&writes, at: .seconds(5), taking: .milliseconds(4))
        writes.append(100, rows: 2, asker: .sender)
        writes.append(101, rows: 2, asker: .caller)
        #expect(transaction(&writes, at: .milliseconds(5_005), taking: .milliseconds(2)) == [100, 101])
        #expect(rest(&writes, at: .milliseconds(5_007)) == .milliseconds(5_016))
    }

    @Test func `the engine's small writes wait while a bulk rests, or go with a caller's`() {
        var writes = crowded(at: .seconds(5), bulk: 20)
        _ = transaction(&writes, at: .seconds(5), taking: .milliseconds(4))
        writes.append(100, rows: 2, asker: .engine)
        #expect(!writes.hasLightCaller)
        #expect(rest(&writes, at: .milliseconds(5_005)) == .milliseconds(5_016))
        writes.append(101, rows: 2, asker: .caller)
        #expect(writes.hasLightCaller)
        #expect(transaction(&writes, at: .milliseconds(5_006)) == [100, 101])
        #expect(!writes.hasLightCaller)
    }

    @Test func `a bulk that a crowd has held up has its turn when it has rested, and not before`() {
        var writes = crowded(at: .seconds(5), bulk: 20)
        _ = transaction(&writes, at: .seconds(5), taking: .milliseconds(4))
        for number in 100..<200 { writes.append(number, rows: 2, asker: .sender) }
        #expect(transaction(&writes, at: .milliseconds(5_005)) == Array(100..<200))
        writes.append(200, rows: 2, asker: .sender)
        #expect(transaction(&writes, at: .milliseconds(5_006)) == [200])
        writes.append(201, rows: 2, asker: .sender)
        #expect(transaction(&writes, at: .milliseconds(5_016)) == [2, 201])
    }

    @Test func `a lane that takes much from disk is a bulk, and settlements that gather are none`() {
        var writes = crowded(at: .seconds(5), bulk: 0)
        for number in 0..<3 { writes.append(number, rows: 100, asker: .engine) }
        #expect(transaction(&writes, at: .seconds(5), taking: .milliseconds(4)) == [0])
        #expect(transaction(&writes, at: .milliseconds(5_004), taking: .milliseconds(4)) == [1])
        writes.append(3, rows: 100, asker: .lane)
        #expect(transaction(&writes, at: .milliseconds(5_008), taking: .milliseconds(4)) == [2])
        #expect(transaction(&writes, at: .milliseconds(5_012), taking: .milliseconds(4)) == [3])
        writes.append(4, rows: 100, asker: .engine)
        #expect(rest(&writes, at: .milliseconds(5_016)) == .milliseconds(5_028))
    }

    @Test func `a disk that stalls makes nobody rest for as long`() {
        var writes = crowded(at: .seconds(5), bulk: 20)
        _ = transaction(&writes, at: .seconds(5), taking: .milliseconds(500))
        #expect(rest(&writes, at: .milliseconds(5_500)) == .milliseconds(5_550))
    }

    @Test func `a rest ends when no single message is expected any more`() {
        var writes = crowded(at: .seconds(5), bulk: 20)
        _ = transaction(&writes, at: .milliseconds(5_980), taking: .milliseconds(15))
        #expect(rest(&writes, at: .milliseconds(5_995)) == .seconds(6))
        #expect(transaction(&writes, at: .seconds(6)).count == 16)
    }

    @Test func `beside a hundred messages a second a bulk keeps about a quarter of the writer's time`() {
        var writes = crowded(at: .zero, bulk: 2_000)
        var now = Duration.zero
        var (bulk, single) = (Duration.zero, Duration.zero)
        var nextSingle = Duration.zero
        while now < .seconds(3) {
            if nextSingle <= now {
                writes.append(-2, rows: 2, asker: .sender)
                nextSingle += .milliseconds(10)
            }
            let taken = transaction(&writes, at: now, taking: .milliseconds(1))
            if taken.contains(where: { $0 >= 0 }) { bulk += .milliseconds(1) } else if !taken.isEmpty { single += .milliseconds(1) }
            now += .milliseconds(1)
        }
        #expect((0.21...0.26).contains(bulk / now))
        #expect((0.06...0.11).contains(single / now))
    }

    @Test func `what is larger than a transaction goes with light ones only`() {
        var writes = waiting([10_000, 10_000])
        guard case .begin(var first) = writes.begin(now: .zero) else {
            Issue.record("nothing began")
            return
        }
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
