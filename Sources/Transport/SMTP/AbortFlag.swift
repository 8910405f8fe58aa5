internal import Synchronization

/// Raised once; looked at from libcurl's callbacks on any thread.
final class AbortFlag: Sendable {
    private let value = Atomic(false)
    private let parent: AbortFlag?

    /// - Parameter parent: counts as raised here too.
    init(parent: AbortFlag? = nil) {
        self.parent = parent
    }

    var isRaised: Bool { value.load(ordering: .relaxed) || parent?.isRaised == true }

    func raise() { value.store(true, ordering: .relaxed) }
}
