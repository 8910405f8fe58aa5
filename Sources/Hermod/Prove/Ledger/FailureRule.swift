/// Whether a failure that the gateway reports is the truth: it has to agree with what the mock did. Pure.
enum FailureRule {
    /// What the gateway says of a delivery that has failed.
    struct Claim: Sendable, Hashable {
        var reason: String
        var error: String
        /// When it failed by the gateway's clock, in milliseconds since the run began.
        var at: UInt32
    }

    /// The mock's words for a device or mailbox that is gone.
    private static let gone: Set = ["DeviceNotRegistered", "Unregistered", "UNREGISTERED", "5.1.1"]
    /// Times over REST have whole seconds.
    private static let rounding: UInt32 = 1_000
    /// The longest pause before an attempt that the configuration and the plan's providers can make (an hour of backoff, a quarter for APNs): a gateway that gives up
    /// before the deadline says that the next attempt would have come behind it.
    private static let longestPause: UInt32 = 90 * 60_000

    /// Under which reason a failure is counted: what expired between two attempts bears the last attempt's.
    static func reason(of claim: Claim) -> String { claim.reason == "expired" || gaveUpBeforeDeadline(claim) ? "expired" : claim.reason }

    private static func gaveUpBeforeDeadline(_ claim: Claim) -> Bool { claim.error.contains("before it expired") }

    /// - Parameter refusal: the word of the mock's newest refusal.
    /// - Parameter clock: the latest that the gateway's clock has shown.
    /// - Parameter maxAttempts: as the gateway is configured.
    static func isHonest(_ claim: Claim, _ entry: LedgerEntry, refusal: String, clock: UInt32, maxAttempts: Int) -> Bool {
        guard claim.at <= clock.addingSaturated(rounding) else { return false }
        if claim.reason == "expired" { return entry.deadline != 0 && entry.deadline <= claim.at.addingSaturated(rounding) }
        if gaveUpBeforeDeadline(claim) { return entry.deadline != 0 && entry.deadline <= claim.at.addingSaturated(longestPause) }
        if entry.isDead, entry.refusals > 0 {
            // The refusal may have come in an answer that the plan made unreadable; that nobody knows is then the truth.
            if claim.reason == "outcome_unknown" { return true }
            if gone.contains(refusal) { return claim.reason == refusal }
        }
        // Giving up is honest after as many refusals as the configuration asks for.
        return Int(entry.refusals) >= maxAttempts && claim.reason == refusal
    }
}

extension UInt32 {
    fileprivate func addingSaturated(_ other: UInt32) -> UInt32 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
