/// A moment in UTC, in whole microseconds since 1970: the one form in which times are stored, compared and passed on.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public init(milliseconds: Int64) {
        self.microseconds = milliseconds.multipliedReportingOverflow(by: 1_000).partialValue
    }

    public init(seconds: Int64) {
        self.microseconds = seconds.multipliedReportingOverflow(by: 1_000_000).partialValue
    }

    /// Whole seconds since 1970, rounded down: what APNs and JWTs want.
    public var seconds: Int64 { Int64((Double(microseconds) / 1_000_000).rounded(.down)) }

    /// Whole milliseconds since 1970, rounded down: what APNs' 410 answer speaks in.
    public var milliseconds: Int64 { Int64((Double(microseconds) / 1_000).rounded(.down)) }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.microseconds < b.microseconds }

    public static func + (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds + b.microseconds)
    }

    public static func - (a: Timestamp, b: Duration) -> Timestamp {
        Timestamp(microseconds: a.microseconds - b.microseconds)
    }

    public static func - (a: Timestamp, b: Timestamp) -> Duration {
        .microseconds(a.microseconds - b.microseconds)
    }
}

extension Duration {
    /// Whole microseconds, towards zero.
    public var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    public var milliseconds: Int64 { microseconds / 1_000 }

    public var inSeconds: Double { Double(microseconds) / 1_000_000 }
}
