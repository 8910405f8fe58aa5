public import Domain
import Logging
import Synchronization

extension CredentialBook {
    /// How long another process's change may stay unseen.
    static let interval: Duration = .seconds(2)

    /// Watches org files, secrets, the master keys' file and the database until the task is cancelled; calls `onChange` with the lanes whose credentials are
    /// new, changed or gone. What is changed through this very book is told before the change returns.
    public func watch(onChange: @Sendable @escaping (Set<LaneKey>) async -> Void) async throws {
        listener.withLock { $0 = onChange }
        defer { listener.withLock { $0 = nil } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.files.watch(onChange: onChange) }
            group.addTask { try await self.poll() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func poll() async throws {
        var unopened = unopened
        while true {
            await inspectAhead()
            let now = time.now
            let end = files.withIndex { $0.sealed.nextEnd } ?? now + Self.interval
            // An end that has come already and could not be told to the database is tried again no sooner than anything else.
            try await time.sleep(until: end <= now ? now + Self.interval : min(end, now + Self.interval))
            do {
                try await refresh()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.warning("credentials not read", metadata: ["error": "\(error)"])
            }
            let current = self.unopened
            for fault in current where !unopened.contains(fault) { logger.warning("credentials can't be opened", metadata: ["fault": "\(fault)"]) }
            unopened = current
        }
    }
}
