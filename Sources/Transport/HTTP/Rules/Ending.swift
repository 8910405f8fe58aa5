/// How an exchange ended, judged from what is known of it. A pure function: the table stands in `EndingTests`.
struct Ending: Equatable {
    enum Verdict: Equatable {
        case answered
        case notSent
        case unknown
    }

    /// What ended the exchange.
    enum Cause: Equatable {
        /// libcurl finished, with success or not.
        case curl(code: Int, kind: TransportFailure.Kind)
        /// libcurl set out to send a second time. It never gets that far: each request is carried once.
        case replay
        case deadline
        case connectDeadline
        case cancelled
        case shutdown
        case queueFull
    }

    /// What is known of the exchange when it ends.
    struct Evidence: Equatable {
        /// Status and headers of a final answer have arrived.
        var hasAnswer = false
        /// libcurl began to write the request to a connection.
        var started = false
        /// libcurl has taken the last byte of the body from us. Until then the server can't have a complete request: with `content-length` announced
        /// and no END_STREAM it is malformed (RFC 9113 section 8.1.1, RFC 9112 section 8), and no provider acts on half a JSON document.
        var bodyHandedOver = false
        /// The server refused the stream, or went away without it: REFUSED_STREAM, or above GOAWAY's last stream (RFC 9113 section 8.7).
        var refused = false
    }

    var verdict: Verdict
    var kind: TransportFailure.Kind

    init(_ evidence: Evidence, _ cause: Cause) {
        kind = Self.kind(evidence, cause)
        if evidence.hasAnswer {
            verdict = .answered
        } else if !evidence.started || evidence.refused || !evidence.bodyHandedOver {
            verdict = .notSent
        } else {
            verdict = .unknown
        }
    }

    private static func kind(_ evidence: Evidence, _ cause: Cause) -> TransportFailure.Kind {
        switch cause {
        case .deadline: return .timeout
        case .connectDeadline: return .connect
        case .cancelled: return .cancelled
        case .shutdown: return .shutdown
        case .queueFull: return .local
        case .replay: return evidence.refused ? .refusedStream : .reset
        case .curl(_, let kind):
            if evidence.refused { return .refusedStream }
            // A second attempt that could not even connect tells nothing of the first.
            return evidence.started && [.resolve, .connect, .tls].contains(kind) ? .reset : kind
        }
    }
}
