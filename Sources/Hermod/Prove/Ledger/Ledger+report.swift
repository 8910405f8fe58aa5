import Synchronization

extension Ledger {
    /// What the gateway says at the end, as far as it matters here.
    struct Claims: Sendable {
        /// By notification number.
        var failed: [Int: FailureRule.Claim] = [:]
        /// In how many attempts of a repeated notification the gateway has waited for an answer in vain, and written that down.
        var lateAnswers: [Int: Int] = [:]
        /// The latest that its clock has shown.
        var clock: UInt32 = 0
        var maxAttempts = 12
    }

    /// Numbers of repetitions for which nothing that the prover did accounts.
    var unexplained: [Int] {
        state.withLock { state in
            state.repeats.filter { DuplicateRule.causes(of: $1, state.events(of: $0)).contains(nil) }.map(\.key).sorted()
        }
    }

    func report(_ plan: ProvePlan, _ claims: Claims) -> LedgerReport {
        state.withLock { state in
            var report = LedgerReport(plan: plan)
            for (number, entry) in state.entries.enumerated() where entry.standing != .unsent || entry.arrivals > 0 {
                let name = plan.episodes[Int(entry.episode)].fault?.rawValue ?? ""
                var row = LedgerReport.Row()
                row.posted = entry.standing == .unsent ? 0 : 1
                row.disturbed = entry.isDisturbed ? 1 : 0
                let story = state.judge(number, entry, claims, &row)
                report.rows[name, default: .init()].add(row)
                if let story, report.faults.count < 20 {
                    report.faults.append(.init(notification: number, id: entry.id.text, episode: name.isEmpty ? "calm" : name, story: story))
                }
            }
            for name in report.rows.keys { report.rows[name]?.latencies.sort() }
            for row in report.rows.values { report.total.add(row) }
            report.total.latencies.sort()
            report.remarks = state.remarks
            return report
        }
    }
}

extension Ledger.State {
    /// - Returns: what speaks against the gateway, if anything does.
    fileprivate func judge(_ number: Int, _ entry: LedgerEntry, _ claims: Ledger.Claims, _ row: inout LedgerReport.Row) -> String? {
        var story: String?
        if entry.standing == .accepted {
            row.accepted = 1
            if entry.arrivals > 0 {
                row.delivered = 1
            } else if let claim = claims.failed[number] {
                let refusal = reasons[Int(entry.reason)]
                if FailureRule.isHonest(claim, entry, refusal: refusal, clock: claims.clock, maxAttempts: claims.maxAttempts) {
                    row.failed[FailureRule.reason(of: claim)] = 1
                } else {
                    row.lost = 1
                    story = "failed as \(claim.reason) (\(claim.error)), but the mock refused it \(entry.refusals) times, last as \"\(refusal)\""
                }
            } else {
                row.lost = 1
                story = "never arrived, and the gateway does not say why"
            }
        }
        if entry.standing == .unsent {
            row.unexplained = 1
            story = "arrived, and nobody had sent it"
        }
        if entry.isMisdirected {
            row.lost = 1
            row.delivered = 0
            story = "reached another device or mailbox than it was for"
        }
        if entry.arrivals > 0 {
            // The mock's clock and ours are one; rounding must not make it a negative time.
            row.latencies = [entry.first.at - min(entry.first.at, entry.postedAt)]
        }
        if let sightings = repeats[number] {
            for cause in DuplicateRule.causes(of: sightings, events(of: number, lateAnswers: claims.lateAnswers[number] ?? 0)) {
                if let cause { row.explained[cause, default: 0] += 1 } else { row.unexplained += 1 }
            }
            if row.unexplained > 0 {
                let times = sightings.map { "\($0.at) ms (connection \($0.connection))" }.joined(separator: ", ")
                story = "arrived \(sightings.count) times without a cause: \(times)"
            }
        }
        return story
    }

    fileprivate func events(of number: Int, lateAnswers: Int = 0) -> DuplicateRule.Events {
        DuplicateRule.Events(crashes: underWay[number] ?? [], breaks: breaks, lateAnswers: lateAnswers)
    }
}
