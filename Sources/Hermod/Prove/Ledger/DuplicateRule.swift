/// Why a provider got a message twice. Pure.
///
/// At least once is all that can be had of providers that know no idempotency: what must never happen is a repetition that no known event accounts for.
enum DuplicateRule {
    enum Cause: String, Sendable, Hashable, CaseIterable {
        /// The gateway was killed after the provider's acceptance and before its own commit.
        case crash
        /// The mock took the message and did not say so, or said no.
        case lostAnswer = "lost_answer"
        /// The mock broke the connection on which the answer was to come.
        case brokenConnection = "broken_connection"
        /// The gateway has written down that it waited for the answer as long as it may.
        case lateAnswer = "late_answer"
    }

    /// What is known besides the sightings themselves.
    struct Events: Sendable {
        /// When gateways were killed that had begun this message and not settled it, oldest first. Each accounts for one repetition.
        var crashes: [UInt32] = []
        /// When the mock broke which connection.
        var breaks: [UInt32: UInt32] = [:]
        /// In how many attempts the gateway has waited in vain. Each accounts for one repetition.
        var lateAnswers = 0
    }

    /// - Parameter sightings: in the order of arrival.
    /// - Returns: for each repetition its cause; nil when it has none, or came under another id than the time before.
    static func causes(of sightings: [Sighting], _ events: Events) -> [Cause?] {
        var events = events
        return zip(sightings, sightings.dropFirst()).map { earlier, later in
            earlier.identity == later.identity ? cause(of: earlier, later, &events) : nil
        }
    }

    private static func cause(of earlier: Sighting, _ later: Sighting, _ events: inout Events) -> Cause? {
        if earlier.isAnswerLost { return .lostAnswer }
        if let broken = events.breaks[earlier.connection], broken <= later.at { return .brokenConnection }
        // What a gateway had sent may be read by a busy mock after the gateway's death, but never after the repetition.
        if let crash = events.crashes.firstIndex(where: { $0 <= later.at }) {
            events.crashes.remove(at: crash)
            return .crash
        }
        guard events.lateAnswers > 0 else { return nil }
        events.lateAnswers -= 1
        return .lateAnswer
    }
}
