/// Carries messages to one provider with one credential. One instance serves one lane.
///
/// A provider makes exactly one attempt and classifies it. It never retries, never sleeps, never writes to storage; it does not throw its failures.
public protocol Provider: Sendable {
    var name: ProviderName { get }

    /// How many messages one request may carry: 100 for Expo, 1 elsewhere.
    var batchLimit: Int { get }

    /// How many requests the lane may have in flight at once.
    var window: Int { get }

    /// Messages with different affinities never share a request (Expo: the project, as far as it has been learnt). Empty when it does not matter.
    func affinity(of message: OutboundMessage) -> String

    /// What messages of such an affinity are drawn from; the quota of the lane as a whole for an affinity that nothing is known of.
    func quota(of affinity: String) -> Quota

    /// One attempt for each message, together in one request; as many outcomes as messages, in their order.
    ///
    /// A cancelled task ends the attempt early, as `deferred` where nothing was sent and as `unknown` else: a shutdown's drain is over.
    ///
    /// - Parameter messages: 1 to `batchLimit` messages.
    /// - Parameter deadline: when the attempt has to have ended; it ends as `deferred` or `unknown` then.
    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome]

    /// Closes idle connections and forgets cached tokens. In-flight sends end by their own deadlines.
    func close() async
}

extension Provider {
    public var batchLimit: Int { 1 }
    public func affinity(of message: OutboundMessage) -> String { "" }
    public func quota(of affinity: String) -> Quota { .undocumented(nil) }
    public func close() async {}
}

/// A provider that tells later what became of a message (Expo).
public protocol ReceiptProvider: Provider {
    /// How many receipts one request may ask for.
    var receiptLimit: Int { get }

    /// Asks once. Tickets without a receipt yet are missing in the answer.
    func receipts(for tickets: [String], deadline: Timestamp) async -> ReceiptAnswer
}

public enum ReceiptAnswer: Sendable {
    /// Outcome by ticket. `accepted` is a receipt that says ok.
    case answered([String: Outcome])
    /// The question itself failed; ask again as the outcome's verdict says.
    case failed(Outcome)
}

/// Gives a lane its provider. Lanes come and go with the credentials of orgs.
public protocol ProviderDirectory: Sendable {
    /// The provider for a lane, made at first use and kept while its credential stays the same; nil when there is no such credential (any more).
    func provider(for lane: LaneKey) -> (any Provider)?
}
