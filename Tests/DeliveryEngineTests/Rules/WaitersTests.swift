import Domain
import Testing

@testable import DeliveryEngine

struct WaitersTests {
    var waiters = Waiters()

    private func standing(_ targeted: Int) -> Waiters.Standing { .init(tally: Tally(targeted: targeted)) }

    @Test mutating func `a caller is resumed when the last delivery of its last notification has settled`() {
        waiters.track("a", standing(2))
        waiters.track("b", standing(1))
        #expect(waiters.attach(1, to: ["a", "b"]).isEmpty)
        #expect(waiters.delivery(of: "a", became: .delivered, error: nil).isEmpty)
        #expect(waiters.delivery(of: "b", became: .sent, error: nil).isEmpty)
        let finished = waiters.delivery(of: "a", became: .failed, error: "gone")
        #expect(finished.map(\.waiter) == [1])
        #expect(finished.first?.standings["a"] == .init(tally: Tally(targeted: 2, reached: 1, failed: 1), error: "gone"))
        #expect(finished.first?.standings["b"]?.tally.reached == 1)
        #expect(waiters.isEmpty)
    }

    @Test mutating func `several callers may wait for one notification`() {
        waiters.track("a", standing(1))
        _ = waiters.attach(1, to: ["a"])
        _ = waiters.attach(2, to: ["a"])
        #expect(waiters.delivery(of: "a", became: .cancelled, error: nil).map(\.waiter) == [1, 2])
    }

    @Test mutating func `a caller whose time is over gets what is known, and leaves nothing behind but the notification`() {
        waiters.track("a", standing(2))
        _ = waiters.attach(1, to: ["a"])
        _ = waiters.delivery(of: "a", became: .delivered, error: nil)
        #expect(waiters.detach(1)?.standings["a"]?.tally == Tally(targeted: 2, reached: 1))
        #expect(waiters.detach(1) == nil)
        #expect(waiters.delivery(of: "a", became: .delivered, error: nil).isEmpty)
        #expect(waiters.isEmpty)
    }

    @Test mutating func `of an unknown notification any news wakes the caller, who has to look`() {
        #expect(waiters.attach(1, to: ["old"]) == ["old"])
        #expect(waiters.delivery(of: "old", became: .delivered, error: nil) == [.init(waiter: 1, standings: [:])])
        #expect(waiters.isEmpty)
    }

    @Test mutating func `what the database calls settled is not waited for`() {
        waiters.track("new", standing(1))
        #expect(waiters.attach(1, to: ["old", "new"]) == ["old"])
        #expect(waiters.settled("old").isEmpty)
        #expect(waiters.delivery(of: "new", became: .delivered, error: nil).map(\.waiter) == [1])
    }

    @Test mutating func `an unknown notification is forgotten with its last caller`() {
        _ = waiters.attach(1, to: ["old"])
        _ = waiters.attach(2, to: ["old"])
        _ = waiters.detach(1)
        #expect(!waiters.isEmpty)
        _ = waiters.detach(2)
        #expect(waiters.isEmpty)
    }

    @Test mutating func `no more is remembered than the limit`() {
        waiters = Waiters(limit: 2)
        for id in ["a", "b", "c"] { waiters.track(id, standing(1)) }
        #expect(waiters.attach(1, to: ["a", "b", "c"]) == ["c"])
    }
}
