import COpenSSL

/// What was in a PKCS#12 file; owns OpenSSL's objects.
final class PKCS12Parts {
    private let key: OpaquePointer?
    private let own: OpaquePointer?
    private let others: OpaquePointer?

    init(key: OpaquePointer?, certificate: OpaquePointer?, others: OpaquePointer?) {
        self.key = key
        own = certificate
        self.others = others
    }

    deinit {
        EVP_PKEY_free(key)
        X509_free(own)
        if let others { copenssl_free_certificates(others) }
    }

    /// The certificate that belongs to the key.
    func certificate() throws(PKCS12File.Fault) -> CertificateContents {
        let hasCertificates = own != nil || copenssl_count_certificates(others) > 0
        guard hasCertificates else { throw key == nil ? .damaged("it is empty") : .noCertificate }
        guard key != nil else { throw .noKey }
        guard let own else { throw .mismatch }
        guard let contents = CertificateContents(own) else { throw .damaged("the certificate's dates or names can't be read") }
        return contents
    }

    /// Key and certificates in a new file, sealed with today's algorithms; nil where OpenSSL can't, which then stands in its queue of errors.
    func sealed(_ password: String) -> [UInt8]? {
        guard let file = PKCS12_create(password, nil, key, own, others, 0, 0, 0, 0, 0) else { return nil }
        defer { PKCS12_free(file) }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = i2d_PKCS12(file, &bytes)
        guard count > 0, let bytes else { return nil }
        defer { CRYPTO_free(bytes, nil, 0) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
}
