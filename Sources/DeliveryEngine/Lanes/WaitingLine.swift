internal import DequeModule
internal import Domain

/// Claims that wait in memory for their request: high priority first, each kind in the order in which it came.
struct WaitingLine: Sendable {
    private var high: Deque<Claim> = []
    private var normal: Deque<Claim> = []

    var count: Int { high.count + normal.count }
    var isEmpty: Bool { high.isEmpty && normal.isEmpty }

    mutating func append(_ claim: Claim) {
        switch claim.message.delivery.priority {
        case .high: high.append(claim)
        case .normal: normal.append(claim)
        }
    }

    /// For what was already at the head once: an attempt that is to be made again at once.
    mutating func prepend(_ claim: Claim) {
        switch claim.message.delivery.priority {
        case .high: high.prepend(claim)
        case .normal: normal.prepend(claim)
        }
    }

    mutating func removeAll() -> [Claim] {
        defer {
            high.removeAll()
            normal.removeAll()
        }
        return Array(high) + Array(normal)
    }

    /// The first claim and, up to `limit`, others of its group. What is passed over keeps its place.
    mutating func takeBatch(limit: Int) -> [Claim] {
        guard let first = high.popFirst() ?? normal.popFirst() else { return [] }
        guard limit > 1 else { return [first] }
        var batch = [first]
        Self.gather(from: &high, group: first.group, limit: limit, into: &batch)
        Self.gather(from: &normal, group: first.group, limit: limit, into: &batch)
        return batch
    }

    private static func gather(from line: inout Deque<Claim>, group: String, limit: Int, into batch: inout [Claim]) {
        var passedOver: [Claim] = []
        while batch.count < limit, let claim = line.popFirst() {
            if claim.group == group { batch.append(claim) } else { passedOver.append(claim) }
        }
        line.prepend(contentsOf: passedOver)
    }
}
