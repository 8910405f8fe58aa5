internal import CCurl

/// One multi handle with one connection, and the requests on it. Confined to the loop's thread.
///
/// One connection per multi handle, because libcurl chooses freely between the connections of one: a second connection would get a burst
/// before its SETTINGS have arrived and before its one probe was accepted.
final class Lane {
    let pool: PoolContext
    let multi: UnsafeMutableRawPointer
    var gate: Gate
    var limit: StreamLimit
    /// HTTP/1.1: one request at a time.
    private(set) var isSerial: Bool

    /// Handles in the multi handle.
    private(set) var working: [HTTPHandle] = []
    private var spare: [HTTPHandle] = []
    /// How many of `working` have got a stream.
    private(set) var started = 0
    private var tickets = 0
    /// The one request that opens the connection.
    private var probe: HTTPHandle?

    /// Takes no more; what is on it finishes.
    private(set) var isRetired = false
    private let openedAt: Moment
    private(set) var usedAt: Moment
    private var answeredAt = Moment(nanoseconds: 0)
    var connectDeadline: Moment?
    private var timer: Moment?

    /// Sockets to the server, as far as libcurl has asked us to open them: one, but for moments.
    var sockets: [Int32] = []
    /// Those that libcurl watches, and for what.
    var watched: [Int32: UInt32] = [:]
    /// Between OpenSSL and the socket of the present connection, once it stands.
    var buffer: SocketBuffer?
    var connectionChanged = false
    private var events: [Poller.Event] = []
    private var replays: [HTTPHandle] = []

    /// Requests written to the present connection, to tell their stream ids; nil when one may not have got an id.
    var streams: Int? = 0
    /// Counts connections, so that a stream id is never compared with another connection's GOAWAY.
    var connection = 0
    private var goaway: (connection: Int, lastStream: Int)?
    /// Exchanges that have ended since the pool last took them.
    var finished: [Exchange] = []

    /// Moving to a fresh connection now and then spreads load over a provider's servers.
    static let lifetime: Duration = .seconds(4 * 3600)

    init(_ pool: PoolContext, isSerial: Bool, now: Moment) throws(CurlError) {
        try CurlLibrary.start()
        guard let multi = curl_multi_init() else { throw CurlError(code: CURLE_OUT_OF_MEMORY, call: "curl_multi_init") }
        self.pool = pool
        self.multi = multi
        self.isSerial = isSerial
        openedAt = now
        usedAt = now
        gate = Gate(needsAcceptance: pool.group.opensWithOne)
        limit = StreamLimit(cap: isSerial ? 1 : min(pool.group.maxInFlight, Self.maxInFlight))
        if isSerial { gate.bypass() }
        configure()
    }

    /// libcurl walks through all of a connection's requests whenever the connection has news; beyond this number that costs more than it brings.
    static let maxInFlight = 200

