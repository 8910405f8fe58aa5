import Domain

/// Two versions of a credential as one provider.
struct RotatingProvider: Provider {
    let pair: VersionPair

    var name: ProviderName { pair.current.name }
    var batchLimit: Int { min(pair.current.batchLimit, pair.previous.batchLimit) }
    /// Each version's own bounds lie below; the lane's must not be that of a version that can't be used.
    var window: Int { max(pair.current.window, pair.previous.window) }

    func affinity(of message: OutboundMessage) -> String { pair.provider(pair.inUse()).affinity(of: message) }
    /// Two versions of a credential are of one project but for mistakes, which do not last.
    func quota(of affinity: String) -> Quota { pair.current.quota(of: affinity) }

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        let requests = pair.plan(messages.map(\.delivery.id))
        if requests.count == 1 { return await send(messages, by: requests[0], deadline: deadline) }
        // Those that await a second opinion go apart from the rest: still one attempt for each message.
        var outcomes = [Outcome?](repeating: nil, count: messages.count)
        await withTaskGroup(of: (Overlap.Request, [Outcome]).self) { group in
            for request in requests {
                group.addTask { (request, await send(request.places.map { messages[$0] }, by: request, deadline: deadline)) }
            }
            for await (request, some) in group {
                for (place, outcome) in zip(request.places, some) { outcomes[place] = outcome }
            }
        }
        return outcomes.compactMap(\.self)
    }

    private func send(_ messages: [OutboundMessage], by request: Overlap.Request, deadline: Timestamp) async -> [Outcome] {
        let outcomes = await pair.provider(request.version).send(messages, deadline: deadline)
        return pair.judge(outcomes, of: messages.map(\.delivery.id), by: request)
    }

    func close() async {
        await pair.current.close()
        await pair.previous.close()
    }
}

/// The same where receipts are asked for: with the version in use, and with the other one where that is refused.
struct RotatingReceiptProvider: ReceiptProvider {
    let pair: VersionPair
    let current: any ReceiptProvider
    let previous: any ReceiptProvider

    private var sender: RotatingProvider { RotatingProvider(pair: pair) }

    var name: ProviderName { sender.name }
    var batchLimit: Int { sender.batchLimit }
    var window: Int { sender.window }
    var receiptLimit: Int { min(current.receiptLimit, previous.receiptLimit) }

    func affinity(of message: OutboundMessage) -> String { sender.affinity(of: message) }
    func quota(of affinity: String) -> Quota { sender.quota(of: affinity) }
    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] { await sender.send(messages, deadline: deadline) }
    func close() async { await sender.close() }

    /// A question may be put twice: asking takes nothing from anybody.
    func receipts(for tickets: [String], deadline: Timestamp) async -> ReceiptAnswer {
        let version = pair.inUse()
        let answer = await provider(version).receipts(for: tickets, deadline: deadline)
        guard case .failed(let outcome) = answer, outcome.verdict == .credentialRefused, pair.refused(version, by: outcome) else { return answer }
        let second = await provider(version.other).receipts(for: tickets, deadline: deadline)
        if case .failed(let outcome) = second, outcome.verdict == .credentialRefused { _ = pair.refused(version.other, by: outcome) }
        return second
    }

    private func provider(_ version: Overlap.Version) -> any ReceiptProvider {
        switch version {
        case .current: current
        case .previous: previous
        }
    }
}
