import COpenSSL

/// Bytes as something that OpenSSL reads from.
enum MemoryBIO {
    /// Nil where OpenSSL has no memory left; the BIO must not outlive `body`.
    static func reading<Value>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Value?) -> Value? {
        bytes.withUnsafeBytes { bytes in
            guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
            defer { BIO_free(source) }
            return body(source)
        }
    }
}
