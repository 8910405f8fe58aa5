/// A moment in UTC, in whole microseconds since 1970: the one form in which times are stored, compared and passed on.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// A moment beyond the range (some 290,000 years) becomes its end: providers and callers name moments, and none of them may stop the process.
    public init(milliseconds: Int64) {
        self.init(milliseconds, of: 1_000)
    }

    public init(seconds: Int64) {
        self.init(seconds, of: 1_000_000)
    }

    private init(_ count: Int64, of unit: Int64) {
        let (product, overflow) = count.multipliedReportingOverflow(by: unit)
        microseconds = overflow ? (count < 0 ? .min : .max) : product
    }

    /// Whole seconds since 1970, rounded down: what APNs and JWTs want.
    public var seconds: Int64 { floorDivide(1_000_000) }

    /// Whole milliseconds since 1970, rounded down: what APNs' 410 answer speaks in.
    public var milliseconds: Int64 { floorDivide(1_000) }

    private func floorDivide(_ unit: Int64) -> Int64 {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: unit)
        return remainder < 0 ? quotient - 1 : quotient
    }

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
