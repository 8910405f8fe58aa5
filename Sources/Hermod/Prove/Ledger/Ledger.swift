import Synchronization

/// Everything that is known of every notification: what the gateway answered, and what the mock has seen. Some fifty bytes each.
final class Ledger: Sendable {
    struct State {
        var entries: [LedgerEntry]
        /// Reasons of refusals, by the number under which entries name them.
        var reasons: [String] = [""]
        /// All arrivals of what the mock took more than once.
        var repeats: [Int: [Sighting]] = [:]
        /// What a gateway that was killed had begun and not yet written down as done, and when it died.
        var underWay: [Int: [UInt32]] = [:]
        /// Connections that the mock broke, and when.
        var breaks: [UInt32: UInt32] = [:]
        /// The mock's number of the newest message that has been read.
        var read = 0
        var tally = Tally()
        var remarks: [String] = []
    }

    /// Counts for whoever watches.
    struct Tally: Sendable {
        var posted = 0
        var accepted = 0
        var arrived = 0
        /// Accepted and not arrived.
        var open: Int { accepted - acceptedAndArrived }
        var acceptedAndArrived = 0
    }

    let state: Mutex<State>

    init(notifications: Int) {
        state = Mutex(State(entries: Array(repeating: LedgerEntry(), count: notifications)))
    }

    var tally: Tally { state.withLock(\.tally) }
    var read: Int { state.withLock(\.read) }

    /// Something that a reader of the ledger has to know.
    func remark(_ text: String) { state.withLock { $0.remarks.append(text) } }

    /// - Parameter episode: by its place in the plan.
    func posting(_ order: Order, episode: Int, at moment: UInt32, deadline: UInt32?) {
        state.withLock { state in
            // What has been promised stays promised, whatever is called again.
            for number in order.numbers where state.entries[number].standing != .accepted {
                if state.entries[number].standing == .unsent { state.tally.posted += 1 } else { state.entries[number].isRepeated = true }
                state.entries[number].standing = .unanswered
                state.entries[number].episode = UInt16(truncatingIfNeeded: episode)
                state.entries[number].postedAt = moment
                state.entries[number].deadline = deadline ?? 0
                state.entries[number].target = Sighting.mark(of: order.target(of: number))
                if case .direct(_, isDead: true) = order.kind { state.entries[number].isDead = true }
            }
        }
    }

    /// The gateway has answered for it.
    func accepted(_ number: Int, as id: NotificationID) {
        state.withLock { state in
            guard state.entries[number].standing != .accepted else { return }
            state.entries[number].standing = .accepted
            state.entries[number].id = id
            state.tally.accepted += 1
            if state.entries[number].arrivals > 0 { state.tally.acceptedAndArrived += 1 }
        }
    }

    /// The gateway has said no, and so owes nothing.
    func refused(_ order: Order) {
        state.withLock { state in
            for number in order.numbers where state.entries[number].standing != .accepted { state.entries[number].standing = .refused }
        }
    }

    func died(at moment: UInt32, underWay: [Int]) {
        state.withLock { state in
            for number in underWay { state.underWay[number, default: []].append(moment) }
        }
    }

    func id(of number: Int) -> NotificationID { state.withLock { $0.entries[number].id } }

    /// By number what is known by id.
    func numbers<Value: Sendable>(of known: [NotificationID: Value]) -> [Int: Value] {
        state.withLock { state in
            var found: [Int: Value] = [:]
            for (number, entry) in state.entries.enumerated() where entry.standing == .accepted { found[number] = known[entry.id] }
            return found
        }
    }

    /// Takes what the mock has seen, in its order. Throws when something was missed: the proof would be worth nothing.
    func arrived(_ arrivals: [Arrival]) throws(StartFault) {
        try state.withLock { state throws(StartFault) in
            for arrival in arrivals {
                guard arrival.number == state.read + 1 else {
                    throw StartFault("the mock forgot messages \(state.read + 1) to \(arrival.number - 1) before they were read")
                }
                state.read = arrival.number
                if arrival.breaksConnection { state.breaks[arrival.connection] = arrival.at }
                if let number = arrival.notification, state.entries.indices.contains(number) { state.note(arrival, of: number) }
            }
        }
    }
}

extension Ledger.State {
    fileprivate mutating func note(_ arrival: Arrival, of number: Int) {
        guard arrival.isAccepted else {
            entries[number].refusals = entries[number].refusals &+ (entries[number].refusals == .max ? 0 : 1)
            entries[number].reason = place(of: arrival.reason ?? "")
            return
        }
        if entries[number].target != 0, arrival.target != entries[number].target { entries[number].isMisdirected = true }
        let before = entries[number].arrivals
        if before == 0 {
            entries[number].first = Sighting(arrival)
            tally.arrived += 1
            if entries[number].standing == .accepted { tally.acceptedAndArrived += 1 }
        } else {
            if before == 1 { repeats[number] = [entries[number].first] }
            repeats[number]?.append(Sighting(arrival))
        }
        entries[number].arrivals = before == .max ? before : before + 1
    }

    private mutating func place(of reason: String) -> UInt8 {
        if let known = reasons.firstIndex(of: reason) { return UInt8(known) }
        // Providers have some dozens of words; more than that are told as one.
        guard reasons.count < 255 else { return 0 }
        reasons.append(reason)
        return UInt8(reasons.count - 1)
    }
}
