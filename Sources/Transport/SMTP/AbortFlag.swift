internal import Synchronization

/// Raised once; looked at from libcurl's callbacks on any thread.
final class AbortFlag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .relaxed) }

    func raise() { value.store(true, ordering: .relaxed) }
}
