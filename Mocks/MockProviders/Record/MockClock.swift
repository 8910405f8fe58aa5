import Foundation

/// The one place where the mock reads the time, so that tests (and, one day, a control call) can move it.
struct MockClock: Sendable {
    /// Milliseconds since 1970.
    var now: @Sendable () -> Int64

    static let system = MockClock { Int64(Date().timeIntervalSince1970 * 1000) }
}
