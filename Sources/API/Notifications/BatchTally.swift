import Domain

/// What a batch came to.
struct BatchTally: Sendable {
    private(set) var reached = 0
    private(set) var failed = 0
    private var queued = 0
    private var cancelled = 0

    mutating func count(_ notification: Notification) {
        switch notification.tally.status {
        case .reached: reached += 1
        case .failed: failed += 1
        case .queued: queued += 1
        case .cancelled: cancelled += 1
        }
    }

    /// A target that could not even be stored.
    mutating func refuse() { failed += 1 }

    /// The contracts name only two outcomes; what is neither yet is told beside them, so that the numbers add up to the total.
    func addRest(to answer: inout JSONObject) {
        if queued > 0 { answer["queued"] = .integer(queued) }
        if cancelled > 0 { answer["cancelled"] = .integer(cancelled) }
    }
}
