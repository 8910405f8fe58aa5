import Domain
import Synchronization
import Transport

/// Push through Firebase: one message, one request; the access token is shared.
struct FCMProvider: Provider {
    let name = ProviderName.fcm
    let window = 200

    private let project: String
    private let requests: FCMRequest
    private let tokens: FCMAccessTokens
    private let group: ConnectionGroup
    private let carrier: any HTTPCarrier
    private let time: any TimeSource
    private let platforms = Platforms()

    /// Shared by all copies of the value.
    private final class Platforms: Sendable {
        let state = Mutex(FCMPlatforms())
    }

    init(
        project: String, requests: FCMRequest, tokens: FCMAccessTokens, group: ConnectionGroup, carrier: any HTTPCarrier, time: any TimeSource
    ) {
        self.project = project
        self.requests = requests
        self.tokens = tokens
        self.group = group
        self.carrier = carrier
        self.time = time
    }

    /// Firebase, "Throttling and quotas": 600,000 messages a minute and project, in a bucket that is not aligned with the clock. No sixty seconds see more than
    /// 60 · 9,500 + 1,000. "Scaling with FCM" asks for a minute or more from nothing to the peak.
    func quota(of affinity: String) -> Quota {
        Quota(name: "fcm/\(project)", ceiling: 9_500, burst: 1_000, start: 950)
    }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(messages.count)
        for message in messages { outcomes.append(await send(message, deadline: deadline)) }
        return outcomes
    }

    private func send(_ message: OutboundMessage, deadline: Timestamp) async -> Outcome {
        // First what needs no token: a message that can't be sent is not held up by a credential that is refused.
        let body: [UInt8]
        let now = time.now
        do { body = try requests.body(message, now: now) } catch { return error.outcome(.fcm) }
        let platform = message.delivery.target.platform
        if platforms.state.withLock({ $0.isPaused(platform, now: now) }) {
            return RequestFault(.platformRefused, "the Firebase project's key for this platform was refused a moment ago").outcome(.fcm)
        }
        // By time as it passes: the wait for a token must neither end nor lengthen the attempt when the clock is set meanwhile.
        let end = time.elapsed + (deadline - now)
        let token: AccessTokenSchedule.Token
        do { token = try await tokens.token(within: deadline - now) } catch { return error.outcome }

        let remaining = end - time.elapsed
        guard remaining > .zero else { return RequestFault(.deadlinePassed, "no time was left for the attempt").outcome(.fcm) }
        let request = requests.build(body: body, authorization: token.authorization)
        switch await carrier.send(request, in: group, timeout: remaining) {
        case .answered(let response): return judge(response, to: message, with: token)
        case .notSent(let failure): return TransportVerdicts.notSent(failure, by: TransportVerdicts.fcm)
        case .unknown(let failure): return TransportVerdicts.unknown(failure, by: TransportVerdicts.fcm)
        }
    }

    private func judge(_ response: HTTPResponse, to message: OutboundMessage, with token: AccessTokenSchedule.Token) -> Outcome {
        let platform = message.delivery.target.platform
        let now = time.now
        var answer = FCMVerdicts.read(response, removing: [message.delivery.target.address, token.bearer], now: now)
        if FCMVerdicts.refusesPlatform(answer) {
            let othersWork = platforms.state.withLock { platforms in
                platforms.refused(platform, now: now)
                return platforms.othersWork(beside: platform)
            }
            if othersWork { answer.words.append(FCMVerdicts.Mark.otherPlatformWorks) }
        }
        let outcome = FCMVerdicts.table.judge(answer)
        switch outcome.verdict {
        case .accepted:
            platforms.state.withLock { $0.accepted(platform) }
            return outcome
        case .refreshed:
            guard tokens.refused(token) else { return outcome }
            answer.words.append(FCMVerdicts.Mark.freshToken)
            return FCMVerdicts.table.judge(answer)
        case .awaitingReceipt, .deferred, .rejected, .misbuilt, .recipientGone, .credentialRefused, .split, .unknown:
            return outcome
        }
    }
}
