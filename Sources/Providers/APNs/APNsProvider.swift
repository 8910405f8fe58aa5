import Domain
import Transport

/// Push to Apple devices: one message, one HTTP/2 stream.
struct APNsProvider: Provider {
    let name = ProviderName.apns
    let window = 200

    private let requests: APNsRequest
    private let connection: APNsConnection
    /// Nil where a client certificate speaks for the lane.
    private let tokens: ProviderTokenCache?
    private let carrier: any HTTPCarrier
    private let time: any TimeSource

    init(requests: APNsRequest, connection: APNsConnection, tokens: ProviderTokenCache?, carrier: any HTTPCarrier, time: any TimeSource) {
        self.requests = requests
        self.connection = connection
        self.tokens = tokens
        self.carrier = carrier
        self.time = time
    }

    /// Apple documents no rate but a device's own. `TooManyProviderTokenUpdates` is said to a key's connections, whichever lanes use them.
    func quota(of affinity: String) -> Quota { .undocumented(connection.group.name) }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        var outcomes: [Outcome] = []
        outcomes.reserveCapacity(messages.count)
        for message in messages { outcomes.append(await send(message, deadline: deadline)) }
        return outcomes
    }

    /// A key that was revoked or replaced must not live on in open connections; other lanes of the team open theirs anew.
    func close() async {
        carrier.renewConnections(of: connection.group)
    }

    private func send(_ message: OutboundMessage, deadline: Timestamp) async -> Outcome {
        let started = time.now
        guard deadline > started else { return RequestFault(.deadlinePassed, "no time was left for the attempt").outcome(.apns) }
        let token: ProviderTokenCache.Token?
        do { token = try tokens?.token(now: started) } catch {
            return RequestFault(.signingFailed, "the provider token could not be signed: \(error)").outcome(.apns)
        }
        let request: HTTPRequest
        do { request = try requests.build(message, authorization: token?.authorization, now: started) } catch { return error.outcome(.apns) }

        switch await carrier.send(request, in: connection.group, timeout: deadline - started) {
        case .answered(let response): return judge(response, to: message, sentAt: started, with: token)
        case .notSent(let failure): return TransportVerdicts.notSent(failure, by: TransportVerdicts.apns)
        case .unknown(let failure): return TransportVerdicts.unknown(failure, by: TransportVerdicts.apns)
        }
    }

    private func judge(_ response: HTTPResponse, to message: OutboundMessage, sentAt: Timestamp, with token: ProviderTokenCache.Token?) -> Outcome {
        let now = time.now
        var answer = APNsVerdicts.read(response, token: message.delivery.target.address, now: now)
        // The id is ours: APNs knows the message by it even where a broken answer does not repeat it.
        answer.providerMessageID = answer.providerMessageID ?? message.delivery.id.uuidString
        if response.status == 403 {
            if connection.isShared { answer.words.append(APNsVerdicts.Mark.sharedConnection) }
            if answer.reason == "ExpiredProviderToken", !canRefresh(token, now) { answer.words.append(APNsVerdicts.Mark.freshToken) }
        }
        let outcome = APNsVerdicts.table.judge(answer)
        if case .refreshed = outcome.verdict { connection.renew(started: sentAt, now: now, through: carrier) }
        return outcome
    }

    /// Also throws the expired token away, so that the next request gets a new one.
    private func canRefresh(_ token: ProviderTokenCache.Token?, _ now: Timestamp) -> Bool {
        guard let tokens, let token else { return false }
        return tokens.expired(token.serial, now: now) == .tryAgain
    }
}
