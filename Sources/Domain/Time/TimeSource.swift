#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// Where "now" comes from. Rules never ask the system: they are handed a time, or a source that a test moves by hand.
public protocol TimeSource: Sendable {
    /// Wall-clock time, UTC. May jump when the machine's clock is set.
    var now: Timestamp { get }

    /// Time since a fixed moment, which nobody can set: `now` may jump, this only passes.
    var elapsed: Duration { get }

    /// Returns when `now` has reached `deadline`. Throws `CancellationError` when the task is cancelled first.
    func sleep(until deadline: Timestamp) async throws
}

extension TimeSource {
    /// For clocks that are never set.
    public var elapsed: Duration { now - Timestamp(microseconds: 0) }

    public func sleep(for duration: Duration) async throws {
        try await sleep(until: now + duration)
    }
}

/// The machine's clock.
public struct SystemTime: TimeSource {
    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
    }

    public var elapsed: Duration {
        var time = timespec()
        #if os(Linux)
        // The other one stands still while the machine sleeps, which would look as if the clock had been set.
        clock_gettime(CLOCK_BOOTTIME, &time)
        #else
        clock_gettime(CLOCK_MONOTONIC, &time)
        #endif
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    public func sleep(until deadline: Timestamp) async throws {
        let wait = deadline - now
        if wait > .zero { try await Task.sleep(for: wait) }
    }
}
