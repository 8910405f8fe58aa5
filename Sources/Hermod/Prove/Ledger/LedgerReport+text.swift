import Domain

extension LedgerReport {
    /// The ledger for eyes.
    var text: String {
        var table = TextTable(columns: [
            "fault", "sent", "disturbed", "accepted", "delivered", "failed", "lost", "twice", "unexplained", "p50", "p99",
        ])
        for name in names { table.rows.append(Self.cells(name.isEmpty ? "(calm)" : name, rows[name] ?? .init())) }
        table.rows.append(Self.cells("all", total))
        var lines = [table.text, ""]
        lines += total.failed.sorted { $0.value > $1.value }.map { "failed, in agreement with what the mock did: \($0.value) \($0.key)" }
        lines += DuplicateRule.Cause.allCases.compactMap { cause in
            total.explained[cause].map { "arrived again: \($0) \(cause.words)" }
        }
        lines += faults.map { "AGAINST: notification \($0.notification) (\($0.id)) sent during \($0.episode): \($0.story)" }
        lines += remarks.map { "note: \($0)" }
        lines.append(
            "\(lives) \(lives == 1 ? "life" : "lives") of the gateway, peak memory \(peakMemoryBytes / (1 << 20)) MiB, \(elapsed.milliseconds / 1_000) s"
        )
        lines.append("seed \(plan.seed), \(ImportProgress.grouped(plan.notifications)) notifications")
        if !isComplete {
            lines.append("note: \(ImportProgress.grouped(total.posted)) were sent and \(ImportProgress.grouped(total.accepted)) accepted")
        }
        lines.append(
            isProof ? "PROVEN: lost 0, unexplained duplicates 0" : "NOT PROVEN: lost \(total.lost), unexplained duplicates \(total.unexplained)")
        return lines.joined(separator: "\n")
    }

    /// Calm first, then in the order in which faults are listed.
    private var names: [String] {
        ([""] + FaultName.allCases.map(\.rawValue)).filter { rows[$0] != nil }
    }

    private static func cells(_ name: String, _ row: Row) -> [String] {
        [name]
            + [row.posted, row.disturbed, row.accepted, row.delivered, row.failures, row.lost, row.repeats, row.unexplained].map {
                ImportProgress.grouped($0)
            }
            + [time(row.latency(0.5)), time(row.latency(0.99))]
    }

    private static func time(_ milliseconds: UInt32?) -> String {
        guard let milliseconds else { return "-" }
        switch milliseconds {
        case ..<10_000: return "\(milliseconds) ms"
        case ..<600_000: return "\(milliseconds / 1_000) s"
        default: return "\(milliseconds / 60_000) min"
        }
    }
}

extension DuplicateRule.Cause {
    fileprivate var words: String {
        switch self {
        case .crash: "because the gateway was killed between the provider's acceptance and its own commit"
        case .lostAnswer: "because the provider took it and its answer was lost"
        case .brokenConnection: "because the connection broke that the answer was to come on"
        case .lateAnswer: "because no answer came within the time of an attempt"
        }
    }
}
