internal import Domain

/// Devices and mailboxes that a provider has asked to leave alone for a while: what else is for them waits as well, and costs no attempt. Pure.
///
/// Bounded, and without addresses: of more targets than there is room for, those that are free soonest are forgotten, which costs one more refusal each.
struct TargetHolds: Sendable {
    static let limit = 4_096
    /// Where the provider names no time. Doubles when the target is refused again soon after.
    static let first: Duration = .seconds(1)
    static let longest: Duration = .seconds(300)

    struct Hold: Sendable, Hashable {
        var until: Timestamp
        /// The provider's word for it.
        var reason: String
    }

    private struct Entry: Sendable {
        var hold: Hold
        var span: Duration

        /// Remembered for as long again, so that the next refusal lasts longer.
        var end: Timestamp { hold.until + span }
    }

    private var entries: [Int: Entry] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// What holds messages for that target back now.
    func hold(of address: String, _ provider: ProviderName, now: Timestamp) -> Hold? {
        guard let hold = entries[Self.key(address, provider)]?.hold, now < hold.until else { return nil }
        return hold
    }

    /// The provider has refused a message for the target's sake.
    ///
    /// - Parameter wait: what it asks for at least.
    mutating func refused(_ address: String, _ provider: ProviderName, for wait: Duration, reason: String, now: Timestamp) {
        let key = Self.key(address, provider)
        var span = Self.first
        if let known = entries[key], now < known.end {
            // What was under way when the hold began says nothing new.
            span = now < known.hold.until ? known.span : min(known.span * 2, Self.longest)
        }
        let until = max(now + max(wait, span), entries[key]?.hold.until ?? now)
        if entries.count >= Self.limit, entries[key] == nil { makeRoom(now) }
        entries[key] = Entry(hold: Hold(until: until, reason: reason), span: span)
    }

    /// Forgets those that are over; from time to time.
    mutating func forgetOver(now: Timestamp) {
        entries = entries.filter { now < $0.value.end }
    }

    mutating func clockWasSetBack(by jump: Duration) {
        entries = entries.mapValues { Entry(hold: Hold(until: $0.hold.until - jump, reason: $0.hold.reason), span: $0.span) }
    }

    private mutating func makeRoom(_ now: Timestamp) {
        forgetOver(now: now)
        guard entries.count >= Self.limit else { return }
        // A quarter at once, so that a flood of refusals sorts seldom.
        for (key, _) in entries.sorted(by: { $0.value.hold.until < $1.value.hold.until }).prefix(Self.limit / 4) { entries[key] = nil }
    }

    /// Seeded anew in each process, so that nobody can choose addresses that meet.
    private static func key(_ address: String, _ provider: ProviderName) -> Int {
        var hasher = Hasher()
        hasher.combine(provider)
        hasher.combine(address)
        return hasher.finalize()
    }
}
