import Domain
import Synchronization

/// The run's own time, and how the mock's and the gateway's clocks stand to it.
final class RunClock: Sendable {
    private let start = SystemTime().now

    /// Milliseconds since the run began.
    var moment: UInt32 { UInt32(clamping: (SystemTime().now - start).milliseconds) }

    /// A moment of the mock's clock.
    func moment(ofMock milliseconds: Int64) -> UInt32 { UInt32(clamping: milliseconds - start.milliseconds) }

    /// A moment of the gateway's clock.
    func moment(of time: Timestamp) -> UInt32 { UInt32(clamping: (time - start).milliseconds) }

    /// What the gateway's clock shows.
    var gatewayTime: Timestamp { SystemTime().now }
}
