/// What goes wrong with an answer on its way back. The request itself was well-formed and would have been accepted.
public enum Fault: String, Sendable, Hashable, CaseIterable {
    /// TCP RST after the message was accepted.
    case reset
    /// RST_STREAM INTERNAL_ERROR after the message was accepted.
    case resetStream = "reset_stream"
    /// RST_STREAM CANCEL after the message was accepted.
    case cancelStream = "cancel_stream"
    /// RST_STREAM REFUSED_STREAM: not processed, safe to send again.
    case refusedStream = "refused_stream"
    /// GOAWAY with a last stream below this one: not processed; earlier streams are still answered.
    case goaway
    /// The answer, then GOAWAY: the connection is no longer of use.
    case goawayAfter = "goaway_after"
    /// GOAWAY with last stream 0 and a close at once: nothing in flight was processed as far as the client can tell.
    case goawayZero = "goaway_zero"
    /// The message is accepted, then the connection closed without an answer.
    case closeAfterBody = "close_after_body"
    /// The message is accepted; headers and half of the answer are sent, then the connection closed.
    case closeMidResponse = "close_mid_response"
    /// The message is accepted and never answered; the connection stays open.
    case never
    /// The message is accepted and the connection goes dead: nothing is answered and nothing more is read on it, not even a PING.
    case stall

    /// Whether the provider took the message although the client does not learn of it.
    var accepts: Bool {
        switch self {
        case .refusedStream, .goaway, .goawayZero: false
        case .reset, .resetStream, .cancelStream, .goawayAfter, .closeAfterBody, .closeMidResponse, .never, .stall: true
        }
    }
}
