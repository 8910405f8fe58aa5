import Domain
import Storage
import Synchronization

/// Finds the key behind a text that a caller sends, without asking the database each time.
final class KeyRing: Sendable {
    /// How long another process's revocation may go unnoticed. This process's own is noticed at once.
    private static let lifetime: Duration = .seconds(1)
    private static let limit = 4_096

    private struct Known {
        var key: APIKey
        var readAt: Timestamp
    }

    private struct State {
        var known: [String: Known] = [:]
        /// Counts revocations: what was read before one is not kept after it.
        var generation = 0
    }

    private let store: APIKeyStore
    private let state = Mutex(State())

    init(_ store: APIKeyStore) {
        self.store = store
    }

    /// The key whose text this is, in whatever state. Nil: nobody's.
    func key(of text: APIKeyText, now: Timestamp) async throws -> APIKey? {
        guard let key = try await find(text.prefix, now: now), key.digest.matches(text.digest) else { return nil }
        return key
    }

    /// Called when a key has been revoked here.
    func forget(_ key: APIKey) {
        state.withLock { state in
            state.generation += 1
            state.known[key.prefix] = nil
        }
    }

    /// Notes that the key was used, about once a minute.
    func note(_ key: APIKey, at now: Timestamp) {
        guard Self.isDue(key, now) else { return }
        let isFirst = state.withLock { state in
            // Many requests arrive with one key at once; the first of them writes.
            guard let known = state.known[key.prefix] else { return true }
            guard Self.isDue(known.key, now) else { return false }
            state.known[key.prefix]?.key.lastUsedAt = now
            return true
        }
        if isFirst { store.noteUse(of: key.id, at: now) }
    }

    private static func isDue(_ key: APIKey, _ now: Timestamp) -> Bool {
        guard let last = key.lastUsedAt else { return true }
        return now - last >= APIKeyStore.useInterval
    }

    private func find(_ prefix: String, now: Timestamp) async throws -> APIKey? {
        let (known, generation) = state.withLock { ($0.known[prefix], $0.generation) }
        // A clock that was set back must not keep an old reading alive.
        if let known, now >= known.readAt, now - known.readAt < Self.lifetime { return known.key }
        guard let key = try await store.find(prefix: prefix) else { return nil }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.known.count >= Self.limit { state.known = state.known.filter { now - $0.value.readAt < Self.lifetime } }
            if state.known.count < Self.limit { state.known[prefix] = Known(key: key, readAt: now) }
        }
        return key
    }
}
