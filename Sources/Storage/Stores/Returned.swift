public import Domain

/// A delivery that goes back to the queue without having been tried.
public struct Returned: Sendable {
    struct Why: Hashable {
        var nextAttemptAt: Timestamp
        var reason: String?
        var error: String?
    }

    let id: Identifier
    let why: Why

    /// - Parameter reason: why it waits, in the provider's word, and `error` in words for the caller; nil leaves what stands there.
    public init(_ id: Identifier, nextAttemptAt: Timestamp, reason: String? = nil, error: String? = nil) {
        self.id = id
        why = Why(nextAttemptAt: nextAttemptAt, reason: reason, error: error)
    }
}
