internal import CCurl

/// An easy handle made for one origin and used for one request after the other; what doesn't change is set once.
final class HTTPHandle {
    let easy: EasyHandle
    private let url: OpaquePointer
    private var hasQuery = false
    private var method = HTTPRequest.Method.post
    private let headers = HeaderList()
    /// The lane that owns this handle; its callbacks report there. Lanes outlive their handles.
    private unowned(unsafe) let lane: Lane
    let settings: HTTPSettings
    /// Set from `begin` to `end`; keeps alive what the callbacks write to.
    private(set) var exchange: Exchange?
    /// Where this handle stands in the lane's list of handles at work.
    var index = 0

    init(lane: Lane, _ pool: PoolContext) throws(CurlError) {
        self.lane = lane
        settings = pool.settings
        easy = try EasyHandle()
        guard let url = curl_url() else { throw CurlError(code: CURLE_OUT_OF_MEMORY, call: "curl_url") }
        self.url = url
        guard curl_url_set(url, CURLUPART_URL, pool.origin, 0) == CURLUE_OK else { throw CurlError(code: CURLE_URL_MALFORMAT, call: "curl_url_set") }
        try configure(pool.group.clientCertificate)
        try installCallbacks()
    }

    deinit {
        // libcurl borrows the URL from the handle's options, but reads it in transfers only; none runs any more.
        curl_url_cleanup(url)
    }

    private func configure(_ certificate: ConnectionGroup.ClientCertificate?) throws(CurlError) {
        try easy.check(ccurl_easy_setopt_url(easy.raw, url), CURLOPT_CURLU)
        try easy.set(CURLOPT_PROTOCOLS_STR, "https,http")
        try easy.set(CURLOPT_HTTP_VERSION, Int(ccurl_http_version_2_tls))
        // Without it a burst opens one connection per request.
        try easy.set(CURLOPT_PIPEWAIT, 1)
        try easy.set(CURLOPT_POST, 1)
        try easy.set(CURLOPT_FOLLOWLOCATION, 0)
        // Not even the one from the environment.
        try easy.set(CURLOPT_PROXY, settings.proxy)
        try easy.set(CURLOPT_USERAGENT, settings.userAgent)
        try easy.set(CURLOPT_ACCEPT_ENCODING, "gzip")
        // APNs asks for connections that stay for hours, and for a fresh look-up before each.
        try easy.set(CURLOPT_MAXAGE_CONN, 6 * 3600)
        try easy.set(CURLOPT_DNS_CACHE_TIMEOUT, 0)
        try easy.set(CURLOPT_DNS_SHUFFLE_ADDRESSES, 1)
        // HTTP/2 PING is out of reach with a multi handle of our own; TCP keepalive notices what a firewall has silently dropped.
        try easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        try easy.set(CURLOPT_TCP_KEEPIDLE, 60)
        try easy.set(CURLOPT_TCP_KEEPINTVL, 20)
        // Each request on the way has both, a hundred or two of them a connection: with libcurl's own sizes (64 and 16 KB) every burst takes and gives back tens
        // of megabytes. Messages and answers are few kilobytes; longer ones pass in pieces.
        try easy.set(CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1024)
        try easy.set(CURLOPT_BUFFERSIZE, 4 * 1024)
        // Don't wait for a resolver thread that hangs: removing its handle would block the loop for all.
        try easy.set(CURLOPT_QUICK_EXIT, 1)
        try settings.trust.apply(to: easy)
        if let certificate {
            try easy.set(CURLOPT_SSLCERTTYPE, "P12")
            try easy.set(CURLOPT_SSLCERT_BLOB, blob: certificate.p12)
            try easy.set(CURLOPT_KEYPASSWD, certificate.password)
        }
    }

    /// All context pointers are borrowed: this object owns the easy handle, so it outlives every callback of a transfer. The socket callbacks get the lane,
    /// because sockets belong to the lane's multi handle and outlive the easy handle that opened them.
    private func installCallbacks() throws(CurlError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try easy.set(CURLOPT_PRIVATE, context)
        try easy.set(CURLOPT_HEADERFUNCTION, write: onHeader)
        try easy.set(CURLOPT_HEADERDATA, context)
        try easy.set(CURLOPT_WRITEFUNCTION, write: onWrite)
        try easy.set(CURLOPT_WRITEDATA, context)
        // No SEEKFUNCTION beside it: libcurl can't rewind the body, and so can't send it twice behind our back.
        try easy.set(read: onRead)
        try easy.set(CURLOPT_READDATA, context)
        try easy.check(ccurl_easy_setopt_prereq(easy.raw, onPrerequest), CURLOPT_PREREQFUNCTION)
        try easy.set(CURLOPT_PREREQDATA, context)
        try easy.set(debug: onDebug)
        try easy.set(CURLOPT_DEBUGDATA, context)
        let laneContext = Unmanaged.passUnretained(lane).toOpaque()
        try easy.check(ccurl_easy_setopt_opensocket(easy.raw, onOpenSocket), CURLOPT_OPENSOCKETFUNCTION)
        try easy.set(CURLOPT_OPENSOCKETDATA, laneContext)
        try easy.check(ccurl_easy_setopt_closesocket(easy.raw, onCloseSocket), CURLOPT_CLOSESOCKETFUNCTION)
        try easy.set(CURLOPT_CLOSESOCKETDATA, laneContext)
        // With a proxy that speaks TLS itself, the socket's bytes are not the connection's.
        if SocketBuffer.isPossible, !settings.proxy.hasPrefix("https") { try SocketBuffer.prepare(easy, for: lane) }
    }

