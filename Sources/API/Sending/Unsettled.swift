import Storage
import Synchronization

/// Ends of idempotent requests that the database would not take (disk full, locked). Bounded: what finds no room ends with the process.
final class Unsettled: Sendable {
    enum End: Sendable {
        /// The work failed before anything was enqueued.
        case abandoned
        /// Something was enqueued, but the answer could not be made from it.
        case enqueued(reference: String)
        case answered(StoredAnswer)
    }

    private static let limit = 1_000

    private let ends = Mutex<[IdempotencyKey: End]>([:])

    func put(_ key: IdempotencyKey, _ end: End) {
        ends.withLock { ends in
            if ends.count < Self.limit { ends[key] = end }
        }
    }

    /// Gives an end out once, so that of two repeats at the same moment only one goes to work.
    func take(_ key: IdempotencyKey) -> End? {
        ends.withLock { $0.removeValue(forKey: key) }
    }
}