    private func configure() {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_setopt_socket(multi, onSocket)
        ccurl_multi_setopt_pointer(multi, CURLMOPT_SOCKETDATA, context)
        ccurl_multi_setopt_timer(multi, onTimer)
        ccurl_multi_setopt_pointer(multi, CURLMOPT_TIMERDATA, context)
        ccurl_multi_setopt_long(multi, CURLMOPT_PIPELINING, ccurl_pipe_multiplex)
        ccurl_multi_setopt_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1)
        ccurl_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, 2)
        // The default of 100 would cap what the server allows.
        ccurl_multi_setopt_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000)
    }

    /// The last act. All handles must have left.
    func close() {
        spare.removeAll()
        curl_multi_cleanup(multi)
        for socket in sockets + watched.keys { pool.poller.forget(socket) }
    }

    // MARK: Room

    func hasRoom(now: Moment) -> Bool {
        if isRetired { return false }
        return gate.isOpen ? working.count < limit.current : gate.state == .closed
    }

    /// No request fits although the connection stands: the one case in which a second connection helps.
    var isSaturated: Bool { isRetired || gate.isOpen && working.count >= limit.current }

    var isEmpty: Bool { working.isEmpty }

    func isTooOld(_ now: Moment) -> Bool { openedAt.advanced(by: Self.lifetime) < now }

    func retire() { isRetired = true }

    func becomeSerial() {
        guard !isSerial else { return }
        isSerial = true
        limit = StreamLimit(cap: 1)
        gate.bypass()
    }

    /// When this lane next needs a turn, events apart.
    var due: Moment? {
        var earliest = timer
        for other in [connectDeadline, gate.opens(whenConnected: isConnected)] {
            if let other { earliest = min(earliest ?? other, other) }
        }
        return earliest
    }

    private var isConnected: Bool { started > 0 }

    // MARK: In

    /// Hands the exchange to libcurl. It begins to work on it in the next `runTimer`.
    func admit(_ exchange: Exchange, now: Moment) {
        usedAt = now
        let handle: HTTPHandle
        do throws(CurlError) {
            if let used = spare.popLast() { handle = used } else { handle = try HTTPHandle(lane: self, pool) }
            try handle.begin(exchange)
            let code = curl_multi_add_handle(multi, handle.easy.raw)
            guard code == CURLM_OK else { throw CurlError(code: CURLE_FAILED_INIT, call: "curl_multi_add_handle: \(CurlLibrary.text(of: code))") }
        } catch {
            exchange.handle?.end()
            exchange.finish(.curl(code: Int(error.code.rawValue), kind: FailureKind.of(error.code)), message: error.description)
            finished.append(exchange)
            return
        }
        exchange.place = .inFlight(self)
        exchange.ticket = tickets
        tickets += 1
        handle.index = working.count
        working.append(handle)
        if gate.state == .closed {
            gate.probeStarted(at: now)
            probe = handle
        }
        if sockets.isEmpty, connectDeadline == nil { connectDeadline = now.advanced(by: pool.settings.connectTimeout) }
    }

    // MARK: A turn

    func queue(_ event: Poller.Event) { events.append(event) }

    func runEvents() {
        guard !events.isEmpty else { return }
        for event in events { take(event) }
        events.removeAll(keepingCapacity: true)
    }

    func runTimer(now: Moment) {
        if let timer, timer <= now {
            self.timer = nil
            run(ccurl_socket_timeout, 0)
        }
        if let connectDeadline, connectDeadline <= now {
            self.connectDeadline = nil
            for handle in working where handle.exchange?.evidence.started == false {
                end(handle, .connectDeadline, "no connection within \(pool.settings.connectTimeout)")
            }
        }
    }

    func run(_ socket: Int32, _ mask: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, socket, mask, &running)
        runUnread()
        for handle in replays { end(handle, .replay, "the connection was lost or refused the request") }
        replays.removeAll(keepingCapacity: true)
        collect()
    }

    private func collect() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard ccurl_msg_is_done(message) != 0, let handle = HTTPHandle.of(ccurl_msg_easy(message)) else { continue }
            let code = ccurl_msg_result(message)
            if handle.exchange?.isReplaying == true {
                end(handle, .replay, "the connection was lost or refused the request")
            } else {
                end(handle, .curl(code: Int(code.rawValue), kind: FailureKind.of(code)), handle.easy.text(of: code))
            }
        }
    }

    /// After a turn: follows what happened to the connection. Returns requests that libcurl held without having begun them; nothing of them was sent.
    func settle(now: Moment) -> [Exchange] {
        if working.isEmpty || started > 0 { connectDeadline = nil }
        if isRetired { return recall { _ in true } }
        if isSerial { return [] }
        if connectionChanged {
            connectionChanged = false
            if gate.isOpen {
                gate.connectionChanged()
                probe = unstarted.first
                if probe != nil { gate.probeStarted(at: now) }
                return recall { [probe] in $0 !== probe }
            }
        }
        gate.tick(now: now, connected: isConnected)
        guard gate.isOpen, !working.isEmpty else { return [] }
        limit.observe(started: started, inFlight: working.count)
        guard working.count > limit.current else { return [] }
        let surplus = Set(unstarted.suffix(working.count - limit.current).map(ObjectIdentifier.init))
        return recall { surplus.contains(ObjectIdentifier($0)) }
    }

    private var unstarted: [HTTPHandle] {
        working.filter { $0.exchange?.evidence.started == false }.sorted { ($0.exchange?.ticket ?? 0) < ($1.exchange?.ticket ?? 0) }
    }

    private func recall(where isWanted: (HTTPHandle) -> Bool) -> [Exchange] {
        unstarted.filter(isWanted).compactMap { handle in
            let exchange = handle.exchange
            remove(handle)
            return exchange
        }
    }

    // MARK: Out

    /// Ends a request by our own decision.
    func abort(_ exchange: Exchange, _ cause: Ending.Cause, _ message: String) {
        guard let handle = exchange.handle else { return }
        if cause == .deadline, exchange.evidence.started, answeredAt < exchange.startedAt {
            // Not one answer since: the connection may be dead without a word, as behind a firewall that forgot it.
            retire()
        }
        end(handle, cause, message)
    }

    private func end(_ handle: HTTPHandle, _ cause: Ending.Cause, _ message: String) {
        guard let exchange = handle.exchange else { return }
        if let goaway, exchange.connection == goaway.connection, exchange.stream > goaway.lastStream { exchange.evidence.refused = true }
        var isWhole = false
        if case .curl(let code, _) = cause {
            isWhole = exchange.droppedBytes == 0 && (code == 0 || hasWholeBody(handle, exchange))
            note(handle, exchange, succeeded: code == 0)
        }
        if exchange.evidence.started, !exchange.evidence.bodyHandedOver { streams = nil }
        let wasProbe = handle === probe
        pool.counters.requestEnded(answered: exchange.head.isComplete)
        remove(handle)
        exchange.finish(cause, message: message, isWhole: isWhole)
        finished.append(exchange)
        if wasProbe { gate.probeEnded(status: exchange.head.isComplete ? exchange.head.status : nil) }
        if exchange.evidence.refused { retire() }
    }

    /// 7.88.1 ends answered requests with an error where the server reset the stream after its answer; then the announced length tells.
    private func hasWholeBody(_ handle: HTTPHandle, _ exchange: Exchange) -> Bool {
        guard exchange.head.isComplete else { return false }
        let announced = handle.easy.info(offset: CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        return announced >= 0 && handle.easy.info(offset: CURLINFO_SIZE_DOWNLOAD_T) >= announced
    }

    private func note(_ handle: HTTPHandle, _ exchange: Exchange, succeeded: Bool) {
        guard exchange.head.isComplete else { return }
        answeredAt = pool.clock.now
        if succeeded, !isSerial, handle === probe {
            let version = handle.easy.info(CURLINFO_HTTP_VERSION)
            if version == CURL_HTTP_VERSION_1_1 || version == CURL_HTTP_VERSION_1_0 { becomeSerial() }
        }
    }

    private func remove(_ handle: HTTPHandle) {
        curl_multi_remove_handle(multi, handle.easy.raw)
        if handle.exchange?.evidence.started == true { started -= 1 }
        let last = working.removeLast()
        if last !== handle {
            working[handle.index] = last
            last.index = handle.index
        }
        if handle === probe { probe = nil }
        handle.end()
        if !isRetired, spare.count < limit.cap { spare.append(handle) }
    }

    // MARK: What libcurl tells

    /// libcurl writes this exchange's request next. On HTTP/2 it gets the id 1, 3, 5 … of its connection (RFC 9113 section 5.1.1).
    func requestBegins(_ exchange: Exchange) {
        started += 1
        connectDeadline = nil
        exchange.startedAt = now
        exchange.connection = connection
        guard !isSerial, let count = streams else { return }
        streams = count + 1
        exchange.stream = 2 * count + 1
    }

    var now: Moment { pool.clock.now }

    /// libcurl found no byte of an answer and means to send again. Two things lead there: the stream was refused, or the connection broke. A broken connection
    /// leaves its mark: libcurl wrote an error text for the request that met it, or the socket reports its end. With neither, it was refused.
    func replayAnnounced(by handle: HTTPHandle, of exchange: Exchange) {
        exchange.isReplaying = true
        exchange.evidence.refused = !handle.easy.hasText && !sockets.isEmpty && sockets.allSatisfy(isAlive)
        replays.append(handle)
        retire()
    }

    /// The server takes no new streams on this connection; those up to `lastStream` it still answers.
    func goawayArrived(lastStream: Int) {
        goaway = (connection, lastStream)
        retire()
    }

    fileprivate func setTimer(milliseconds: Int) {
        if milliseconds < 0 {
            timer = nil
        } else {
            timer = milliseconds == 0 ? Moment(nanoseconds: .min) : now.advanced(milliseconds: milliseconds)
        }
    }
}

// Trampolines.

private let onSocket: curl_socket_callback = { _, socket, what, context, _ in
    let lane = Unmanaged<Lane>.fromOpaque(context!).takeUnretainedValue()
    lane.watch(socket, what)
    return 0
}

private let onTimer: curl_multi_timer_callback = { _, milliseconds, context in
    let lane = Unmanaged<Lane>.fromOpaque(context!).takeUnretainedValue()
    lane.setTimer(milliseconds: milliseconds)
    return 0
}
