import Domain

/// What is left of a message's life at the moment of an attempt, within what a provider stores at most.
struct Lifetime: Sendable, Hashable {
    /// Whole seconds, rounded down: rather a second too short than shown too late.
    var seconds: Int64
    var end: Timestamp

    init(expiresAt: Timestamp, now: Timestamp, longest: Duration) {
        end = min(max(expiresAt, now), now + longest)
        seconds = (end - now).microseconds / 1_000_000
    }
}

extension Content {
    /// Something to show; what has none goes out as a background message.
    var hasAlert: Bool { title?.isEmpty == false || body?.isEmpty == false }
}

extension JSONObject {
    /// Appends without looking for an equal name.
    mutating func add(_ key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
    }
}
