/// What a run has come to: what the proof stands or falls by.
struct LedgerReport: Sendable {
    /// Of all notifications that were sent during one fault, or of all.
    struct Row: Sendable, Hashable {
        var posted = 0
        var accepted = 0
        /// Met a fault, at the gateway or at the provider.
        var disturbed = 0
        var delivered = 0
        /// By reason, each in agreement with what the mock did.
        var failed: [String: Int] = [:]
        var lost = 0
        /// Repetitions, by their cause.
        var explained: [DuplicateRule.Cause: Int] = [:]
        var unexplained = 0
        /// Milliseconds from the call to the provider, of what arrived; sorted at the end.
        var latencies: [UInt32] = []

        var failures: Int { failed.values.reduce(0, +) }
        var repeats: Int { explained.values.reduce(0, +) }

        mutating func add(_ other: Row) {
            posted += other.posted
            accepted += other.accepted
            disturbed += other.disturbed
            delivered += other.delivered
            failed.merge(other.failed, uniquingKeysWith: +)
            lost += other.lost
            explained.merge(other.explained, uniquingKeysWith: +)
            unexplained += other.unexplained
            latencies += other.latencies
        }

        func latency(_ share: Double) -> UInt32? {
            latencies.isEmpty ? nil : latencies[min(latencies.count - 1, Int(Double(latencies.count) * share))]
        }
    }

    /// One that speaks against the gateway.
    struct Fault: Sendable, Hashable {
        var notification: Int
        var id: String
        var episode: String
        var story: String
    }

    var plan: ProvePlan
    /// By the fault's name; calm under the empty one.
    var rows: [String: Row] = [:]
    var total = Row()
    /// The first of what was lost or repeated without cause, for whoever looks for the reason.
    var faults: [Fault] = []
    /// Faults that could not be injected as wished, and what was done instead.
    var remarks: [String] = []
    var lives = 0
    var peakMemoryBytes = 0
    var elapsed: Duration = .zero

    /// What was not sent can't be lost: a run that has not sent all that was planned proves nothing.
    var isComplete: Bool { total.posted == plan.notifications && total.accepted > 0 }

    var isProof: Bool { isComplete && total.lost == 0 && total.unexplained == 0 }
}
