import Synchronization

/// What Expo remembers: the tickets it gave, whose tokens are whose, how fast each project sends.
final class ExpoState: Sendable {
    /// Receipts are deleted after a day (Expo, "Send notifications").
    static let receiptLifetime: Int64 = 24 * 3600 * 1000
    static let ticketRetention = 200_000
    static let defaultProject = "@mock/app"

    struct Ticket: Sendable {
        var token: String
        var issuedAt: Int64
    }

    private struct State {
        var tickets: [String: Ticket] = [:]
        var order = Ring<String>(capacity: ticketRetention)
        var projects: [String: String] = [:]
        var buckets: [String: TokenBucket] = [:]
    }

    private let state = Mutex(State())

    func issue(to token: String, now: Int64) -> String {
        let id = UUIDText.make()
        state.withLock { state in
            if let oldest = state.order.oldestIfFull { state.tickets[oldest] = nil }
            state.order.append(id)
            state.tickets[id] = Ticket(token: token, issuedAt: now)
        }
        return id
    }

    /// The ticket, if its receipt is there to be read: not before `delay`, not after a day.
    func ticket(_ id: String, now: Int64, delay: Duration) -> Ticket? {
        guard let ticket = state.withLock({ $0.tickets[id] }) else { return nil }
        let age = now - ticket.issuedAt
        return age >= delay.milliseconds && age < Self.receiptLifetime ? ticket : nil
    }

    /// The project a token belongs to: as told by the control API, or named in the token itself (`ExponentPushToken[project-shop-1]`).
    func project(of token: String) -> String {
        if let known = state.withLock({ $0.projects[token] }) { return known }
        let words = token.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard let mark = words.firstIndex(of: "project"), mark + 1 < words.endIndex else { return Self.defaultProject }
        return "@mock/\(words[mark + 1])"
    }

    func assign(_ tokens: [String], to project: String) {
        state.withLock { state in
            for token in tokens { state.projects[token] = project }
        }
    }

    /// Whether the project may send that many now, at `rate` a second.
    func admit(_ count: Int, project: String, rate: Int, now: Int64) -> Bool {
        state.withLock { $0.buckets[project, default: TokenBucket(capacity: rate, perSecond: Double(rate), now: now)].take(count, now: now) }
    }

    func removeAll() {
        state.withLock { $0 = State() }
    }
}
