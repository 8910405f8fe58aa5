import COpenSSL
import Domain

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// What an X.509 certificate says, taken out of OpenSSL's hands.
struct CertificateContents: Sendable, Hashable {
    /// By RFC 2253: `CN=Apple Push Services: com.example.app,UID=com.example.app`.
    var subject: String
    var issuer: String
    /// The subject's UID; in Apple's push certificates the bundle id.
    var userID: String?
    var notBefore: Timestamp
    var notAfter: Timestamp
    private var extensions: [String: [UInt8]]

    /// The value of an extension, by its object identifier; nil where the certificate has none such.
    func value(of oid: String) -> [UInt8]? { extensions[oid] }

    /// Nil for a certificate without readable dates.
    init?(_ certificate: OpaquePointer) {
        guard let notBefore = Self.time(X509_get0_notBefore(certificate)), let notAfter = Self.time(X509_get0_notAfter(certificate)) else {
            return nil
        }
        self.notBefore = notBefore
        self.notAfter = notAfter
        let name = X509_get_subject_name(certificate)
        subject = Self.text(name)
        issuer = Self.text(X509_get_issuer_name(certificate))
        userID = Self.entry(NID_userId, of: name)
        extensions = [:]
        for index in 0..<X509_get_ext_count(certificate) {
            guard let ext = X509_get_ext(certificate, index), let value = X509_EXTENSION_get_data(ext) else { continue }
            extensions[Self.oid(X509_EXTENSION_get_object(ext))] = Self.bytes(value)
        }
    }

    private static func time(_ time: UnsafePointer<ASN1_TIME>?) -> Timestamp? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Timestamp(seconds: Int64(timegm(&parts)))
    }

    private static func text(_ name: OpaquePointer?) -> String {
        guard let name, let out = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(out) }
        guard X509_NAME_print_ex(out, name, 0, copenssl_name_rfc2253) >= 0 else { return "" }
        var buffer = [UInt8](repeating: 0, count: BIO_ctrl_pending(out))
        let count = BIO_read(out, &buffer, Int32(clamping: buffer.count))
        return String(decoding: buffer.prefix(Int(max(count, 0))), as: UTF8.self)
    }

    private static func entry(_ nid: Int32, of name: OpaquePointer?) -> String? {
        let index = X509_NAME_get_index_by_NID(name, nid, -1)
        guard index >= 0, let entry = X509_NAME_get_entry(name, index), let value = X509_NAME_ENTRY_get_data(entry) else { return nil }
        let text = String(decoding: bytes(value), as: UTF8.self)
        return text.isEmpty ? nil : text
    }

    private static func oid(_ object: OpaquePointer?) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        let count = OBJ_obj2txt(&buffer, Int32(buffer.count), object, 1)
        return String(decoding: buffer.prefix(Int(max(0, min(count, 127)))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func bytes(_ string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        Array(UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(max(0, ASN1_STRING_length(string)))))
    }
}
