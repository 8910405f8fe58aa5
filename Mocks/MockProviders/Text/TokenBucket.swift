/// So many at once, refilled continuously.
struct TokenBucket: Sendable {
    private let capacity: Double
    private let perSecond: Double
    private var level: Double
    /// Milliseconds since 1970.
    private var filledAt: Int64

    init(capacity: Int, perSecond: Double, now: Int64) {
        self.capacity = Double(capacity)
        self.perSecond = perSecond
        level = Double(capacity)
        filledAt = now
    }

    mutating func take(_ count: Int, now: Int64) -> Bool {
        level = min(capacity, level + perSecond * Double(max(0, now - filledAt)) / 1000)
        filledAt = max(filledAt, now)
        guard level >= Double(count) else { return false }
        level -= Double(count)
        return true
    }

    /// How long until so many are there.
    func wait(for count: Int) -> Duration { .milliseconds(Int64((max(0, Double(count) - level) / perSecond * 1000).rounded(.up))) }
}
