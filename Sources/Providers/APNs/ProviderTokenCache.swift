import Domain
import Synchronization

/// The provider token of one signing key, shared by all lanes and connections that use it.
final class ProviderTokenCache: Sendable {
    struct Token: Sendable {
        /// Value of the `authorization` header, made once per token instead of once per message.
        var authorization: String
        var serial: Int
    }

    private struct State: Sendable {
        var schedule = ProviderTokenSchedule()
        var token: Token?
    }

    /// `iat` lies that much in the past, so that a clock slightly ahead of Apple's makes no token from the future.
    private static let backdating = Duration.seconds(5)

    private let key: APNsSigningKey
    private let state = Mutex(State())

    init(key: APNsSigningKey) {
        self.key = key
    }

    /// The token to use now. Signing takes some 50 µs once in 48 minutes, so it is done under the lock.
    func token(now: Timestamp) throws -> Token {
        try state.withLock { state in
            if let token = state.token, !state.schedule.needsToken(now: now) { return token }
            let text = try key.token(issuedAt: now - Self.backdating)
            let token = Token(authorization: "bearer \(text)", serial: state.schedule.issue(now: now))
            state.token = token
            return token
        }
    }

    func expired(_ serial: Int, now: Timestamp) -> ProviderTokenSchedule.Reaction {
        state.withLock { $0.schedule.expired(serial, now: now) }
    }
}
