import COpenSSL

/// Opens PKCS#12 files (RFC 7292) with OpenSSL, and says why where it can't.
enum PKCS12File {
    enum Fault: Error, Sendable, Hashable {
        case empty
        /// PEM text in place of the binary file.
        case pem
        case notPKCS12
        case wrongPassword
        /// Without the code (MAC) that tells a wrong password and an altered file.
        case unsealed
        /// Sealed with algorithms that OpenSSL keeps in its legacy provider, which is not there.
        case oldAlgorithms
        /// OpenSSL's words.
        case damaged(String)
        case noKey
        case noCertificate
        /// None of the certificates belongs to the key.
        case mismatch
    }

    struct Contents: Sendable {
        /// The one that belongs to the key.
        var certificate: CertificateContents
        /// The file itself, or, where it was sealed with old algorithms, key and certificates sealed anew under the same password: libcurl's OpenSSL opens no other.
        var modern: [UInt8]
    }

    /// - Parameter old: what opens files that were sealed with old algorithms, as Apple's keychain still does; nil where there is nothing.
    static func open(_ bytes: [UInt8], password: String, old: LegacyAlgorithms? = .shared) throws(Fault) -> Contents {
        ERR_clear_error()
        defer { ERR_clear_error() }
        if bytes.isEmpty { throw .empty }
        if bytes.starts(with: "-----BEGIN".utf8) { throw .pem }
        // OpenSSL reads C strings; a password that ends early would be another one.
        if password.utf8.contains(0) { throw .wrongPassword }
        let failure: Refusal
        switch parse(bytes, password, in: nil) {
        case .opened(let parts): return Contents(certificate: try parts.certificate(), modern: bytes)
        case .refused(let refusal): failure = refusal
        }
        guard failure.isUnsupported else { throw failure.fault }
        guard let old else { throw .oldAlgorithms }
        switch parse(bytes, password, in: old.context) {
        case .opened(let parts):
            let certificate = try parts.certificate()
            guard let modern = parts.sealed(password) else { throw .damaged("it could not be sealed anew: \(Refusal.read().words)") }
            return Contents(certificate: certificate, modern: modern)
        case .refused(let refusal): throw refusal.isUnsupported ? .oldAlgorithms : refusal.fault
        }
    }

    private enum Result {
        case opened(PKCS12Parts)
        case refused(Refusal)
    }

    private static func parse(_ bytes: [UInt8], _ password: String, in context: OpaquePointer?) -> Result {
        let none = Result.refused(Refusal(fault: .notPKCS12, isUnsupported: false, words: ""))
        return MemoryBIO.reading(bytes) { source in
            var file = PKCS12_init_ex(NID_pkcs7_data, context, nil)
            defer { PKCS12_free(file) }
            guard d2i_PKCS12_bio(source, &file) != nil else {
                ERR_clear_error()
                return none
            }
            // Releases of OpenSSL differ in whether they take such a file, and libcurl has to open it too.
            guard PKCS12_mac_present(file) == 1 else { return .refused(Refusal(fault: .unsealed, isUnsupported: false, words: "")) }
            var key: OpaquePointer?
            var certificate: OpaquePointer?
            var others: OpaquePointer?
            guard PKCS12_parse(file, password, &key, &certificate, &others) == 1 else { return .refused(Refusal.read()) }
            return .opened(PKCS12Parts(key: key, certificate: certificate, others: others))
        } ?? none
    }

    /// What OpenSSL has left in its queue of errors.
    private struct Refusal {
        var fault: Fault
        /// The algorithms are none that this OpenSSL has at hand.
        var isUnsupported: Bool
        var words: String

        static func read() -> Refusal {
            var isUnsupported = false
            var isMACWrong = false
            var isMACUnknown = false
            var words = ""
            while true {
                let code = ERR_get_error()
                if code == 0 { break }
                let reason = ERR_GET_REASON(code)
                if words.isEmpty, let text = ERR_reason_error_string(code) { words = String(cString: text) }
                isUnsupported = isUnsupported || reason == copenssl_reason_unsupported
                guard ERR_GET_LIB(code) == ERR_LIB_PKCS12 else { continue }
                isMACWrong = isMACWrong || reason == PKCS12_R_MAC_VERIFY_FAILURE
                isMACUnknown = isMACUnknown || reason == PKCS12_R_MAC_GENERATION_ERROR || reason == PKCS12_R_UNKNOWN_DIGEST_ALGORITHM
            }
            return Refusal(
                fault: isMACWrong && !isMACUnknown && !isUnsupported ? .wrongPassword : .damaged(words.isEmpty ? "no reason given" : words),
                isUnsupported: isUnsupported || isMACUnknown, words: words)
        }
    }
}

/// Algorithms that OpenSSL 3 has put aside: RC2 and others, which keychains have sealed .p12 files with for decades.
///
/// They live in a context of their own, so that nothing else in the process begins to accept them.
struct LegacyAlgorithms: @unchecked Sendable {
    // `@unchecked`: OpenSSL's contexts may be used from several threads at once; it is never freed.
    let context: OpaquePointer

    /// Nil where this OpenSSL has no such provider.
    init?(provider: String) {
        guard let context = OSSL_LIB_CTX_new() else { return nil }
        guard OSSL_PROVIDER_load(context, provider) != nil, OSSL_PROVIDER_load(context, "default") != nil else {
            OSSL_LIB_CTX_free(context)
            ERR_clear_error()
            return nil
        }
        self.context = context
    }

    static let shared = LegacyAlgorithms(provider: "legacy")
}
