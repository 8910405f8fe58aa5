internal import Domain

/// When a lane's backlog on disk has to be looked at next: as much as the process knows without asking the database.
///
/// Bounded: of many times only the earliest are kept, and `isTruncated` says that the database has to be asked when these are used up.
struct DueTimes: Sendable, Hashable {
    static let limit = 64
    /// Times that lie this close together are looked at together, at the later one.
    static let grain: Duration = .milliseconds(100)

    private(set) var times: [Timestamp] = []
    private(set) var isTruncated = false

    var first: Timestamp? { times.first }
    var isEmpty: Bool { times.isEmpty && !isTruncated }

    func isDue(now: Timestamp) -> Bool { times.first.map { $0 <= now } ?? false }

    mutating func note(_ time: Timestamp) {
        var index = times.count
        while index > 0, times[index - 1] >= time { index -= 1 }
        if index < times.count, times[index] - time < Self.grain { return }
        times.insert(time, at: index)
        if times.count > Self.limit {
            times.removeLast()
            isTruncated = true
        }
    }

    /// Everything that was due by then has been claimed.
    mutating func drained(upTo time: Timestamp) {
        times.removeAll { $0 <= time }
    }

    /// What the database says of the earliest time, if there is one. What is known besides stays: it may be younger than the answer.
    mutating func learned(earliest: Timestamp?) {
        isTruncated = false
        if let earliest { note(earliest) }
    }

    mutating func clockWasSetBack(by jump: Duration) {
        for index in times.indices { times[index] = times[index] - jump }
    }

    mutating func merge(_ other: DueTimes) {
        for time in other.times { note(time) }
        isTruncated = isTruncated || other.isTruncated
    }
}
