internal import CCurl

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// One thread's handle for one relay, and the connection that libcurl keeps in it. Never leaves its thread.
final class SMTPSession {
    let relay: SMTPRelay
    let handle: EasyHandle
    private let replyTimeout: Duration
    let abort: AbortFlag
    /// What the relay announced on the kept connection.
    private var kept: Set<SMTPExtension> = []
    private var socket: curl_socket_t = ccurl_socket_bad

    init(relay: SMTPRelay, configuration: SMTPTransport.Configuration, trust: TrustStore, abort: AbortFlag) throws {
        self.relay = relay
        self.abort = abort
        replyTimeout = configuration.replyTimeout
        handle = try EasyHandle()
        try handle.set(CURLOPT_URL, relay.url())
        try handle.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // No proxy of the environment's choice.
        try handle.set(CURLOPT_PROXY, "")
        try handle.set(CURLOPT_USE_SSL, relay.security == .none ? ccurl_use_ssl_none : ccurl_use_ssl_all)
        try trust.apply(to: handle)
        if let username = relay.username, let password = relay.password {
            try handle.set(CURLOPT_USERNAME, username)
            try handle.set(CURLOPT_PASSWORD, password)
            // Saves a round trip; RFC 4954 lets every server take it.
            try handle.set(CURLOPT_SASL_IR, 1)
        }
        try handle.set(CURLOPT_UPLOAD, 1)
        try handle.set(ccurl_opt_mail_rcpt_allow_fails, 1)
        // One connection, and not one that has been idle for longer than this thread waits.
        try handle.set(CURLOPT_MAXCONNECTS, 1)
        try handle.set(CURLOPT_MAXAGE_CONN, max(1, Int(configuration.keepIdle.components.seconds)))
        try handle.set(CURLOPT_TCP_KEEPALIVE, 1)
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, configuration.connectTimeout.wholeMilliseconds)
        try handle.set(CURLOPT_NOPROGRESS, 0)
        try handle.set(CURLOPT_VERBOSE, 1)
        try handle.set(read: readMessage)
        try handle.set(CURLOPT_HEADERFUNCTION, write: receiveLine)
        try handle.set(CURLOPT_WRITEFUNCTION, write: dropBody)
        try handle.set(debug: noteCommand)
        try handle.set(progress: goOn)
    }

    /// libcurl says QUIT as it closes the connection and waits for the reply for up to two minutes. With our side of the socket closed for
    /// reading, QUIT still goes out and the wait is over at once.
    deinit {
        if socket != ccurl_socket_bad { _ = shutdown(socket, Int32(SHUT_RD)) }
    }

    /// False when no connection is kept.
    var isAlive: Bool { socket != ccurl_socket_bad }

    func transact(_ mail: SMTPMail, timeout: Duration) throws -> SMTPOutcome {
        // The kept connection was opened to a server that could not read such an address; that is an answer.
        if mail.needsUTF8, isAlive, !kept.contains(.smtpUTF8) { return .notOffered(.smtpUTF8) }
        var needs = SMTPDialogue.Needs()
        needs.startTLS = relay.security == .starttls
        needs.auth = relay.username != nil
        needs.smtpUTF8 = mail.needsUTF8
        needs.recipients = mail.recipients.count
        let transaction = Transaction(SMTPDialogue(needs: needs, kept: kept), message: mail.message, timeout: timeout, abort: abort)
        var recipients: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(recipients) }
        for recipient in mail.recipients {
            // The list stays whole when it can't be lengthened.
            guard let longer = curl_slist_append(recipients, recipient) else { throw CurlError(code: CURLE_OUT_OF_MEMORY, call: "curl_slist_append") }
            recipients = longer
        }
        try handle.set(CURLOPT_MAIL_FROM, mail.sender)
        try handle.set(CURLOPT_MAIL_RCPT, list: recipients)
        // libcurl ends an upload when the announced size has gone out, and counts stuffed dots in: with any, it must not know the size, or it might stop early.
        try handle.set(CURLOPT_INFILESIZE_LARGE, offset: mail.hasLeadingDot ? -1 : mail.message.count)
        let code = try perform(transaction, timeout: timeout)
        try handle.set(CURLOPT_MAIL_RCPT, list: nil)
        let ending = SMTPDialogue.Ending(
            failure: code == CURLE_OK ? nil : failure(code, in: transaction), isHandedOver: transaction.isHandedOver,
            isReused: handle.info(CURLINFO_NUM_CONNECTS) == 0)
        kept = isAlive ? transaction.dialogue.extensions : []
        return transaction.dialogue.outcome(ending)
    }

    /// One transfer, with `transaction` at the callbacks.
    func perform(_ transaction: Transaction, timeout: Duration) throws -> CURLcode {
        try handle.set(CURLOPT_TIMEOUT_MS, timeout.wholeMilliseconds)
        try handle.set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, Int(min(timeout, replyTimeout).components.seconds) + 1))
        // Borrowed until the transfer is over; `transaction` lives to the end of this function.
        let pointer = Unmanaged.passUnretained(transaction).toOpaque()
        for option in [CURLOPT_READDATA, CURLOPT_HEADERDATA, CURLOPT_DEBUGDATA, CURLOPT_XFERINFODATA] { try handle.set(option, pointer) }
        handle.clearText()
        socket = ccurl_socket_bad
        let code = withExtendedLifetime(transaction) { curl_easy_perform(handle.raw) }
        // Pointers to what is gone must not stay where libcurl finds them when it closes the connection.
        for option in [CURLOPT_READDATA, CURLOPT_HEADERDATA, CURLOPT_DEBUGDATA, CURLOPT_XFERINFODATA] { try handle.set(option, nil) }
        socket = handle.activeSocket
        return code
    }

    func failure(_ code: CURLcode, in transaction: Transaction) -> TransportFailure {
        let kind: TransportFailure.Kind =
            switch code {
            case CURLE_ABORTED_BY_CALLBACK: abort.isRaised ? .shutdown : .timeout
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
            case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: .connect
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
                CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
                CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
                .tls
            case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_WEIRD_SERVER_REPLY, CURLE_REMOTE_ACCESS_DENIED,
                CURLE_LOGIN_DENIED:
                .reset
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .invalidRequest
            default: .local
            }
        let message =
            code == CURLE_ABORTED_BY_CALLBACK ? (abort.isRaised ? "ended by shutdown" : "the attempt's time is over") : handle.text(of: code)
        return TransportFailure(kind: kind, message: message, code: Int(code.rawValue))
    }
}

