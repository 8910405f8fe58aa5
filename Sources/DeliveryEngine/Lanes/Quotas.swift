internal import DequeModule
internal import Domain

/// The limiter of each quota, shared by the lanes that draw from it, and the lanes that wait for one, in their turn. Pure.
///
/// Lanes know a quota by its place: nothing is looked up by name for a message. A place is good for as long as a lane or a request holds on to it.
struct Quotas: Sendable {
    /// Beside those that lanes hold on to, so many are kept until they are as new: what a project's limiter has learnt outlives a request.
    static let limit = 1_024

    private struct Entry: Sendable {
        var name: String
        /// Others may find it by its name.
        var isShared: Bool
        var limiter: Limiter
        /// Lanes whose quota it is, and requests under way.
        var lanes = 0
        var requests = 0
        var reason: String?
        var throttles = 0
        var throttled: Duration = .zero
        /// Lanes that wait for it, the next one first, and when it has enough for that one.
        var queue: Deque<Int> = []
        var readyAt: Timestamp?

        var isHeld: Bool { lanes > 0 || requests > 0 || !queue.isEmpty }
    }

    private var entries: [Entry?] = []
    private var places: [String: Int] = [:]
    private var vacant: [Int] = []
    /// Those that lanes wait for.
    private var awaited: [Int] = []
    /// When the first of these has enough; nil when none is waited for.
    private(set) var nextReady: Timestamp?

    var count: Int { entries.count - vacant.count }

    subscript(place: Int) -> Limiter {
        get { entries[place]?.limiter ?? Limiter(.undocumented(nil)) }
        set { entries[place]?.limiter = newValue }
    }

    // MARK: Who draws from which

    /// A lane draws from it until `leave`.
    mutating func join(_ quota: Quota, by lane: LaneKey) -> Int {
        let place = quota.name.flatMap { places[$0] } ?? add(quota, named: quota.name ?? "lane/\(lane)")
        entries[place]?.lanes += 1
        return place
    }

    mutating func leave(_ place: Int, now: Timestamp) {
        entries[place]?.lanes -= 1
        // A lane's own is nobody's when the lane is gone; what others may name is kept while it knows something.
        if let entry = entries[place], !entry.isHeld, !entry.isShared || entry.limiter.isAsNew(now: now) { remove(place) }
    }

    /// The place of a quota that some of a lane's messages draw from; nil when there is no room for it.
    mutating func place(of quota: Quota, now: Timestamp) -> Int? {
        guard let name = quota.name else { return nil }
        if let place = places[name] { return place }
        if count >= Self.limit + lanes { forgetIdle(now: now) }
        guard count < Self.limit + lanes else { return nil }
        return add(quota, named: name)
    }

    private var lanes: Int { entries.reduce(0) { $0 + ($1.map { $0.lanes > 0 ? 1 : 0 } ?? 0) } }

    /// A request that was drawn from it is under way until `ended`.
    mutating func began(_ place: Int) { entries[place]?.requests += 1 }
    mutating func ended(_ place: Int) { entries[place]?.requests -= 1 }

    /// Forgets what nobody draws from and what would be made anew as it is.
    mutating func forgetIdle(now: Timestamp) {
        for (place, entry) in entries.enumerated() {
            if let entry, !entry.isHeld, entry.limiter.isAsNew(now: now) { remove(place) }
        }
    }

    private mutating func add(_ quota: Quota, named name: String) -> Int {
        let entry = Entry(name: name, isShared: quota.name != nil, limiter: Limiter(quota))
        let place: Int
        if let free = vacant.popLast() {
            place = free
            entries[place] = entry
        } else {
            place = entries.count
            entries.append(entry)
        }
        if entry.isShared { places[name] = place }
        return place
    }

    private mutating func remove(_ place: Int) {
        if let entry = entries[place], entry.isShared { places[entry.name] = nil }
        entries[place] = nil
        vacant.append(place)
    }

    // MARK: Refusals

    /// The provider asks for fewer messages of this quota.
    ///
    /// - Parameter sentAt: when the refused request had gone out.
    mutating func throttle(_ place: Int, for wait: Duration, reason: String, sentAt: Timestamp, now: Timestamp) {
        guard var entry = entries[place] else { return }
        let before = max(entry.limiter.pausedUntil ?? now, now)
        entry.limiter.throttle(for: wait, sentAt: sentAt, now: now)
        entry.throttled += (entry.limiter.pausedUntil ?? before) - before
        entry.throttles += 1
        entry.reason = reason
        // Who waits has to see that it is for longer now.
        if entry.readyAt != nil { entry.readyAt = now }
        entries[place] = entry
        findNextReady()
    }

    // MARK: Turns

    /// Lanes wait for it: whoever comes now has to go behind them.
    func hasQueue(_ place: Int) -> Bool { entries[place].map { !$0.queue.isEmpty } ?? false }

    /// The lane waits for its turn. The first one's need says when the next turn is.
    mutating func enqueue(_ lane: Int, at place: Int, readyAt: Timestamp) {
        guard var entry = entries[place] else { return }
        entry.queue.append(lane)
        if entry.readyAt == nil {
            entry.readyAt = readyAt
            awaited.append(place)
            nextReady = min(nextReady ?? readyAt, readyAt)
        }
        entries[place] = entry
    }

    /// Gives the lanes whose quotas have enough now, in their turn; they wait no longer.
    mutating func takeReady(now: Timestamp) -> [Int] {
        guard let nextReady, nextReady <= now else { return [] }
        var ready: [Int] = []
        for place in awaited {
            guard let readyAt = entries[place]?.readyAt, readyAt <= now else { continue }
            ready += entries[place]?.queue ?? []
            entries[place]?.queue = []
            entries[place]?.readyAt = nil
        }
        awaited.removeAll { entries[$0]?.readyAt == nil }
        findNextReady()
        return ready
    }

    private mutating func findNextReady() { nextReady = awaited.compactMap { entries[$0]?.readyAt }.min() }

    mutating func clockWasSetBack(by jump: Duration) {
        for place in entries.indices {
            entries[place]?.limiter.clockWasSetBack(by: jump)
            if let readyAt = entries[place]?.readyAt { entries[place]?.readyAt = readyAt - jump }
        }
        findNextReady()
    }

    // MARK: For operators

    func state(_ place: Int, now: Timestamp) -> QuotaState? {
        guard let entry = entries[place] else { return nil }
        let rate = entry.limiter.rate(now: now)
        let isPaused = entry.limiter.isPaused(now: now)
        return QuotaState(
            name: entry.name, rate: rate, ceiling: entry.limiter.ceiling, pausedUntil: isPaused ? entry.limiter.pausedUntil : nil,
            reason: isPaused || rate < entry.limiter.ceiling ? entry.reason : nil, lanes: entry.lanes, throttles: entry.throttles,
            throttled: entry.throttled)
    }

    /// Sorted by name.
    func states(now: Timestamp) -> [QuotaState] {
        entries.indices.compactMap { state($0, now: now) }.sorted { $0.name < $1.name }
    }
}
