import Domain
import Synchronization

/// Hands out `notifications.sort_key`: the moment of creation in microseconds, counted up while this process has used that moment already.
///
/// Keys of other processes, and of an earlier life under a clock that was set back, are met at the insert: it asks for another key then.
final class SortKeys: Sendable {
    private let run = Mutex(Run())

    /// The keys handed out one after the other, of which the last is the newest.
    struct Run {
        private var first: Int64 = 1
        private var last: Int64 = 0
        private var step: Int64 = 1

        mutating func key(for moment: Timestamp) -> Int64 {
            let wanted = moment.microseconds
            step = 1
            if wanted >= first && wanted <= last {
                last += 1
            } else {
                first = wanted
                last = wanted
            }
            return last
        }

        /// After a key that was taken. Strides grow, so that a long run of taken keys is passed in few attempts.
        mutating func keyAfterTaken() -> Int64 {
            last += step
            step *= 2
            return last
        }
    }

    func key(for moment: Timestamp) -> Int64 { run.withLock { $0.key(for: moment) } }

    func keyAfterTaken() -> Int64 { run.withLock { $0.keyAfterTaken() } }
}
