/// Why a delivery that is to be tried again is not tried at once: in one word, as it stands in timelines.
public enum WaitCause: String, Sendable, Hashable, CaseIterable {
    /// Our own patience, which doubles with each attempt.
    case backoff
    /// The provider has named the time.
    case retryAfter = "retry_after"
    /// The provider documents a least wait for this answer.
    case providerMinimum = "provider_minimum"
    /// This one device or mailbox gets too much.
    case targetBusy = "target_busy"
    /// The provider has slowed down the whole lane.
    case laneThrottled = "lane_throttled"
    /// The provider does not answer or fails; one delivery of the lane probes at a time.
    case providerDown = "provider_down"
    /// The credential is refused: the lane is paused until it is mended.
    case credentialRefused = "credential_refused"

    /// - Returns: nil where nothing waits: it is over, or goes on at once.
    public init?(after outcome: Outcome, _ next: RetryPolicy.Next) {
        guard case .queued(_, let counted) = next else { return nil }
        self =
            switch outcome.verdict {
            case .credentialRefused, .refreshed(afterwards: .credentialRefused): .credentialRefused
            case .deferred(let wait): Self.cause(of: wait, outcome, counted: counted)
            case .accepted, .awaitingReceipt, .refreshed, .rejected, .misbuilt, .recipientGone, .split, .unknown:
                counted ? .backoff : .providerDown
            }
    }

    private static func cause(of wait: Wait, _ outcome: Outcome, counted: Bool) -> WaitCause {
        if wait.scope == .lane { return outcome.blamesProvider ? .providerDown : .laneThrottled }
        if !counted { return .providerDown }
        if outcome.status == 429 { return .targetBusy }
        if wait.retryAfter != nil { return .retryAfter }
        return wait.floor > .zero ? .providerMinimum : .backoff
    }

    /// A clause, for behind "because".
    public var words: String {
        switch self {
        case .backoff: "each attempt waits longer than the one before, with jitter"
        case .retryAfter: "the provider said when to come back"
        case .providerMinimum: "the provider asks for that wait after such an answer"
        case .targetBusy: "this device or mailbox gets too much at the moment"
        case .laneThrottled: "the provider has slowed down the whole lane"
        case .providerDown: "the provider did not answer or failed"
        case .credentialRefused: "the lane is paused while its credential is refused"
        }
    }
}
