#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A point on the machine's monotonic clock. Two words less than `ContinuousClock.Instant`, and read several times per request.
struct Moment: Comparable, Hashable, Sendable {
    var nanoseconds: Int64

    static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    static var now: Moment {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Moment(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Saturates: a caller's `.seconds(.max)` means never.
    func advanced(by duration: Duration) -> Moment {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return Moment(nanoseconds: seconds < 0 ? .min : .max) }
        let (sum, tooFar) = nanoseconds.addingReportingOverflow(scaled + attoseconds / 1_000_000_000)
        return Moment(nanoseconds: tooFar ? (seconds < 0 ? .min : .max) : sum)
    }

    func advanced(milliseconds: Int) -> Moment { advanced(by: .milliseconds(milliseconds)) }

    /// Rounded up, so that a wait for it never ends early and turns into a busy loop.
    func milliseconds(from now: Moment) -> Int {
        if self <= now { return 0 }
        let (difference, overflow) = nanoseconds.subtractingReportingOverflow(now.nanoseconds)
        return overflow ? .max : Int((difference - 1) / 1_000_000 + 1)
    }
}
