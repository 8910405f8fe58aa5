import Domain
import Synchronization

/// A clock that stands until a test moves it.
final class MovableTime: TimeSource {
    private let moment: Mutex<Timestamp>

    init(_ start: Timestamp = Timestamp(seconds: 1_774_339_200)) {
        moment = Mutex(start)
    }

    var now: Timestamp { moment.withLock { $0 } }

    func advance(by duration: Duration) {
        moment.withLock { $0 = $0 + duration }
    }

    func sleep(until deadline: Timestamp) async throws {
        throw CancellationError()
    }
}
