internal import Synchronization

/// Written by the loop's thread, read by any.
final class Counters: Sendable {
    private let values = Mutex(HTTPTransport.Counters())

    var snapshot: HTTPTransport.Counters { values.withLock { $0 } }

    func connectionOpened() { values.withLock { $0.connectionsOpened += 1 } }

    func requestEnded(answered: Bool) {
        values.withLock {
            $0.requests += 1
            if answered { $0.answered += 1 }
        }
    }
}
