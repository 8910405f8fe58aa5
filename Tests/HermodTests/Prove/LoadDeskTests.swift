import Testing

@testable import Hermod

@Suite(.timeLimit(.minutes(1))) struct LoadDeskTests {
    @Test func `callers get what is released, in order, and nothing once it is closed`() async {
        let desk = LoadDesk(seed: 1)
        desk.release(below: 200)
        var next = 0
        while next < 200 {
            guard let order = await desk.take() else { break }
            #expect(order.first == next)
            next += order.count
            desk.done()
        }
        #expect(next == 200)
        desk.close()
        #expect(await desk.take() == nil)
    }

    @Test func `a caller that waits is given work when there is some`() async {
        let desk = LoadDesk(seed: 1)
        async let order = desk.take()
        desk.release(below: 1)
        #expect(await order?.numbers == 0..<1)
    }

    @Test func `a part is finished when its last call has ended, not when it was handed out`() async {
        let desk = LoadDesk(seed: 1)
        desk.release(below: 1)
        #expect(await desk.take() != nil)
        await desk.handedOut(below: 1)
        async let finished: Void = desk.finished(below: 1)
        desk.done()
        await finished
    }

    @Test func `when a run has failed, nobody waits for it any longer`() async {
        let desk = LoadDesk(seed: 1)
        async let order = desk.take()
        async let finished: Void = desk.finished(below: 10)
        desk.abandon()
        #expect(await order == nil)
        await finished
        desk.release(below: 10)
        #expect(await desk.take() == nil)
    }

    @Test(arguments: FaultName.allCases) func `what a fault does is decided by its salt alone`(name: FaultName) {
        #expect("\(name.make(salt: 5))" == "\(name.make(salt: 5))")
    }
}
