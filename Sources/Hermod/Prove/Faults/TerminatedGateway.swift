/// SIGTERM in the middle of its work, and started again.
struct TerminatedGateway: InjectedFault {
    private let life: Duration

    init(_ random: inout SeededRandom) {
        life = random.milliseconds(in: 0...400)
    }

    func begin(_ stage: ProveStage) async throws {
        try await Task.sleep(for: life)
        try await stage.gateway.terminate()
        try await stage.gateway.start()
    }

    func end(_ stage: ProveStage) async throws {}
}
