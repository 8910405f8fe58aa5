/// Whether a connection takes one request or many.
///
/// A new connection is opened by one request, the probe; the burst follows its answer. Two reasons: until the server's SETTINGS have arrived
/// libcurl assumes 100 streams, and a server that allows fewer refuses the rest; and APNs allows one stream until it has accepted a token.
struct Gate {
    enum State: Equatable {
        /// Takes one request.
        case closed
        /// One request is on its way; takes none.
        case probing(since: Moment)
        case open
    }

    /// True where only an accepted request may open the gate (APNs).
    let needsAcceptance: Bool
    private(set) var state: State = .closed

    /// A slow first answer must not hold up a group for which any answer, and so soon enough the connection itself, is proof enough.
    static let patience: Duration = .seconds(1)

    init(needsAcceptance: Bool) {
        self.needsAcceptance = needsAcceptance
    }

    var isOpen: Bool { state == .open }

    mutating func probeStarted(at now: Moment) {
        if state == .closed { state = .probing(since: now) }
    }

    /// `status` is nil where no answer came.
    mutating func probeEnded(status: Int?) {
        guard case .probing = state else { return }
        guard let status else {
            state = .closed
            return
        }
        state = !needsAcceptance || (200..<300).contains(status) ? .open : .closed
    }

    /// The connection was lost, closed or replaced.
    mutating func connectionChanged() {
        state = .closed
    }

    /// HTTP/1.1: one request at a time needs no gate.
    mutating func bypass() {
        state = .open
    }

    /// When the gate opens without an answer.
    func opens(whenConnected connected: Bool) -> Moment? {
        guard case .probing(let since) = state, connected, !needsAcceptance else { return nil }
        return since.advanced(by: Self.patience)
    }

    mutating func tick(now: Moment, connected: Bool) {
        if let moment = opens(whenConnected: connected), moment <= now { state = .open }
    }
}
