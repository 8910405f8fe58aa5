/// Callers send and hang up before the answer.
struct HangingUp: InjectedFault {
    init(_ random: inout SeededRandom) {}

    func begin(_ stage: ProveStage) async throws { stage.manners.set(hangsUp: true) }
    func end(_ stage: ProveStage) async throws { stage.manners.set(hangsUp: false) }
}
