internal import Domain

/// Tells when the machine's clock has been set: its time has gone on by more or less than time has passed. Pure.
struct ClockWatch: Sendable {
    /// Two readings are never taken at the same instant, and a clock that is being steered by degrees does no harm.
    static let tolerance: Duration = .seconds(2)

    private var lead: Duration

    init(now: Timestamp, elapsed: Duration) {
        lead = Self.lead(now, elapsed)
    }

    /// - Returns: by how much it has been set since it was asked last, below zero for back; nil when it was not.
    mutating func jump(now: Timestamp, elapsed: Duration) -> Duration? {
        let before = lead
        lead = Self.lead(now, elapsed)
        let jump = lead - before
        return abs(jump.microseconds) > Self.tolerance.microseconds ? jump : nil
    }

    private static func lead(_ now: Timestamp, _ elapsed: Duration) -> Duration { now - Timestamp(microseconds: 0) - elapsed }
}

/// Time as it passes, for waits that nobody's calendar has to do with: setting the machine's clock makes them neither shorter nor longer.
struct SteadyTime: TimeSource {
    let base: any TimeSource

    var now: Timestamp { Timestamp(microseconds: 0) + base.elapsed }
    var elapsed: Duration { base.elapsed }

    func sleep(until deadline: Timestamp) async throws { try await base.sleep(for: deadline - now) }
}