/// What the callbacks of one transfer work on.
final class Transaction {
    var dialogue: SMTPDialogue
    private let message: [UInt8]
    private var offset = 0
    private let deadline: ContinuousClock.Instant
    private let abort: AbortFlag
    private var closingSince: ContinuousClock.Instant?

    init(_ dialogue: SMTPDialogue, message: [UInt8], timeout: Duration, abort: AbortFlag) {
        self.dialogue = dialogue
        self.message = message
        self.abort = abort
        deadline = .now + timeout
    }

    var isHandedOver: Bool { offset == message.count }

    func read(into buffer: UnsafeMutableRawPointer, limit: Int) -> Int {
        let count = min(limit, message.count - offset)
        message.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            buffer.copyMemory(from: start + offset, byteCount: count)
        }
        offset += count
        return count
    }

    func sent(_ bytes: UnsafeRawBufferPointer) {
        dialogue.sent(bytes)
        if dialogue.isClosing, closingSince == nil { closingSince = .now }
    }

    /// libcurl asks at least once a second, also where it blocks. A farewell that nobody answers is not worth a second.
    var hasToEnd: Bool {
        if abort.isRaised { return true }
        let now = ContinuousClock.now
        if let closingSince { return now - closingSince > .milliseconds(500) }
        return now > deadline
    }
}

// Called by libcurl on the session's thread, while `transact` holds the transaction.

private func transaction(_ pointer: UnsafeMutableRawPointer?) -> Transaction? {
    pointer.map { Unmanaged<Transaction>.fromOpaque($0).takeUnretainedValue() }
}

private let readMessage: curl_read_callback = { buffer, size, count, pointer in
    guard let buffer, let transaction = transaction(pointer) else { return ccurl_readfunc_abort }
    return transaction.read(into: buffer, limit: size * count)
}

private let receiveLine: curl_write_callback = { buffer, size, count, pointer in
    guard let buffer, let transaction = transaction(pointer) else { return size * count }
    // Fewer bytes than offered make libcurl give up.
    return transaction.dialogue.received(UnsafeRawBufferPointer(start: buffer, count: size * count)) ? size * count : 0
}

private let dropBody: curl_write_callback = { _, size, count, _ in size * count }

private let noteCommand: curl_debug_callback = { _, type, data, count, pointer in
    if type == CURLINFO_HEADER_OUT, let data, let transaction = transaction(pointer) {
        transaction.sent(UnsafeRawBufferPointer(start: data, count: count))
    }
    return 0
}

private let goOn: curl_xferinfo_callback = { pointer, _, _, _, _ in
    transaction(pointer)?.hasToEnd == true ? 1 : 0
}

extension EasyHandle {
    /// The socket of the connection that is kept; bad when there is none.
    fileprivate var activeSocket: curl_socket_t {
        var socket = ccurl_socket_bad
        guard ccurl_easy_getinfo_socket(raw, &socket) == CURLE_OK else { return ccurl_socket_bad }
        return socket
    }
}

extension Duration {
    /// At least 1: libcurl takes 0 for "for ever".
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(seconds * 1_000 + attoseconds / 1_000_000_000_000_000))
    }
}
