/// Whether a failure that the gateway reports is the truth: it has to agree with what the mock did. Pure.
enum FailureRule {
    /// What the gateway says of a delivery that has failed.
    struct Claim: Sendable, Hashable {
        var reason: String
        var error: String
    }

    /// Under which reason a failure is counted: what expired between two attempts bears the last attempt's.
    static func reason(of claim: Claim) -> String { isExpiry(claim) ? "expired" : claim.reason }

    private static func isExpiry(_ claim: Claim) -> Bool { claim.reason == "expired" || claim.error.contains("before it expired") }

    /// - Parameter refusal: the word of the mock's newest refusal.
    /// - Parameter clock: the latest that the gateway's clock has shown.
    /// - Parameter maxAttempts: as the gateway is configured.
    static func isHonest(_ claim: Claim, _ entry: LedgerEntry, refusal: String, clock: UInt32, maxAttempts: Int) -> Bool {
        if isExpiry(claim) { return entry.deadline != 0 && entry.deadline <= clock }
        // The refusal may have come in an answer that the plan made unreadable; that nobody knows is then the truth.
        if entry.isDead { return entry.refusals > 0 && (claim.reason == refusal || claim.reason == "outcome_unknown") }
        // Giving up is honest after as many refusals as the configuration asks for.
        return Int(entry.refusals) >= maxAttempts && claim.reason == refusal
    }
}
