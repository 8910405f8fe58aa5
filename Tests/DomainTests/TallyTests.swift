import Domain
import Testing

struct TallyTests {
    @Test(
        arguments: [
            (0, 0, 0, 0, .failed, true), (1, 0, 0, 0, .queued, false), (1, 1, 0, 0, .reached, true), (1, 0, 1, 0, .failed, true),
            (1, 0, 0, 1, .cancelled, true), (3, 1, 0, 0, .reached, false), (3, 0, 2, 0, .queued, false), (3, 0, 2, 1, .failed, true),
            (3, 0, 0, 3, .cancelled, true), (3, 1, 1, 1, .reached, true), (2, 0, 1, 0, .queued, false),
        ] as [(Int, Int, Int, Int, FoldedStatus, Bool)])
    func `several deliveries fold into one status`(
        targeted: Int, reached: Int, failed: Int, cancelled: Int, status: FoldedStatus, isSettled: Bool
    ) {
        let tally = Tally(targeted: targeted, reached: reached, failed: failed, cancelled: cancelled)
        #expect(tally.status == status)
        #expect(tally.isSettled == isSettled)
    }
}
