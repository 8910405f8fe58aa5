import Domain
import Synchronization
import Transport

/// The connections to one APNs environment that are bound to one key or one certificate, whichever lanes use them.
final class APNsConnection: Sendable {
    let group: ConnectionGroup

    private struct State: Sendable {
        var firstUser: String?
        var isShared = false
        var renewal = ConnectionRenewal()
    }

    private let state = Mutex(State())

    init(group: ConnectionGroup) {
        self.group = group
    }

    /// Says that requests of that topic will use the connections.
    func join(_ user: String) {
        state.withLock { state in
            if let first = state.firstUser { state.isShared = state.isShared || first != user } else { state.firstUser = user }
        }
    }

    /// True when a connection may have been bound for another topic than the one that was just refused on it.
    var isShared: Bool { state.withLock { $0.isShared } }

    /// Later requests use new connections, unless a request that began later than `started` has seen to that already.
    func renew(started: Timestamp, now: Timestamp, through carrier: any HTTPCarrier) {
        if state.withLock({ $0.renewal.begin(started: started, now: now) }) { carrier.renewConnections(of: group) }
    }
}

/// Two hundred requests refused on one old connection ask for one new one; APNs takes rapid reconnecting for an attack.
struct ConnectionRenewal: Sendable, Hashable {
    private var renewedAt: Timestamp?

    /// True when connections are to be renewed for a request that began at `started`.
    mutating func begin(started: Timestamp, now: Timestamp) -> Bool {
        if let renewedAt, started <= renewedAt, renewedAt <= now { return false }
        renewedAt = now
        return true
    }
}
