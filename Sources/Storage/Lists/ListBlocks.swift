/// How a list is cut into blocks: each begins with a slot and reaches to the next, so that a span of time is whole blocks and two ends to be counted.
///
/// A new block begins with the first row behind a full one. So blocks are alike in rows, not in time, a burst is many and a quiet month is one; and a
/// row stays in the block that it came into, for no block ever begins before what has been counted.
struct ListBlocks: Sendable, Hashable {
    /// Rows in a block before another begins; some more where many share a slot, or come late. Counting a block takes a few milliseconds.
    static let full = 4_096

    /// The first slots of the blocks, ascending; the first block begins before every row.
    private(set) var starts: [Int64]
    /// The last slot of which a row was counted.
    private(set) var last: Int64
    /// Rows that came into the newest block.
    private(set) var size: Int

    init(starts: [Int64] = [0], last: Int64 = 0, size: Int = 0) {
        precondition(starts.first == 0)
        self.starts = starts
        self.last = last
        self.size = size
    }

    /// - Parameter slot: not smaller than in the call before.
    mutating func add(_ count: Int, at slot: Int64, full: Int = Self.full) {
        guard slot >= starts[starts.count - 1] else { return }
        if size >= full, slot > last {
            starts.append(slot)
            size = 0
        }
        size += count
        last = max(last, slot)
    }

    /// The first slot of the block that a slot is in.
    func start(of slot: Int64) -> Int64 { starts[index(of: slot)] }

    /// The number of the block that a slot is in.
    func index(of slot: Int64) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= slot { low = middle } else { high = middle }
        }
        return low
    }

    /// The keys of a block.
    func keys(_ index: Int) -> Range<Int64> {
        let upper = index + 1 < starts.count ? starts[index + 1] * CountedTable.slot : .max
        return starts[index] * CountedTable.slot..<upper
    }

    /// The whole blocks within a span of keys, as keys; empty where there are none.
    func whole(within keys: Range<Int64>) -> Range<Int64> {
        let bounds = starts.lazy.map { $0 * CountedTable.slot }
        let lower = bounds.first { $0 >= keys.lowerBound }
        let upper = keys.upperBound == .max ? .max : bounds.last { $0 <= keys.upperBound }
        guard let lower, let upper, lower < upper else { return keys.lowerBound..<keys.lowerBound }
        return lower..<upper
    }
}
