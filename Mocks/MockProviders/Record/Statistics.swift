/// Counts since the start or the last reset.
public struct Statistics: Sendable, Hashable {
    public struct Counts: Sendable, Hashable {
        public var accepted = 0
        public var rejected = 0
    }

    public var providers: [ProviderName: Counts] = [:]
    /// HTTP requests, of whatever kind.
    public var requests = 0
    public var connections = 0
    /// Access tokens given out by FCM's token endpoint.
    public var grants = 0
    /// Expo's receipt questions.
    public var receiptRequests = 0
    /// By provider and reason: how often a message was refused.
    public var reasons: [ProviderName: [String: Int]] = [:]

    mutating func count(_ message: ReceivedMessage) {
        if message.accepted {
            providers[message.provider, default: Counts()].accepted += 1
        } else {
            providers[message.provider, default: Counts()].rejected += 1
            // Reasons come from a closed set, or from scripts.
            reasons[message.provider, default: [:]][message.reason ?? String(message.status), default: 0] += 1
        }
    }

    func messages(_ filter: MessageFilter) -> Int {
        providers.reduce(into: 0) { sum, entry in
            guard filter.provider == nil || filter.provider == entry.key else { return }
            if filter.accepted != false { sum += entry.value.accepted }
            if filter.accepted != true { sum += entry.value.rejected }
        }
    }
}
