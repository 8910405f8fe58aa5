/// One send from the caller's `await` to its end.
///
/// `@unchecked Sendable`: the caller makes it, says where to be resumed, and hands it over through the loop's inbox (a mutex); from then on only the loop's thread
/// touches it, up to `finish`, which resumes the caller. The caller keeps it only to name it in a withdrawal, which may reach the loop before the exchange does.
final class Exchange: @unchecked Sendable {
    /// Where the exchange stands. It has one owner at a time.
    enum Place {
        case posted
        case queued
        case inFlight(Lane)
        case finished
    }

    let request: PreparedRequest
    let group: ConnectionGroup
    let deadline: Moment
    /// The caller, who sets it before handing the exchange over.
    var continuation: CheckedContinuation<RawOutcome, Never>?

    var place: Place = .posted
    /// The caller's task was cancelled; may be known before the exchange itself has arrived.
    var isWithdrawn = false
    /// Set while libcurl works on it.
    var handle: HTTPHandle?
    /// The order of admission to a lane.
    var ticket = 0
    var startedAt = Moment(nanoseconds: 0)
    /// Which of its lane's connections it was written to.
    var connection = 0
    /// HTTP/2 stream id, 0 where it can't be told.
    var stream = 0

    var evidence = Ending.Evidence()
    var head = ResponseHead()
    var body: [UInt8] = []
    /// Bytes of the answer's body beyond the bound.
    var droppedBytes = 0
    var bodyOffset = 0
    var isReplaying = false
    private var result: RawOutcome?

    init(_ request: PreparedRequest, in group: ConnectionGroup, deadline: Moment) {
        self.request = request
        self.group = group
        self.deadline = deadline
        evidence.bodyHandedOver = request.body.isEmpty
    }

    var isFinished: Bool { result != nil }

    /// Settles the outcome, once: later calls change nothing. The caller is resumed by `resume`, after the turn has written to its sockets.
    func finish(_ cause: Ending.Cause, message: String, isWhole: Bool = false) {
        if isFinished { return }
        place = .finished
        evidence.hasAnswer = head.isComplete
        let ending = Ending(evidence, cause)
        if ending.verdict == .answered {
            result = .answered(status: head.status, fieldLines: head.lines, body: body, isTruncated: !isWhole)
            return
        }
        var code = 0
        if case .curl(let value, _) = cause { code = value }
        let failure = TransportFailure(kind: ending.kind, message: message, code: code)
        result = ending.verdict == .notSent ? .notSent(failure) : .unknown(failure)
    }

    /// To be called once, after `finish`.
    func resume() {
        if let result { continuation?.resume(returning: result) }
    }
}

/// An outcome whose header is still bytes: the caller's task parses it, not the loop's thread.
enum RawOutcome: Sendable {
    case answered(status: Int, fieldLines: [UInt8], body: [UInt8], isTruncated: Bool)
    case notSent(TransportFailure)
    case unknown(TransportFailure)

    var parsed: HTTPOutcome {
        switch self {
        case .answered(let status, let fieldLines, let body, let isTruncated):
            .answered(HTTPResponse(status: status, fieldLines: fieldLines, body: body, isTruncated: isTruncated))
        case .notSent(let failure): .notSent(failure)
        case .unknown(let failure): .unknown(failure)
        }
    }
}
