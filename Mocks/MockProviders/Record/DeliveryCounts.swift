/// How often each message was accepted. No provider removes duplicates, so whoever sends must know.
struct DeliveryCounts {
    private var counts: [Key: Int] = [:]
    private var order: Ring<Key>

    private struct Key: Hashable {
        var provider: ProviderName
        var target: String
        var identity: String
    }

    init(retention: Int) { order = Ring(capacity: retention) }

    mutating func count(_ message: ReceivedMessage) {
        guard let identity = message.identity else { return }
        let key = Key(provider: message.provider, target: message.target, identity: identity)
        let times = counts[key, default: 0] + 1
        if times == 1 {
            if let oldest = order.oldestIfFull { counts[oldest] = nil }
            order.append(key)
        }
        counts[key] = times
    }

    var duplicates: [Duplicate] {
        order.newestFirst.compactMap { key in
            guard let count = counts[key], count > 1 else { return nil }
            return Duplicate(provider: key.provider, target: key.target, identity: key.identity, count: count)
        }
    }
}

/// A message that was accepted more than once.
public struct Duplicate: Sendable, Hashable {
    public var provider: ProviderName
    public var target: String
    public var identity: String
    public var count: Int
}
