import Domain
import Transport

/// Push through Firebase: one message, one request; the access token is shared.
struct FCMProvider: Provider {
    let name = ProviderName.fcm
    let window = 200

    private let requests: FCMRequest
    private let tokens: FCMAccessTokens
    private let group: ConnectionGroup
    private let carrier: any HTTPCarrier
    private let time: any TimeSource

    init(requests: FCMRequest, tokens: FCMAccessTokens, group: ConnectionGroup, carrier: any HTTPCarrier, time: any TimeSource) {
        self.requests = requests
        self.tokens = tokens
        self.group = group
        self.carrier = carrier
        self.time = time
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
        do { body = try requests.body(message, now: time.now) } catch { return error.outcome(.fcm) }
        let token: AccessTokenSchedule.Token
        do { token = try await tokens.token(before: deadline) } catch { return error.outcome }

        let remaining = deadline - time.now
        guard remaining > .zero else { return RequestFault(.deadlinePassed, "no time was left for the attempt").outcome(.fcm) }
        let request = requests.build(body: body, authorization: token.authorization)
        switch await carrier.send(request, in: group, timeout: remaining) {
        case .answered(let response): return judge(response, to: message, with: token)
        case .notSent(let failure): return TransportVerdicts.notSent(failure, by: TransportVerdicts.fcm)
        case .unknown(let failure): return TransportVerdicts.unknown(failure, by: TransportVerdicts.fcm)
        }
    }

    private func judge(_ response: HTTPResponse, to message: OutboundMessage, with token: AccessTokenSchedule.Token) -> Outcome {
        let bearer = String(token.authorization.dropFirst("Bearer ".count))
        var answer = FCMVerdicts.read(response, removing: [message.delivery.target.address, bearer], now: time.now)
        let outcome = FCMVerdicts.table.judge(answer)
        // A refused platform key is a 401 as well, and says nothing about our token: only what the table calls a refresh throws it away.
        guard case .refreshed = outcome.verdict, tokens.refused(token) else { return outcome }
        answer.words.append(FCMVerdicts.Mark.freshToken)
        return FCMVerdicts.table.judge(answer)
    }
}
