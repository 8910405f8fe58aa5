internal import DequeModule

/// Whose turn it is: lanes that have something to send, one request each in turn, so that one org's bulk can't make another wait.
struct FairShare: Sendable {
    private var ring: Deque<Int> = []
    private var isIn: [Bool] = []

    var isEmpty: Bool { ring.isEmpty }

    /// Puts a lane at the end of the ring; a lane that is in it, or waits elsewhere for its turn, keeps its place.
    mutating func add(_ lane: Int) {
        while isIn.count <= lane { isIn.append(false) }
        guard !isIn[lane] else { return }
        isIn[lane] = true
        ring.append(lane)
    }

    /// Lanes that have waited elsewhere come before all others, in their order.
    mutating func readmit(_ lanes: [Int]) {
        ring.prepend(contentsOf: lanes)
    }

    /// Gives each lane one turn after the other until none has anything to send any more.
    ///
    /// - Parameter turn: makes one request for the lane and says what becomes of its place.
    mutating func rotate(_ turn: (Int) -> Turn) {
        var blocked: [Int] = []
        while let lane = ring.popFirst() {
            switch turn(lane) {
            case .again: ring.append(lane)
            case .blocked: blocked.append(lane)
            case .elsewhere: break
            case .done: isIn[lane] = false
            }
        }
        ring.append(contentsOf: blocked)
    }

    enum Turn {
        /// It made a request and may have another.
        case again
        /// It has something to send, but there is no room over all lanes: it keeps its place for the next round.
        case blocked
        /// It waits in another line, from which it comes back by `readmit` and not by `add`.
        case elsewhere
        /// Nothing to send now; it comes back by `add`.
        case done
    }
}
