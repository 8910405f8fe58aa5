import Domain

extension LedgerReport {
    /// The ledger for programs.
    var json: JSON {
        [
            "proven": .bool(isProof),
            // A seed may be greater than a reader's numbers.
            "seed": .string("\(plan.seed)"),
            "notifications": .integer(plan.notifications),
            "total": Self.json(total),
            "faults": .object(
                JSONObject(
                    members: rows.sorted { $0.key < $1.key }.map { .init(key: $0.key.isEmpty ? "calm" : $0.key, value: Self.json($0.value)) })),
            "against": .array(
                faults.map {
                    ["notification": .integer($0.notification), "id": .string($0.id), "fault": .string($0.episode), "story": .string($0.story)]
                }),
            "remarks": .array(remarks.map { .string($0) }),
            "gateway": ["lives": .integer(lives), "peak_memory_bytes": .integer(peakMemoryBytes)],
            "elapsed_ms": .integer(elapsed.milliseconds),
        ]
    }

    private static func json(_ row: Row) -> JSON {
        [
            "sent": .integer(row.posted), "disturbed": .integer(row.disturbed), "accepted": .integer(row.accepted),
            "delivered": .integer(row.delivered),
            "failed": counts(row.failed.map { ($0.key, $0.value) }), "lost": .integer(row.lost),
            "duplicates": [
                "explained": counts(row.explained.map { ($0.key.rawValue, $0.value) }), "unexplained": .integer(row.unexplained),
            ],
            "latency_ms": ["p50": milliseconds(row.latency(0.5)), "p99": milliseconds(row.latency(0.99))],
        ]
    }

    private static func counts(_ counts: [(String, Int)]) -> JSON {
        .object(JSONObject(members: counts.sorted { $0.0 < $1.0 }.map { .init(key: $0.0, value: .integer($0.1)) }))
    }

    private static func milliseconds(_ value: UInt32?) -> JSON { value.map(JSON.integer) ?? .null }
}
