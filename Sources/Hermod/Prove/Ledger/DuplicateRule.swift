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

    /// - Parameter sightings: in the order of arrival.
    /// - Parameter crashes: when gateways were killed that had begun this message and not settled it.
    /// - Parameter breaks: when the mock broke which connection.
    /// - Returns: nil when there is no cause, or when a repetition came under another id than the first.
    static func cause(of sightings: [Sighting], crashes: [UInt32], breaks: [UInt32: UInt32]) -> Cause? {
        var cause: Cause?
        for (earlier, later) in zip(sightings, sightings.dropFirst()) {
            guard earlier.identity == later.identity else { return nil }
            guard let found = self.cause(of: earlier, later, crashes, breaks) else { return nil }
            cause = found
        }
        return cause
    }

    private static func cause(of earlier: Sighting, _ later: Sighting, _ crashes: [UInt32], _ breaks: [UInt32: UInt32]) -> Cause? {
        if earlier.isAnswerLost { return .lostAnswer }
        // What a gateway had sent may be read by a busy mock after the gateway's death, but never after the repetition.
        if crashes.contains(where: { $0 <= later.at }) { return .crash }
        if let broken = breaks[earlier.connection], broken <= later.at { return .brokenConnection }
        return nil
    }
}
