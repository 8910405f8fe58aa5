import Testing

@testable import DeliveryEngine

struct FairShareTests {
    var share = FairShare()

    @Test mutating func `lanes take one turn each until they have nothing left`() {
        var left = [3, 1, 2]
        for lane in left.indices { share.add(lane) }
        var order: [Int] = []
        share.rotate { lane in
            guard left[lane] > 0 else { return .done }
            left[lane] -= 1
            order.append(lane)
            return .again
        }
        #expect(order == [0, 1, 2, 0, 2, 0])
        #expect(share.isEmpty)
    }

    @Test mutating func `a lane that found no room keeps its place for the next round`() {
        for lane in 0..<3 { share.add(lane) }
        share.rotate { $0 == 0 ? .done : .blocked }
        share.add(0)
        var order: [Int] = []
        share.rotate { lane in
            order.append(lane)
            return .done
        }
        #expect(order == [1, 2, 0])
    }

    @Test mutating func `adding a lane twice gives it one turn`() {
        share.add(4)
        share.add(4)
        var turns = 0
        share.rotate { _ in
            turns += 1
            return .done
        }
        #expect(turns == 1)
    }
}
