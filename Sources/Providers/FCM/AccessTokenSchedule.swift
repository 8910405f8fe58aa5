import Domain

/// When an access token is asked for, used and thrown away. Pure; the source around it does the asking.
struct AccessTokenSchedule: Sendable {
    /// Google's own clients ask again 3:45 to 5 minutes before the end.
    static let margin = Duration.seconds(270)
    /// A token that is about to end may end on the way.
    static let leastRemaining = Duration.seconds(10)
    /// After a failed grant the failure is the answer for that long: what 200 waiting messages would ask next is answered once.
    static let failureHold = Duration.seconds(1)
    /// A token that is refused so soon after it was asked for because of a refusal was not the problem.
    static let refusalMemory = Duration.seconds(5 * 60)

    struct Token: Sendable, Hashable {
        /// Value of the `authorization` header, made once per token.
        var authorization: String
        /// The token itself, to be taken out of what is logged.
        var bearer: String
        var serial: Int
    }

    private struct Grant: Sendable {
        var token: Token
        var at: Timestamp
        var lifetime: Duration
        var wasForced: Bool
    }

    private var grant: Grant?
    private var failure: (outcome: Outcome, at: Timestamp)?
    private var isAsking = false
    private var wasRefused = false
    private var serial = 0

    enum Step: Sendable {
        case use(Token)
        /// Good for now; a new one is to be asked for beside it.
        case useAndAsk(Token)
        /// Nothing to send with; somebody has to ask.
        case ask
        /// Nothing to send with; somebody asks already.
        case wait
        case fail(Outcome)
    }

    /// What a message has to do for a token. After `useAndAsk` and `ask` the caller asks, and reports by `granted` or `failed`.
    mutating func step(now: Timestamp) -> Step {
        if let grant, now >= grant.at {
            let remaining = grant.lifetime - (now - grant.at)
            if remaining > min(Self.margin, grant.lifetime / 4) { return .use(grant.token) }
            if remaining > min(Self.leastRemaining, grant.lifetime / 8) {
                guard !isAsking, holdingFailure(now) == nil else { return .use(grant.token) }
                isAsking = true
                return .useAndAsk(grant.token)
            }
        }
        if isAsking { return .wait }
        if let outcome = holdingFailure(now) { return .fail(outcome) }
        isAsking = true
        return .ask
    }

    mutating func granted(_ bearer: String, lifetime: Duration, now: Timestamp) -> Token {
        serial += 1
        let token = Token(authorization: "Bearer \(bearer)", bearer: bearer, serial: serial)
        grant = Grant(token: token, at: now, lifetime: lifetime, wasForced: wasRefused)
        (isAsking, wasRefused, failure) = (false, false, nil)
        return token
    }

    mutating func failed(_ outcome: Outcome, now: Timestamp) {
        isAsking = false
        failure = (outcome, now)
    }

    /// FCM refused the token of that number: it is thrown away. True when it was itself a replacement for a refused one, so that another won't help.
    mutating func refused(_ serial: Int, now: Timestamp) -> Bool {
        guard let grant, grant.token.serial == serial else { return false }
        self.grant = nil
        wasRefused = true
        return grant.wasForced && now >= grant.at && now - grant.at < Self.refusalMemory
    }

    private func holdingFailure(_ now: Timestamp) -> Outcome? {
        guard let failure, now >= failure.at, now - failure.at < Self.failureHold else { return nil }
        return failure.outcome
    }
}
