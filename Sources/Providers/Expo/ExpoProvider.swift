import Domain
import Transport

/// Push through Expo: up to 100 messages of one project in a request, a ticket for each at once, a receipt for each later.
struct ExpoProvider: ReceiptProvider {
    let name = ProviderName.expo
    let batchLimit = 100
    /// As many as Expo's own client allows itself.
    let window = 6
    /// Expo takes 1,000; its own client asks for 300.
    let receiptLimit = 300

    private let requests: ExpoRequest
    private let accessToken: String?
    private let projects = ExpoProjects()
    private let group: ConnectionGroup
    private let carrier: any HTTPCarrier
    private let time: any TimeSource

    init(requests: ExpoRequest, accessToken: String?, group: ConnectionGroup, carrier: any HTTPCarrier, time: any TimeSource) {
        self.requests = requests
        self.accessToken = accessToken
        self.group = group
        self.carrier = carrier
        self.time = time
    }

    func affinity(of message: OutboundMessage) -> String {
        projects.project(of: message.delivery.target.address)
    }

    /// Expo's documentation, "Sending notifications": 600 notifications a second and project. A token does not tell its project; until Expo has, what is sent
    /// with the same access token is taken for one project's, and without one each lane for itself.
    func quota(of affinity: String) -> Quota {
        let name = ExpoProjects.isProject(affinity) ? "expo/\(affinity)" : accessToken.map { "expo/token/\(Fingerprint.of(Array($0.utf8)))" }
        return Quota(name: name, ceiling: 500, burst: 100)
    }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        let now = time.now
        guard deadline > now else {
            return messages.map { _ in RequestFault(.deadlinePassed, "no time was left for the attempt").outcome(.expo) }
        }
        // Messages that Expo would refuse are judged here and left out, so that they do not spoil the others' request.
        var outcomes = [Outcome?](repeating: nil, count: messages.count)
        var elements: [[UInt8]] = []
        var places: [Int] = []
        for (place, message) in messages.enumerated() {
            do {
                elements.append(try requests.element(message, now: now))
                places.append(place)
            } catch {
                outcomes[place] = error.outcome(.expo)
            }
        }
        if !places.isEmpty {
            let sent = await exchange(elements, of: places.map { messages[$0] }, timeout: deadline - now)
            for (place, outcome) in zip(places, sent) { outcomes[place] = outcome }
        }
        return outcomes.compactMap(\.self)
    }

    func receipts(for tickets: [String], deadline: Timestamp) async -> ReceiptAnswer {
        let now = time.now
        guard !tickets.isEmpty else { return .answered([:]) }
        guard deadline > now else { return .failed(RequestFault(.deadlinePassed, "no time was left for the question").outcome(.expo)) }
        switch await carrier.send(requests.receipts(for: tickets), in: group, timeout: deadline - now) {
        case .answered(let response): return ExpoAnswer.receipts(for: tickets, response, secret: accessToken, now: time.now)
        // Asking twice does no harm, so it does not matter whether the question went out.
        case .notSent(let failure), .unknown(let failure): return .failed(TransportVerdicts.notSent(failure, by: TransportVerdicts.expo))
        }
    }

    private func exchange(_ elements: [[UInt8]], of messages: [OutboundMessage], timeout: Duration) async -> [Outcome] {
        switch await carrier.send(requests.batch(elements), in: group, timeout: timeout) {
        case .answered(let response):
            let sent = messages.map { (token: $0.delivery.target.address, id: $0.delivery.idText) }
            let answer = ExpoAnswer(to: sent, response, secret: accessToken, now: time.now)
            projects.learn(answer.projects)
            return answer.outcomes
        case .notSent(let failure):
            let outcome = TransportVerdicts.notSent(failure, by: TransportVerdicts.expo)
            return messages.map { _ in outcome }
        case .unknown(let failure):
            let outcome = TransportVerdicts.unknown(failure, by: TransportVerdicts.expo)
            return messages.map { _ in outcome }
        }
    }
}
