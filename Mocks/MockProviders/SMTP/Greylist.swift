import Synchronization

/// Who has been told to come back later, and when that was.
final class Greylist: Sendable {
    private let firstSeen = Mutex<[String: Int64]>([:])

    /// Whether the three may pass; their first attempt starts the wait.
    func admits(address: String, sender: String, recipient: String, now: Int64, wait: Duration) -> Bool {
        firstSeen.withLock { seen in
            let key = "\(address) \(sender) \(recipient)"
            if let first = seen[key] { return now - first >= wait.milliseconds }
            if seen.count >= 10_000 { seen = [:] }
            seen[key] = now
            return false
        }
    }

    func removeAll() {
        firstSeen.withLock { $0 = [:] }
    }
}
