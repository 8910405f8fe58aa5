import Testing

@testable import Transport

/// The table by which an exchange is judged. Columns: what is known, what ended it, what that means.
@Suite struct EndingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var evidence: Ending.Evidence
        var cause: Ending.Cause
        var verdict: Ending.Verdict
        var kind: TransportFailure.Kind

        init(_ name: String, _ evidence: Ending.Evidence, _ cause: Ending.Cause, _ verdict: Ending.Verdict, _ kind: TransportFailure.Kind) {
            testDescription = name
            self.evidence = evidence
            self.cause = cause
            self.verdict = verdict
            self.kind = kind
        }
    }

    private static let nothing = Ending.Evidence()
    private static let header = Ending.Evidence(started: true)
    private static let whole = Ending.Evidence(started: true, bodyHandedOver: true)
    private static let refused = Ending.Evidence(started: true, bodyHandedOver: true, refused: true)
    private static let answered = Ending.Evidence(hasAnswer: true, started: true, bodyHandedOver: true)
    private static let early = Ending.Evidence(hasAnswer: true, started: true, bodyHandedOver: false)
    /// A request without a body: whole as soon as its header is.
    private static let emptyBody = Ending.Evidence(started: false, bodyHandedOver: true)

    static let table: [Row] = [
        Row("never started", nothing, .curl(code: 6, kind: .resolve), .notSent, .resolve),
        Row("refused port", nothing, .curl(code: 7, kind: .connect), .notSent, .connect),
        Row("bad certificate", nothing, .curl(code: 60, kind: .tls), .notSent, .tls),
        Row("connection lost in the handshake", nothing, .curl(code: 56, kind: .reset), .notSent, .reset),
        Row("empty body, never started", emptyBody, .curl(code: 7, kind: .connect), .notSent, .connect),
        Row("deadline in the queue", nothing, .deadline, .notSent, .timeout),
        Row("no connection in time", nothing, .connectDeadline, .notSent, .connect),
        Row("cancelled in the queue", nothing, .cancelled, .notSent, .cancelled),
        Row("shutdown in the queue", nothing, .shutdown, .notSent, .shutdown),
        Row("queue full", nothing, .queueFull, .notSent, .local),

        Row("lost before the body was out", header, .curl(code: 56, kind: .reset), .notSent, .reset),
        Row("deadline before the body was out", header, .deadline, .notSent, .timeout),
        Row("cancelled before the body was out", header, .cancelled, .notSent, .cancelled),
        Row("body can't be rewound", header, .curl(code: 65, kind: .reset), .notSent, .reset),

        Row("lost after the body was out", whole, .curl(code: 56, kind: .reset), .unknown, .reset),
        Row("closed after the body was out", whole, .curl(code: 52, kind: .reset), .unknown, .reset),
        Row("stream reset", whole, .curl(code: 92, kind: .reset), .unknown, .reset),
        Row("no answer in time", whole, .deadline, .unknown, .timeout),
        Row("cancelled on its way", whole, .cancelled, .unknown, .cancelled),
        Row("shutdown on its way", whole, .shutdown, .unknown, .shutdown),
        Row("libcurl wants to send again", whole, .replay, .unknown, .reset),
        Row("the second attempt fails to connect", whole, .curl(code: 7, kind: .connect), .unknown, .reset),
        Row("the second attempt fails to resolve", whole, .curl(code: 6, kind: .resolve), .unknown, .reset),

        Row("refused stream", refused, .replay, .notSent, .refusedStream),
        Row("above GOAWAY's last stream", refused, .curl(code: 18, kind: .reset), .notSent, .refusedStream),

        Row("answered", answered, .curl(code: 0, kind: .reset), .answered, .reset),
        Row("answered, then 56 (7.88.1 under a reset limit)", answered, .curl(code: 56, kind: .reset), .answered, .reset),
        Row("answered, then 92 (7.88.1, answer before the body)", answered, .curl(code: 92, kind: .reset), .answered, .reset),
        Row("answered, then 16", answered, .curl(code: 16, kind: .reset), .answered, .reset),
        Row("answered, body cut off by the deadline", answered, .deadline, .answered, .timeout),
        Row("answered before the body was out", early, .curl(code: 92, kind: .reset), .answered, .reset),
    ]

    @Test(arguments: table)
    func `every end has its verdict`(row: Row) {
        let ending = Ending(row.evidence, row.cause)
        #expect(ending.verdict == row.verdict)
        if row.verdict != .answered { #expect(ending.kind == row.kind) }
    }
}
