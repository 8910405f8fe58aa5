public import Domain

/// One attempt as it is remembered.
public struct Attempt: Sendable, Hashable {
    /// From 1.
    public var number: Int
    public var startedAt: Timestamp
    public var endedAt: Timestamp
    public var outcome: String
    /// The rule of the verdict table.
    public var rule: String
    public var status: Int?
    public var reason: String?
    public var detail: String?
    public var nextAttemptAt: Timestamp?
    /// Why the next one waits, where it does.
    public var waitCause: WaitCause?

    public init(
        number: Int, startedAt: Timestamp, endedAt: Timestamp, outcome: String, rule: String, status: Int?, reason: String?, detail: String?,
        nextAttemptAt: Timestamp?, waitCause: WaitCause? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.outcome = outcome
        self.rule = rule
        self.status = status
        self.reason = reason
        self.detail = detail
        self.nextAttemptAt = nextAttemptAt
        self.waitCause = waitCause
    }
}
