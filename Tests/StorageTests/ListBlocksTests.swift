import Testing

@testable import Storage

@Suite("Blocks of a list")
struct ListBlocksTests {
    @Test func `a block begins with the first slot behind a full one, and never before what was counted`() {
        var blocks = ListBlocks()
        for slot in 10...13 { blocks.add(2, at: Int64(slot), full: 4) }
        #expect(blocks.starts == [0, 12])
        // A slot holds together, however many rows come into it.
        blocks.add(100, at: 13, full: 4)
        #expect(blocks.starts == [0, 12])
        // What comes late goes where its time is, and makes nothing new.
        blocks.add(1, at: 12, full: 4)
        blocks.add(1, at: 5, full: 4)
        #expect(blocks.starts == [0, 12])
        blocks.add(1, at: 14, full: 4)
        #expect(blocks.starts == [0, 12, 14])
        #expect([0, 11, 12, 13, 14, 99].map(blocks.start(of:)) == [0, 0, 12, 12, 14, 14])
    }

    @Test func `a span of keys is whole blocks and two ends`() {
        let slot = CountedTable.slot
        let blocks = ListBlocks(starts: [0, 10, 20, 30])
        #expect(blocks.whole(within: 0..<Int64.max) == 0..<Int64.max)
        #expect(blocks.whole(within: 1..<Int64.max) == 10 * slot..<Int64.max)
        #expect(blocks.whole(within: 10 * slot..<30 * slot) == 10 * slot..<30 * slot)
        #expect(blocks.whole(within: 10 * slot + 1..<30 * slot - 1).isEmpty)
        #expect(blocks.whole(within: 10 * slot - 1..<29 * slot) == 10 * slot..<20 * slot)
        #expect(blocks.whole(within: 31 * slot..<Int64.max).isEmpty, "the newest block is no whole one yet where the span begins in it")
        #expect(blocks.keys(3) == 30 * slot..<Int64.max)
        #expect(blocks.keys(0) == 0..<10 * slot)
    }
}
