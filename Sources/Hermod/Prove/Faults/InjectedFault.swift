/// One thing that goes wrong for a while.
protocol InjectedFault: Sendable {
    /// What is to be random about it comes from `random`, so that a seed repeats it.
    init(_ random: inout SeededRandom)

    /// Lets it begin. Throws `Unavailable` where the machine does not allow it.
    mutating func begin(_ stage: ProveStage) async throws

    /// Puts things right again.
    mutating func end(_ stage: ProveStage) async throws
}
