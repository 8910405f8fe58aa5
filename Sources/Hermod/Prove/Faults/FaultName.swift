/// What can go wrong, by the name under which it is chosen and told of.
enum FaultName: String, Sendable, Hashable, CaseIterable {
    case kill
    case terminate
    case silence
    case resets
    case goaway
    case refusedStreams = "refused-streams"
    case lostAnswers = "lost-answers"
    case tooManyRequests = "too-many-requests"
    case serverErrors = "server-errors"
    case html
    case expiredTokens = "expired-tokens"
    case revokedKey = "revoked-key"
    case tokenEndpoint = "token-endpoint"
    case dns
    case greylist
    case relayLimits = "relay-limits"
    case dropAfterDot = "drop-after-dot"
    case diskFull = "disk-full"
    case databaseLocked = "database-locked"
    case clockJump = "clock-jump"
    case clockWhileDown = "clock-while-down"
    case noDescriptors = "no-descriptors"
    case hangups

    /// In words, for `--list-faults`.
    var about: String {
        switch self {
        case .kill: "the gateway is killed (kill -9) in the middle of its work, up to three times, and started again"
        case .terminate: "the gateway is asked to stop (SIGTERM) in the middle of its work, and started again"
        case .silence: "providers take messages and never answer, or their connection goes dead"
        case .resets: "connections to providers are reset in the middle of a burst"
        case .goaway: "providers send GOAWAY: after an answer, with streams left out, or with all of them"
        case .refusedStreams: "providers refuse or break off single streams"
        case .lostAnswers: "providers take a message and close the connection before the answer, or half way through it"
        case .tooManyRequests: "providers answer 429, with Retry-After in seconds, as a date, or without"
        case .serverErrors: "providers answer 5xx in bursts; Expo's 504 although it took the messages"
        case .html: "a page for people comes where a provider's JSON should be, with an error's status or a good one"
        case .expiredTokens: "APNs calls provider tokens expired, and FCM's access tokens are worth nothing any more"
        case .revokedKey: "every credential of one org is refused, and works again later"
        case .tokenEndpoint: "the token endpoint fails or keeps silent when tokens are needed"
        case .dns: "the names of an org's mail relay and token endpoint do not resolve until its files are mended"
        case .greylist: "the mail relay asks to come back later"
        case .relayLimits: "the mail relay has too many connections, and says so at the greeting"
        case .dropAfterDot: "the mail relay hangs up after the message, with and without having taken it"
        case .diskFull: "no file of the gateway's may grow any more, as on a full disk (RLIMIT_FSIZE)"
        case .databaseLocked: "another process holds the database's write lock"
        case .clockJump: "the gateway's clock jumps two hours ahead or back, and is set right later"
        case .clockWhileDown: "the clock is set two hours ahead or back while the gateway is down, killed or stopped, and is set right later"
        case .noDescriptors: "strangers open more connections than the gateway has descriptors, and keep them"
        case .hangups: "callers hang up before the answer"
        }
    }

    /// The fault, with what the plan's salt decides for it.
    func make(salt: UInt64) -> any InjectedFault {
        var random = SeededRandom(seed: salt)
        return kind.init(&random)
    }

    private var kind: any InjectedFault.Type {
        switch self {
        case .kill: KilledGateway.self
        case .terminate: TerminatedGateway.self
        case .silence: SilentProvider.self
        case .resets: ConnectionResets.self
        case .goaway: GoAway.self
        case .refusedStreams: RefusedStreams.self
        case .lostAnswers: LostAnswers.self
        case .tooManyRequests: TooManyRequests.self
        case .serverErrors: ServerErrors.self
        case .html: HTMLAnswers.self
        case .expiredTokens: ExpiredTokens.self
        case .revokedKey: RevokedKey.self
        case .tokenEndpoint: TokenEndpointDown.self
        case .dns: UnresolvableHost.self
        case .greylist: Greylisting.self
        case .relayLimits: RelayLimits.self
        case .dropAfterDot: DropAfterDot.self
        case .diskFull: DiskFull.self
        case .databaseLocked: LockedDatabase.self
        case .clockJump: ClockJump.self
        case .clockWhileDown: ClockSetWhileDown.self
        case .noDescriptors: NoDescriptors.self
        case .hangups: HangingUp.self
        }
    }
}
