import Domain

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
            } catch is Done {
                group.cancelAll()
            } catch {
                group.cancelAll()
                desk.abandon()
                throw error
            }
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
        var skipped: [String] = []
        for episode in stage.plan.episodes {
            let end = first + episode.notifications
            progress.now(episode.fault?.rawValue ?? "calm")
            let isLate = stage.plan.pace.time.map { stage.clock.elapsed > $0 } ?? false
            if isLate, let name = episode.fault { skipped.append(name.rawValue) }
            if let name = episode.fault, !isLate {
                desk.release(below: first + episode.lead)
                await desk.handedOut(below: first + episode.lead)
                try await Task.sleep(for: episode.pause)
                let rest = (first + episode.lead)..<end
                async let flow: Void = release(rest, over: episode.hold)
                var fault = name.make(salt: episode.salt)
                try await fault.begin(stage)
                try await Task.sleep(for: episode.hold)
                try await fault.end(stage)
                try await flow
                await desk.finished(below: end)
                try await recover()
            } else {
                desk.release(below: end)
                await desk.finished(below: end)
            }
            first = end
        }
        if !skipped.isEmpty { stage.ledger.remark("the time was up before these faults had their turn: \(skipped.joined(separator: ", "))") }
    }

    /// Releases these numbers little by little, so that there is something to go wrong for as long as the fault holds.
    private func release(_ numbers: Range<Int>, over time: Duration) async throws {
        let steps = 20
        for step in 1...steps {
            desk.release(below: numbers.lowerBound + numbers.count * step / steps)
            if step < steps { try await Task.sleep(for: time / steps) }
        }
    }

    /// Lets lanes that the fault has stopped go on, so that the next one meets them at work: six minutes, longer than any lane waits before it tries
    /// whether a fault is over. They pass in growing steps, so that what waits for seconds is not told to have waited for minutes.
    private func recover() async throws {
        var left: Duration = .seconds(6 * 60)
        var step: Duration = .seconds(1)
        while left > .zero {
            let isQuiet = stage.ledger.tally.open == 0
            let some = isQuiet ? left : min(step, left)
            try await stage.pass(some)
            left -= some
            step *= 2
            if left > .zero { try await Task.sleep(for: .milliseconds(80)) }
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
        try stage.ledger.arrived(list.map { try Arrival($0) { stage.clock.moment(of: Timestamp(milliseconds: $0)) } })
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

    /// Returns when nothing is open any more, or when nothing moves although a day has passed.
    ///
    /// What waits for its next attempt, by its provider's wish for up to an hour, is not waited for: time is made to pass.
    private func settle() async throws {
        progress.now("settling")
        var least = Int.max
        var leap: Duration = .seconds(10)
        var passed: Duration = .zero
        var moved = ContinuousClock.now
        while try await stage.control.open() > 0 {
            let left = stage.ledger.tally.open
            if left < least {
                (least, leap, passed, moved) = (left, .seconds(10), .zero, .now)
            } else if ContinuousClock.now - moved > .milliseconds(700) {
                guard passed < .seconds(86_400) else { return }
                try await stage.pass(leap)
                passed += leap
                leap = min(leap * 2, .seconds(3_600))
                moved = .now
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func report() async throws -> LedgerReport {
        // What the mock took before the last settlement was written is in its list by now.
        while try await readNewArrivals() > 0 {}
        var claims = Ledger.Claims()
        var failed: [NotificationID: FailureRule.Claim] = [:]
        try await stage.control.failures(time: stage.clock.moment(of:)) { failed[$0] = $1 }
        claims.failed = stage.ledger.numbers(of: failed)
        claims.clock = stage.clock.moment(of: stage.clock.latestGatewayTime)
        claims.maxAttempts = Setting.maxAttempts
        for number in stage.ledger.unexplained.prefix(10_000) {
            claims.lateAnswers[number] = try await stage.control.waitsInVain(of: stage.ledger.id(of: number))
        }
        stage.gateway.measure()
        var report = stage.ledger.report(stage.plan, claims)
        report.lives = stage.gateway.lives
        report.peakMemoryBytes = stage.gateway.peakMemoryBytes
        report.elapsed = stage.clock.elapsed
        return report
    }
}