    /// Sets what differs from request to request.
    func begin(_ exchange: Exchange) throws(CurlError) {
        let request = exchange.request
        self.exchange = exchange
        exchange.handle = self
        exchange.bodyOffset = 0
        guard curl_url_set(url, CURLUPART_PATH, request.path.isEmpty ? "/" : request.path, UInt32(CURLU_PATH_AS_IS)) == CURLUE_OK else {
            throw CurlError(code: CURLE_URL_MALFORMAT, call: "curl_url_set")
        }
        if hasQuery || request.query != nil {
            guard curl_url_set(url, CURLUPART_QUERY, request.query, 0) == CURLUE_OK else {
                throw CurlError(code: CURLE_URL_MALFORMAT, call: "curl_url_set")
            }
            hasQuery = request.query != nil
        }
        if request.method != method {
            // Stays a POST to libcurl, of another name and without a body: the callbacks and the rule against replays are the same for both.
            try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            method = request.method
        }
        try easy.set(CURLOPT_HTTPHEADER, list: headers.fill(request.headerLines, count: request.headerCount))
        try easy.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: request.body.count)
        try easy.set(CURLOPT_VERBOSE, 0)
    }

    func end() {
        exchange?.handle = nil
        exchange = nil
    }

    static func of(_ easy: UnsafeMutableRawPointer) -> HTTPHandle? {
        var context: UnsafeMutableRawPointer?
        _ = ccurl_easy_getinfo_pointer(easy, CURLINFO_PRIVATE, &context)
        return context.map { Unmanaged<HTTPHandle>.fromOpaque($0).takeUnretainedValue() }
    }

    // MARK: What the callbacks do

    /// libcurl is about to write the request. False forbids it.
    fileprivate func requestBegins() -> Bool {
        guard let exchange else { return false }
        if exchange.evidence.started {
            // A second time: libcurl wants to replay after a connection died. It didn't say so before (see `says`), so nothing is proved.
            exchange.isReplaying = true
            return false
        }
        exchange.evidence.started = true
        lane.requestBegins(exchange)
        if exchange.request.body.isEmpty { listen() }
        return true
    }

    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let exchange else { return 0 }
        let body = exchange.request.body
        let count = min(buffer.count, body.count - exchange.bodyOffset)
        if count > 0 {
            body.withUnsafeBytes { bytes in
                buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[exchange.bodyOffset..<exchange.bodyOffset + count]))
            }
            exchange.bodyOffset += count
        }
        if exchange.bodyOffset == body.count, !exchange.evidence.bodyHandedOver {
            exchange.evidence.bodyHandedOver = true
            listen()
        }
        return count
    }

    /// From here on a replay could double the request, so libcurl's own words are wanted: they alone tell of a replay before it begins, and of GOAWAY.
    /// Not earlier, because libcurl says much while it connects and writes headers, and each line costs.
    private func listen() {
        _ = ccurl_easy_setopt_long(easy.raw, CURLOPT_VERBOSE, 1)
    }

    fileprivate func says(_ text: UnsafeRawBufferPointer) {
        guard let exchange, !exchange.isFinished else { return }
        if text.starts(with: LibcurlText.replay) || text.starts(with: LibcurlText.downgrade) {
            if !exchange.isReplaying { lane.replayAnnounced(by: self, of: exchange) }
        } else if let goaway = LibcurlText.goaway(text) {
            lane.goawayArrived(lastStream: goaway)
        }
    }

    fileprivate func header(_ line: UnsafeRawBufferPointer) {
        exchange?.head.append(line)
    }

    /// Keeps what is within the bound. An answer that goes on far beyond is ended.
    fileprivate func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let exchange else { return false }
        let room = settings.maxResponseBytes - exchange.body.count
        let kept = min(room, bytes.count)
        if kept > 0 { exchange.body.append(contentsOf: bytes[..<kept]) }
        exchange.droppedBytes += bytes.count - max(0, kept)
        return exchange.droppedBytes <= settings.maxDroppedBytes
    }
}

// Trampolines: recover the object, call a method. Nothing throws across C.

private func bytes(_ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: data, count: size * count)
}

private let onHeader: curl_write_callback = { data, size, count, context in
    let handle = Unmanaged<HTTPHandle>.fromOpaque(context!).takeUnretainedValue()
    handle.header(bytes(data, size, count))
    return size * count
}

private let onWrite: curl_write_callback = { data, size, count, context in
    let handle = Unmanaged<HTTPHandle>.fromOpaque(context!).takeUnretainedValue()
    return handle.write(bytes(data, size, count)) ? size * count : 0
}

private let onRead: curl_read_callback = { data, size, count, context in
    let handle = Unmanaged<HTTPHandle>.fromOpaque(context!).takeUnretainedValue()
    return handle.read(into: UnsafeMutableRawBufferPointer(start: data, count: size * count))
}

private let onPrerequest: curl_prereq_callback = { context, _, _, _, _ in
    let handle = Unmanaged<HTTPHandle>.fromOpaque(context!).takeUnretainedValue()
    return handle.requestBegins() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

private let onDebug: curl_debug_callback = { _, type, data, size, context in
    guard type == CURLINFO_TEXT else { return 0 }
    let handle = Unmanaged<HTTPHandle>.fromOpaque(context!).takeUnretainedValue()
    handle.says(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}

private let onOpenSocket: curl_opensocket_callback = { context, _, address in
    let lane = Unmanaged<Lane>.fromOpaque(context!).takeUnretainedValue()
    return lane.openSocket(address!.pointee)
}

private let onCloseSocket: curl_closesocket_callback = { context, socket in
    let lane = Unmanaged<Lane>.fromOpaque(context!).takeUnretainedValue()
    lane.closeSocket(socket)
    return 0
}
