internal import Domain

/// Callers that wait for notifications to be settled, and what this process knows of these notifications. Pure: it names who is to be resumed.
///
/// A notification is known from the insert on and forgotten when it is settled, so that a caller that comes right after the insert needs no query.
/// Bounded: of one that found no room, or that another process inserted, any news wakes the caller, who then asks the database.
struct Waiters: Sendable {
    /// What a notification has come to.
    struct Standing: Sendable, Hashable {
        var tally: Tally
        var error: String?
    }

    /// A caller whose waiting is over, and what is known of the notifications that it waited for.
    struct Finished: Sendable, Hashable {
        var waiter: Int
        var standings: [String: Standing]
    }

    private struct Entry: Sendable {
        /// Nil where this process does not know all of the notification's deliveries.
        var standing: Standing?
        var waiters: [Int] = []
    }

    private struct Waiter: Sendable {
        var open: Set<String>
        var standings: [String: Standing] = [:]
    }

    private var entries: [String: Entry] = [:]
    private var waiters: [Int: Waiter] = [:]
    private let limit: Int

    /// - Parameter limit: notifications that are known at most.
    init(limit: Int = 50_000) {
        self.limit = limit
    }

    var isEmpty: Bool { entries.isEmpty && waiters.isEmpty }

    /// A notification has become durable and is not settled.
    mutating func track(_ notification: String, _ standing: Standing) {
        guard entries.count < limit else { return }
        entries[notification] = Entry(standing: standing)
    }

    /// Attaches a caller.
    /// - Returns: those notifications of which nothing is known: they may have been settled before.
    mutating func attach(_ waiter: Int, to notifications: [String]) -> [String] {
        var unknown: [String] = []
        for id in notifications {
            if entries[id]?.standing == nil { unknown.append(id) }
            entries[id, default: Entry()].waiters.append(waiter)
        }
        waiters[waiter] = Waiter(open: Set(notifications))
        return unknown
    }

    /// A delivery has come to a state in which it stays, on disk.
    mutating func delivery(of notification: String, became state: DeliveryState, error: String?) -> [Finished] {
        guard let index = entries.index(forKey: notification) else { return [] }
        guard var standing = entries.values[index].standing else { return resume(entries.remove(at: index).value, notification) }
        switch state {
        case .sent, .delivered: standing.tally.reached += 1
        case .failed:
            standing.tally.failed += 1
            standing.error = error ?? standing.error
        case .cancelled: standing.tally.cancelled += 1
        case .queued, .sending: break
        }
        entries.values[index].standing = standing
        return standing.tally.isSettled ? resume(entries.remove(at: index).value, notification) : []
    }

    /// The database says that this notification is settled.
    mutating func settled(_ notification: String) -> [Finished] {
        guard let entry = entries.removeValue(forKey: notification) else { return [] }
        return resume(Entry(standing: nil, waiters: entry.waiters), notification)
    }

    private mutating func resume(_ entry: Entry, _ notification: String) -> [Finished] {
        entry.waiters.compactMap { id in
            guard var waiter = waiters.removeValue(forKey: id) else { return nil }
            waiter.open.remove(notification)
            waiter.standings[notification] = entry.standing
            if waiter.open.isEmpty { return Finished(waiter: id, standings: waiter.standings) }
            waiters[id] = waiter
            return nil
        }
    }

    /// The caller's time is over, or it has gone away. Nil when it had been finished before.
    mutating func detach(_ id: Int) -> Finished? {
        guard let waiter = waiters.removeValue(forKey: id) else { return nil }
        var standings = waiter.standings
        for notification in waiter.open {
            guard let index = entries.index(forKey: notification) else { continue }
            entries.values[index].waiters.removeAll { $0 == id }
            if let standing = entries.values[index].standing {
                standings[notification] = standing
            } else if entries.values[index].waiters.isEmpty {
                entries.remove(at: index)
            }
        }
        return Finished(waiter: id, standings: standings)
    }

    /// Everybody who still waits.
    mutating func detachAll() -> [Finished] {
        waiters.keys.sorted().compactMap { detach($0) }
    }
}
