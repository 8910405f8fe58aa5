/// Carries a plan out: load and faults, then patience until all is settled, then the ledger.
struct Prover: Sendable {
    let stage: ProveStage
    let desk: LoadDesk
    let progress: ProveProgress

    init(stage: ProveStage, progress: ProveProgress) {
        self.stage = stage
        self.progress = progress
        desk = LoadDesk(seed: stage.plan.seed)
    }

    func run() async throws -> LedgerReport {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await readArrivals() }
            group.addTask { try await measure() }
            for _ in 0..<(Cast.callers * Cast.orgs.count) {
                let ends = ends
                group.addTask {
                    try await BackendService(desk: desk, stage: stage) { number in ends.firstIndex { number < $0 } ?? 0 }.run()
                }
            }
            // The watchers never end by themselves: the first fault of any of them ends the run.
            group.addTask {
                try await conduct()
                desk.close()
                try await settle()
                throw Done()
            }
            do {
                while try await group.next() != nil {}
            } catch is Done {}
            group.cancelAll()
        }
        return try await report()
    }

    private struct Done: Error {}

    /// The number behind each episode's last notification.
    private var ends: [Int] {
        var end = 0
        return stage.plan.episodes.map { episode in
            end += episode.notifications
            return end
        }
    }

    // MARK: Load and faults

    private func conduct() async throws {
        var first = 0
        for episode in stage.plan.episodes {
            progress.now(episode.fault?.rawValue ?? "calm")
            desk.release(below: first + episode.notifications)
            if let name = episode.fault {
                await desk.handedOut(below: first + episode.lead)
                try await Task.sleep(for: episode.pause)
                var fault = name.make(salt: episode.salt)
                try await fault.begin(stage)
                try await Task.sleep(for: episode.hold)
                try await fault.end(stage)
            }
            first += episode.notifications
            await desk.finished(below: first)
        }
    }

    // MARK: Watching

    private func readArrivals() async throws {
        while !Task.isCancelled { try await readNewArrivals() }
    }

    /// - Returns: how many there were.
    @discardableResult
    private func readNewArrivals() async throws -> Int {
        let list = try await stage.mock.messages(after: stage.ledger.read)
        try stage.ledger.arrived(list.compactMap { Arrival($0) { stage.clock.moment(ofMock: $0) } })
        return list.count
    }

    private func measure() async throws {
        while !Task.isCancelled {
            try await Task.sleep(for: .milliseconds(500))
            stage.gateway.measure()
            try stage.gateway.check()
            progress.tell(stage.ledger.tally)
        }
    }

    // MARK: The end

    /// Returns when nothing is open any more, or when nothing moves although something is.
    private func settle() async throws {
        progress.now("settling")
        var lastOpen = Int.max
        var still = ContinuousClock.now
        while true {
            let open = try await stage.control.open()
            if open == 0 { return }
            let left = stage.ledger.tally.open
            if left < lastOpen {
                lastOpen = left
                still = .now
            }
            if ContinuousClock.now - still > .seconds(60) { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func report() async throws -> LedgerReport {
        // What the mock took before the last settlement was written is in its list by now.
        while try await readNewArrivals() > 0 {}
        var claims = Ledger.Claims()
        var failed: [NotificationID: FailureRule.Claim] = [:]
        try await stage.control.failures { failed[$0] = $1 }
        claims.failed = stage.ledger.numbers(of: failed)
        claims.clock = stage.clock.moment(of: stage.clock.gatewayTime)
        claims.maxAttempts = Setting.maxAttempts
        for number in stage.ledger.unexplained.prefix(500) {
            if try await stage.control.waitedInVain(for: stage.ledger.id(of: number)) { claims.lateAnswers.insert(number) }
        }
        stage.gateway.measure()
        var report = stage.ledger.report(stage.plan, claims)
        report.lives = stage.gateway.lives
        report.peakMemoryBytes = stage.gateway.peakMemoryBytes
        report.elapsed = .milliseconds(Int64(stage.clock.moment))
        return report
    }
}
