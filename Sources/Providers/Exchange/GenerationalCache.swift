/// Remembers at least the last `capacity` keys that were used, and at most twice as many; forgets the rest. Every operation is O(1).
///
/// Two generations stand in for a linked list: what is used moves to the young one, and when that is full the old one is dropped.
struct GenerationalCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let capacity: Int
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]

    init(capacity: Int) {
        self.capacity = max(capacity, 1)
    }

    var count: Int { young.count + old.keys.count { young[$0] == nil } }

    /// The value, kept for longer now that it has been asked for.
    mutating func use(_ key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old[key] else { return nil }
        insert(value, for: key)
        return value
    }

    mutating func insert(_ value: Value, for key: Key) {
        if young.count >= capacity, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }

    /// The value, made at first use.
    mutating func value(for key: Key, make: () throws -> Value) rethrows -> Value {
        if let value = use(key) { return value }
        let value = try make()
        insert(value, for: key)
        return value
    }
}
