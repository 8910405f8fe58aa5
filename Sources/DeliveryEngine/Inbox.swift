internal import Domain
internal import Storage

/// The in-app inbox as a provider. To store is to deliver, so intake settles its deliveries in the very commit that takes them in; what an operator
/// queues again comes here, and is delivered by the commit that settles it.
struct Inbox: Provider {
    let name = ProviderName.inApp
    let batchLimit = 100
    let window = 10

    /// What every attempt comes to.
    static let outcome = Outcome(verdict: .accepted, rule: "in_app.stored")

    func send(_ messages: [OutboundMessage], deadline: Timestamp) async -> [Outcome] {
        [Outcome](repeating: Self.outcome, count: messages.count)
    }

    /// The attempt that the commit at intake is.
    static func settlement(of message: OutboundMessage, at now: Timestamp) -> Settlement {
        Settlement(
            message, outcome: outcome, next: .settled(.delivered), error: nil, startedAt: now, endedAt: now, receiptDueAt: nil)
    }

    /// Lanes to inboxes are served here, all others by `others`: no credential makes or unmakes them.
    struct Directory: ProviderDirectory {
        let others: any ProviderDirectory

        func provider(for lane: LaneKey) -> (any Provider)? {
            lane.provider == .inApp ? Inbox() : others.provider(for: lane)
        }
    }
}
