/// kill -9 at a random instant, several times, each with a restart.
struct KilledGateway: InjectedFault {
    private let lives: [Duration]

    init(_ random: inout SeededRandom) {
        lives = (0..<Int.random(in: 1...3, using: &random)).map { _ in random.milliseconds(in: 0...800) }
    }

    func begin(_ stage: ProveStage) async throws {
        for life in lives {
            try await Task.sleep(for: life)
            try await stage.gateway.kill()
            try await stage.gateway.start()
        }
    }

    func end(_ stage: ProveStage) async throws {}
}
