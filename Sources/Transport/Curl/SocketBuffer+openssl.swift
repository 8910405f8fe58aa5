internal import CCurl
internal import COpenSSL

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

extension SocketBuffer {
    /// Whether libcurl's connections can be given a buffer: it is one whose ways are known (later ones make a third of the system calls by themselves), and speaks TLS
    /// through the very OpenSSL that this process has.
    static let isPossible: Bool = {
        guard let info = curl_version_info(ccurl_version_now)?.pointee, let name = info.ssl_version,
            let own = OpenSSL_version(copenssl_version_string)
        else {
            return false
        }
        return info.version_num < 0x080000 && String(cString: name) == "OpenSSL/" + String(cString: own) && method != nil
    }()

    /// The kind of BIO (OpenSSL's word for what it reads from and writes to) that has a buffer behind it. Made once, never freed.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        guard let method = BIO_meth_new(kind, "socket buffer") else { return nil }
        BIO_meth_set_write(method, onWrite)
        BIO_meth_set_read(method, onRead)
        BIO_meth_set_ctrl(method, onControl)
        BIO_meth_set_destroy(method, onDestroy)
        return method
    }()

    private static let kind = BIO_get_new_index() | Int32(BIO_TYPE_SOURCE_SINK)

    /// Takes the place of what OpenSSL reads from and writes to.
    ///
    /// - Returns: false where it stands there already, or there is no memory for it.
    func install(in connection: OpaquePointer) -> Bool {
        guard BIO_method_type(SSL_get_rbio(connection)) != Self.kind, let bio = BIO_new(Self.method) else { return false }
        // Released by `onDestroy`.
        BIO_set_data(bio, Unmanaged.passRetained(self).toOpaque())
        BIO_set_init(bio, 1)
        // One reference for each direction.
        BIO_up_ref(bio)
        SSL_set0_rbio(connection, bio)
        SSL_set0_wbio(connection, bio)
        return true
    }

    /// From now on a connection that `easy` opens gets a buffer of its lane when its handshake is over.
    static func prepare(_ easy: EasyHandle, for lane: Lane) throws(CurlError) {
        try easy.check(ccurl_easy_setopt_ssl_context(easy.raw, onContext), CURLOPT_SSL_CTX_FUNCTION)
        try easy.set(CURLOPT_SSL_CTX_DATA, Unmanaged.passUnretained(lane).toOpaque())
    }

    fileprivate static func of(_ bio: OpaquePointer?) -> SocketBuffer {
        Unmanaged<SocketBuffer>.fromOpaque(BIO_get_data(bio)).takeUnretainedValue()
    }
}

// Trampolines.

/// libcurl makes an OpenSSL context for each connection.
private let onContext: curl_ssl_ctx_callback = { _, context, lane in
    let context = OpaquePointer(context)
    _ = copenssl_set_lane(context, lane)
    SSL_CTX_set_info_callback(context, onProgress)
    return CURLE_OK
}

/// Called with every step of a connection's handshake, and of the messages after it.
private let onProgress: @convention(c) (OpaquePointer?, Int32, Int32) -> Void = { connection, step, _ in
    guard step & copenssl_handshake_done != 0, let connection, let lane = copenssl_lane(connection) else { return }
    Unmanaged<Lane>.fromOpaque(lane).takeUnretainedValue().handshakeEnded(connection)
}

private func answer(_ transfer: SocketBuffer.Transfer, _ bio: OpaquePointer?, retry: (OpaquePointer?) -> Void) -> Int32 {
    copenssl_bio_no_retry(bio)
    switch transfer {
    case .bytes(let count): return Int32(count)
    case .later: retry(bio)
    // libcurl looks there for the words of its error.
    case .broken(let code): errno = code
    }
    return -1
}

private let onRead: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = { bio, bytes, count in
    guard let bytes, count > 0 else { return 0 }
    return answer(
        SocketBuffer.of(bio).read(into: UnsafeMutableRawBufferPointer(start: bytes, count: Int(count))), bio, retry: copenssl_bio_retry_read)
}

private let onWrite: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = { bio, bytes, count in
    guard let bytes, count > 0 else { return 0 }
    return answer(SocketBuffer.of(bio).write(UnsafeRawBufferPointer(start: bytes, count: Int(count))), bio, retry: copenssl_bio_retry_write)
}

private let onControl: @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = { _, command, _, _ in
    // A turn's writes leave at its end; nothing in an established connection waits for an answer before.
    command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0
}

private let onDestroy: @convention(c) (OpaquePointer?) -> Int32 = { bio in
    guard let data = BIO_get_data(bio) else { return 1 }
    let buffer = Unmanaged<SocketBuffer>.fromOpaque(data).takeRetainedValue()
    // The connection's last words; its socket is closed after this.
    buffer.flush()
    BIO_set_data(bio, nil)
    return 1
}
