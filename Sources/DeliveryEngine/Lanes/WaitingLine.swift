internal import DequeModule
internal import Domain

/// Claims that wait in memory for their request: high priority first, each kind in the order in which it came.
///
/// Of ten requests in a row one begins with a claim of normal priority, where one waits: a stream of urgent messages that fills the lane for good
/// slows the others down but does not end them.
struct WaitingLine: Sendable {
    static let highInARow = 9

    private var high: Deque<Claim> = []
    private var normal: Deque<Claim> = []
    /// Requests that began with a high one while a normal one waited.
    private var passed = 0

    var count: Int { high.count + normal.count }
    var isEmpty: Bool { high.isEmpty && normal.isEmpty }

    /// The next one.
    var first: Claim? { isNormalsTurn ? normal.first : high.first }

    private var isNormalsTurn: Bool { high.isEmpty || (passed >= Self.highInARow && !normal.isEmpty) }

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

    /// All of a group.
    mutating func removeAll(of group: String) -> [Claim] {
        let removed = Array(high.filter { $0.group == group }) + Array(normal.filter { $0.group == group })
        high.removeAll { $0.group == group }
        normal.removeAll { $0.group == group }
        return removed
    }

    /// The first claim and, up to `limit`, others of its group. What is passed over keeps its place.
    mutating func takeBatch(limit: Int) -> [Claim] {
        guard let first = takeFirst() else { return [] }
        guard limit > 1 else { return [first] }
        var batch = [first]
        Self.gather(from: &high, group: first.group, limit: limit, into: &batch)
        Self.gather(from: &normal, group: first.group, limit: limit, into: &batch)
        return batch
    }

    private mutating func takeFirst() -> Claim? {
        if isNormalsTurn {
            passed = 0
            return normal.popFirst()
        }
        if !normal.isEmpty { passed += 1 }
        return high.popFirst()
    }

    private static func gather(from line: inout Deque<Claim>, group: String, limit: Int, into batch: inout [Claim]) {
        var passedOver: [Claim] = []
        while batch.count < limit, let claim = line.popFirst() {
            if claim.group == group { batch.append(claim) } else { passedOver.append(claim) }
        }
        line.prepend(contentsOf: passedOver)
    }
}
