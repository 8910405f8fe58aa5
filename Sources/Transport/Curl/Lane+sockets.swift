internal import CCurl
internal import CLinux

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The lane's sockets: opened and closed for libcurl, watched as it wants, and written to once a turn.
extension Lane {
    // MARK: A turn

    /// Holds small writes back until `endTurn`, so that a turn's requests leave in few packets: takes a third off the CPU of a request.
    func beginTurn() { cork(true) }

    /// Lets out what the turn has written.
    func endTurn() {
        cork(false)
        guard let buffer else { return }
        let hadUnsent = buffer.hasUnsent
        buffer.flush()
        if hadUnsent || buffer.hasUnsent { watchSocket(buffer.socket) }
    }

    private func cork(_ on: Bool) {
        // What goes through a buffer leaves in one piece in any case.
        for socket in sockets where socket != buffer?.socket { Self.cork(socket, on) }
    }

    private static func cork(_ socket: Int32, _ on: Bool) {
        var value: Int32 = on ? 1 : 0
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_CORK, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    func take(_ event: Poller.Event) {
        var flags = event.flags
        if let buffer, buffer.socket == event.socket {
            buffer.mayHaveMore = true
            if flags & EPOLLOUT.rawValue != 0, buffer.hasUnsent {
                buffer.flush()
                watchSocket(event.socket)
                if watched[event.socket].map({ $0 & EPOLLOUT.rawValue == 0 }) ?? true { flags &= ~EPOLLOUT.rawValue }
                if flags == 0 { return }
            }
        }
        guard watched[event.socket] != nil else {
            // Nobody is on this connection and the server has closed it: a request sent there would be lost.
            retire()
            pool.poller.forget(event.socket)
            return
        }
        var mask: Int32 = 0
        if flags & EPOLLIN.rawValue != 0 { mask |= CURL_CSELECT_IN }
        if flags & EPOLLOUT.rawValue != 0 { mask |= CURL_CSELECT_OUT }
        if flags & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { mask |= CURL_CSELECT_ERR }
        run(event.socket, mask)
    }

    /// libcurl asks the socket whether there is something to read; what has come already and stands in the buffer it has to be told of.
    func runUnread() {
        while let buffer, buffer.hasUnread, watched[buffer.socket] != nil {
            let read = buffer.bytesRead
            var running: Int32 = 0
            curl_multi_socket_action(multi, buffer.socket, CURL_CSELECT_IN, &running)
            // Nobody wants it now.
            guard buffer.bytesRead > read else { return }
        }
    }

    // MARK: What libcurl tells

    func openSocket(_ address: curl_sockaddr) -> Int32 {
        let descriptor = socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
        if descriptor < 0 || Int(descriptor) >= pool.settings.socketCeiling {
            pool.shortage.isFelt = true
            if descriptor >= 0 { posixClose(descriptor) }
            return ccurl_socket_bad
        }
        sockets.append(descriptor)
        pool.counters.connectionOpened()
        connection += 1
        streams = 0
        connectionChanged = true
        if connectDeadline == nil { connectDeadline = now.advanced(by: pool.settings.connectTimeout) }
        return descriptor
    }

    func closeSocket(_ descriptor: Int32) {
        pool.poller.forget(descriptor)
        watched[descriptor] = nil
        if buffer?.socket == descriptor {
            buffer?.close()
            buffer = nil
        }
        sockets.removeAll { $0 == descriptor }
        posixClose(descriptor)
        connectionChanged = true
    }

    /// From here on the connection's bytes go through a buffer. Only where it is beyond doubt which socket is the connection's.
    func handshakeEnded(_ connection: OpaquePointer) {
        guard sockets.count == 1 else { return }
        let fresh = SocketBuffer(socket: sockets[0])
        guard fresh.install(in: connection) else { return }
        buffer = fresh
        // The turn in which the handshake ends began with it; left on, it would hold each turn's last packet back for 200 ms (tcp(7)).
        Self.cork(fresh.socket, false)
    }

    func watch(_ socket: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            watched[socket] = nil
            guard sockets.contains(socket) else { return pool.poller.forget(socket) }
            // libcurl reads from an idle connection before it uses it again.
            if buffer?.socket == socket { buffer?.mayHaveMore = true }
        } else {
            var flags: UInt32 = 0
            if what & CURL_POLL_IN != 0 { flags |= EPOLLIN.rawValue }
            if what & CURL_POLL_OUT != 0 { flags |= EPOLLOUT.rawValue }
            watched[socket] = flags
        }
        watchSocket(socket)
    }

    private func watchSocket(_ socket: Int32) {
        // An idle connection: libcurl looks at it when it next wants to use it. We want to know before that when the server closes it.
        var flags = watched[socket] ?? EPOLLRDHUP.rawValue
        if let buffer, buffer.socket == socket, buffer.hasUnsent { flags |= EPOLLOUT.rawValue }
        pool.poller.watch(socket, for: flags, of: self)
    }

    func isAlive(_ socket: Int32) -> Bool {
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count > 0 || count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }
}

/// The lane has a `close` of its own.
private func posixClose(_ descriptor: Int32) { close(descriptor) }
