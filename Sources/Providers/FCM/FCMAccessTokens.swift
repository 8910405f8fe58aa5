import Domain
import Synchronization
import Transport

/// The access token of one service account, shared by all lanes that use it: one grant at a time, however many messages wait for it.
final class FCMAccessTokens: Sendable {
    /// No token, and what that means for the message that wanted one.
    struct Failure: Error {
        var outcome: Outcome
    }

    /// A grant that takes longer than this is given up; messages that wait for it have their own deadlines about there.
    private static let longestGrant = Duration.seconds(15)
    private static let longestLifetime: Int64 = 24 * 3_600

    private struct State: Sendable {
        var schedule = AccessTokenSchedule()
        /// Runs while a grant is under way.
        var grant: Task<Result<AccessTokenSchedule.Token, Failure>, Never>?
    }

    private let account: FCMServiceAccount
    private let group: ConnectionGroup
    private let carrier: any HTTPCarrier
    private let time: any TimeSource
    private let state = Mutex(State())

    init(account: FCMServiceAccount, carrier: any HTTPCarrier, time: any TimeSource) {
        self.account = account
        self.carrier = carrier
        self.time = time
        group = ConnectionGroup(name: "oauth/\(account.tokenOrigin)", maxConnections: 1, maxInFlight: 16)
    }

    /// Google says for how long a token is good, not until when: time as it passes, whatever the calendar shows meanwhile.
    private var steady: Timestamp { Timestamp(microseconds: 0) + time.elapsed }

    /// The token to send with: at once while there is a good one, else after the grant that is under way or begins now.
    func token(within timeout: Duration) async throws(Failure) -> AccessTokenSchedule.Token {
        enum Way: Sendable {
            case use(AccessTokenSchedule.Token)
            case join(Task<Result<AccessTokenSchedule.Token, Failure>, Never>)
            case fail(Outcome)
        }
        let now = steady
        let way: Way = state.withLock { state in
            switch state.schedule.step(now: now) {
            case .use(let token): return .use(token)
            case .useAndAsk(let token):
                state.grant = begin(timeout: Self.longestGrant)
                return .use(token)
            case .ask:
                let task = begin(timeout: min(timeout, Self.longestGrant))
                state.grant = task
                return .join(task)
            case .wait:
                // There always is one: whoever is told to ask begins it under this same lock.
                let task = state.grant ?? begin(timeout: Self.longestGrant)
                state.grant = task
                return .join(task)
            case .fail(let outcome): return .fail(outcome)
            }
        }
        switch way {
        case .use(let token): return token
        case .join(let task): return try await task.value.get()
        case .fail(let outcome): throw Failure(outcome: outcome)
        }
    }

    /// FCM refused that token. True when another one won't help.
    func refused(_ token: AccessTokenSchedule.Token) -> Bool {
        let now = steady
        return state.withLock { $0.schedule.refused(token.serial, now: now) }
    }

    /// Unstructured, because the grant belongs to all who wait for it: the one who began it may be cancelled, the others must not be.
    private func begin(timeout: Duration) -> Task<Result<AccessTokenSchedule.Token, Failure>, Never> {
        Task {
            let answer = await ask(timeout: timeout)
            let now = steady
            return state.withLock { state in
                state.grant = nil
                switch answer {
                case .granted(let bearer, let lifetime):
                    return .success(state.schedule.granted(bearer, lifetime: lifetime, now: now))
                case .failed(let outcome):
                    state.schedule.failed(outcome, now: now)
                    return .failure(Failure(outcome: outcome))
                }
            }
        }
    }

    private enum Reply {
        case granted(String, lifetime: Duration)
        case failed(Outcome)
    }

    private func ask(timeout: Duration) async -> Reply {
        let request: HTTPRequest
        do { request = try account.grantRequest(now: time.now) } catch {
            return .failed(RequestFault(.signingFailed, "the assertion for the token could not be signed: \(error)").outcome(.fcm))
        }
        switch await carrier.send(request, in: group, timeout: timeout) {
        case .answered(let response): return read(response)
        // Asking twice for a token does no harm, so it does not matter whether the question went out.
        case .notSent(let failure), .unknown(let failure):
            return .failed(TransportVerdicts.notSent(failure, by: TransportVerdicts.grant))
        }
    }

    private func read(_ response: HTTPResponse) -> Reply {
        if response.status == 200, let body = try? JSON(parsing: response.body), let bearer = body["access_token"]?.string, Self.isUsable(bearer) {
            let stated = body["expires_in"]?.integer ?? body["expires_in"]?.string.flatMap { Int64($0) } ?? 3_600
            if stated > 0 { return .granted(bearer, lifetime: .seconds(min(stated, Self.longestLifetime))) }
        }
        return .failed(FCMGrantVerdicts.table.judge(FCMGrantVerdicts.read(response, removing: [], now: time.now)))
    }

    /// Goes into a header as it is.
    private static func isUsable(_ bearer: String) -> Bool { !bearer.isEmpty && bearer.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }
}
